package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"wirobatch/pipeline/durable"
)

// inMemory is how large a file is read at once; larger ones are read twice.
const inMemory = 16 << 20

var wholeSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// deliver opens the file of a sample, whole and as it was delivered, with what is to be embedded. A file that is not is a *Damaged.
func deliver(s Sample) (io.ReadCloser, error) {
	f, err := openDelivered(s)
	if err != nil {
		return nil, err
	}
	if s.File.Bytes <= inMemory {
		defer f.Close()
		data, err := readWhole(f, s)
		if err != nil {
			return nil, err
		}
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	if err := sumUp(f, s); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, unread(s, err)
	}
	body := &verified{f: f, s: s, h: sha256.New()}
	if len(s.text) == 0 {
		return body, nil
	}
	head := make([]byte, pngHead)
	if _, err := io.ReadFull(body, head); err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), bytes.NewReader(s.text), body), body}, nil
}

// openDelivered takes nothing but a file within the folder: a pipe could be waited for without end.
func openDelivered(s Sample) (*os.File, error) {
	name := filepath.FromSlash(s.File.Path)
	switch {
	case !filepath.IsLocal(name):
		return nil, s.damaged("its name in the journal leads out of the folder")
	case !wholeSum.MatchString(s.File.SHA256):
		return nil, s.damaged("the journal has no checksum of it")
	}
	info, err := s.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.damaged("it is missing")
	case err != nil && strings.Contains(err.Error(), "escapes"): // os.Root has no error value for it
		return nil, s.damaged("it is a link that leads out of the folder")
	case err != nil:
		return nil, unread(s, err)
	case !info.Mode().IsRegular():
		return nil, s.damaged("it is no file")
	case info.Size() != s.File.Bytes:
		return nil, s.damaged(fmt.Sprintf("it has %d bytes, and %d were delivered", info.Size(), s.File.Bytes))
	}
	f, err := s.root.Open(name)
	if err != nil {
		return nil, unread(s, err)
	}
	return f, nil
}

// readWhole reads and verifies in one go.
func readWhole(f io.Reader, s Sample) ([]byte, error) {
	data := make([]byte, s.Size)
	body, before := data, 0
	if len(s.text) > 0 {
		before = pngHead
		body = data[len(s.text):]
	}
	n, err := io.ReadFull(f, body)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return nil, unread(s, err)
	}
	if sum := sha256.Sum256(body); n < len(body) || hex.EncodeToString(sum[:]) != s.File.SHA256 {
		return nil, s.damaged(otherSum)
	}
	copy(data, body[:before])
	copy(data[before:], s.text)
	return data, nil
}

const otherSum = "it is not as it was delivered: its checksum differs"

func sumUp(f io.Reader, s Sample) error {
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return unread(s, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != s.File.SHA256 {
		return s.damaged(otherSum)
	}
	return nil
}

// verified is a file that was seen to be whole, and must still be.
type verified struct {
	f *os.File
	s Sample
	h interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.f.Read(p)
	v.h.Write(p[:n])
	switch {
	case err == io.EOF && hex.EncodeToString(v.h.Sum(nil)) != v.s.File.SHA256:
		return n, unread(v.s, errors.New("it was changed while it was read"))
	case err != nil && err != io.EOF:
		return n, unread(v.s, err)
	}
	return n, err
}

func (v *verified) Close() error { return v.f.Close() }

func (s Sample) damaged(why string) error {
	return &Damaged{Folder: s.Folder, Cell: s.Row.ID, Path: s.File.Path, Why: why}
}

func unread(s Sample, err error) error {
	return durable.NewError("read", filepath.Join(s.Dir, filepath.FromSlash(s.File.Path)), err)
}
