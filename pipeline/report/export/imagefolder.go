package export

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"wirobatch/pipeline/durable"
)

// imageFolder is a folder of pictures, or one for each split, with a metadata.jsonl beside them.
type imageFolder struct {
	w        *Work
	metadata map[string]*lines // by folder
}

const metadataFile = "metadata.jsonl"

// lines is a file of lines that has its name at the end.
type lines struct {
	name string
	f    *durable.File
	*bufio.Writer
}

func (w *Work) lines(name string) (*lines, error) {
	f, err := w.Create()
	if err != nil {
		return nil, err
	}
	return &lines{name, f, bufio.NewWriterSize(f, 1<<16)}, nil
}

func (l *lines) close(w *Work) error {
	if err := l.Flush(); err != nil {
		return err
	}
	return l.f.Commit(w.Path(l.name))
}

func newImageFolder(w *Work, o Options) (Writer, error) {
	return &imageFolder{w, map[string]*lines{}}, nil
}

func (i *imageFolder) Add(_ context.Context, s Sample) error {
	folder, name := "", s.Key+"."+endingOf(s.File)
	if s.Split != "" {
		folder = s.Split + "/"
	}
	if err := i.copy(s, folder+name); err != nil {
		return err
	}
	l := i.metadata[folder]
	if l == nil {
		var err error
		if l, err = i.w.lines(folder + metadataFile); err != nil {
			return err
		}
		i.metadata[folder] = l
	}
	l.Write(object(s, [2]string{"file_name", name}, [2]string{"caption", s.Caption}, [2]string{"folder", s.Folder}))
	return l.WriteByte('\n')
}

// copy leaves what an export before has copied.
func (i *imageFolder) copy(s Sample, name string) error {
	body, err := s.Open()
	if damaged := (*Damaged)(nil); errors.As(err, &damaged) && i.w.resumed {
		os.Remove(i.w.Path(name)) // it was whole before
	}
	if err == nil && i.w.resumed {
		there := equal(i.w.Path(name), body)
		if body.Close(); there {
			return nil
		}
		body, err = deliver(s)
	}
	if err != nil {
		return err
	}
	defer body.Close()
	f, err := i.w.Create()
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, body); err != nil {
		f.Discard()
		return err
	}
	return f.Place(i.w.Path(name))
}

// equal compares a file byte by byte: a power cut leaves names that hold less than was written.
func equal(name string, body io.Reader) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	a, b := make([]byte, 1<<16), make([]byte, 1<<16)
	for {
		n, err := io.ReadFull(f, a)
		m, err2 := io.ReadFull(body, b)
		if !bytes.Equal(a[:n], b[:m]) {
			return false
		}
		if err != nil || err2 != nil {
			return err == err2 && (err == io.EOF || err == io.ErrUnexpectedEOF)
		}
	}
}

func (i *imageFolder) Close(context.Context) error {
	for _, l := range i.metadata {
		if err := l.close(i.w); err != nil {
			return err
		}
	}
	return nil
}
