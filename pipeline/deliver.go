package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/watch"
	"wirobatch/wiro"
)

// deliver brings every output of a task to disk, and returns when they are durable.
func (r *Run) deliver(ctx context.Context, cell journal.Cell, task wiro.Task) ([]journal.File, error) {
	if len(task.Outputs) == 0 {
		return nil, errors.New("the task succeeded without an output")
	}
	if err := r.writable(); err != nil {
		return nil, err
	}
	files := make([]journal.File, 0, len(task.Outputs))
	for n, out := range task.Outputs {
		file, err := r.output(ctx, cell, n, out)
		if err != nil {
			return nil, fmt.Errorf("output %d: %w", n, err)
		}
		files = append(files, file)
	}
	return files, nil
}

// output brings one output, in as many tries as passing trouble may take. A size that is not the task's may be the fault
// of either: when another try brings the same bytes, they are kept with a warning.
func (r *Run) output(ctx context.Context, cell journal.Cell, n int, out wiro.Output) (journal.File, error) {
	var before string // what the last complete try brought
	for try := 1; ; try++ {
		file, err := r.try(ctx, cell, n, out)
		var e *wiro.Error
		switch final := errors.As(err, &e) && e.Disposition() != wiro.Retry; {
		case err == nil && (out.URL == "" || out.Size < 0 || file.Bytes == out.Size):
			return file, nil
		case err == nil && (file.SHA256 == before || try == watch.Tries):
			r.o.Warn(fmt.Sprintf("cell %s: output %d has %d bytes, its task says %d", cell.ID, n, file.Bytes, out.Size))
			return file, nil
		case err == nil:
			before = file.SHA256
		case final || errors.Is(err, errTooLarge) || isDisk(err) || ctx.Err() != nil:
			return file, err
		}
		if err := r.cdn.Again(ctx, try, err); err != nil {
			return file, err
		}
	}
}

// try downloads an output when its turn has come. Text, and a disk that refuses to write, are no matter of the file server.
func (r *Run) try(ctx context.Context, cell journal.Cell, n int, out wiro.Output) (file journal.File, err error) {
	if out.URL == "" {
		return r.download(ctx, cell, n, out)
	}
	var local error
	err = r.cdn.Try(ctx, r.cdn.Hopeless(), func() error {
		select {
		case r.fetching <- struct{}{}:
			defer func() { <-r.fetching }()
		case <-ctx.Done():
			return ctx.Err()
		}
		if local = r.writable(); local != nil { // it may have filled up while this waited
			return nil
		}
		file, err = r.download(ctx, cell, n, out)
		if isDisk(err) {
			local, err = err, nil
		}
		return err
	})
	return file, cmp.Or(err, local)
}

// buffers are those of downloads: one anew for each would be a good part of the garbage of a run.
var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

func (r *Run) download(ctx context.Context, cell journal.Cell, n int, out wiro.Output) (journal.File, error) {
	file := journal.File{N: n, Name: out.Name, URL: out.URL, ContentType: out.ContentType}
	body, size, stop, err := r.open(ctx, out)
	if err != nil {
		return file, err
	}
	defer stop()
	most, err := bound(out, size)
	if err != nil {
		return file, err
	}

	temp, err := durable.Create(r.tmp)
	if err != nil {
		return file, err
	}
	hash := sha256.New()
	buffer := buffers.Get().(*[32 << 10]byte)
	got, err := io.CopyBuffer(io.MultiWriter(&r.space, temp, hash), io.LimitReader(body, most+1), buffer[:])
	buffers.Put(buffer)
	switch {
	case err != nil:
	case got > most:
		err = fmt.Errorf("%w: it goes on after %d bytes, the most for what its task says", errTooLarge, most)
	case size >= 0 && got != size:
		err = fmt.Errorf("%d bytes came, %d were announced", got, size)
	case got == 0 && out.Content == "":
		err = errors.New("it is empty")
	}
	var kind content
	if err == nil {
		kind, err = sniff(temp, got, out)
	}
	if err == nil && out.URL != "" && out.Size >= 0 && got != out.Size && breaksOff(temp, got, kind.mime) {
		err = fmt.Errorf("it breaks off after %d bytes, its task says %d", got, out.Size)
	}
	if err != nil {
		temp.Discard()
		return file, err
	}
	name, err := manifest.FileName(r.o.Manifest.Output.Files, manifestCell(cell), n, kind.ext)
	if err != nil {
		temp.Discard()
		return file, fmt.Errorf("file name: %w", err)
	}
	file.Path = "images/" + name
	if err := temp.Commit(filepath.Join(r.o.Out, filepath.FromSlash(file.Path))); err != nil {
		return file, err
	}
	r.space.delivered(got)
	file.ContentType, file.Bytes, file.Width, file.Height = kind.mime, got, kind.width, kind.height
	file.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return file, nil
}

// open gives the bytes of an output and their announced number, −1 for none. Text models answer in the task itself.
func (r *Run) open(ctx context.Context, out wiro.Output) (io.Reader, int64, func(), error) {
	if out.URL == "" {
		return strings.NewReader(out.Content), -1, func() {}, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	res, err := r.client.Fetch(ctx, out.URL)
	if err != nil {
		cancel(nil)
		return nil, 0, nil, err
	}
	timer := time.AfterFunc(idle, func() { cancel(fmt.Errorf("no byte came for %v", idle)) })
	stop := func() {
		timer.Stop()
		res.Body.Close()
		cancel(nil)
	}
	return &boundedReader{r: res.Body, ctx: ctx, timer: timer, since: time.Now()}, res.ContentLength, stop, nil
}

// content is what the bytes say of themselves; what the server says of them is not believed.
type content struct {
	mime, ext     string
	width, height int
}

func sniff(f *durable.File, size int64, out wiro.Output) (content, error) {
	head := make([]byte, min(size, 512))
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return content{}, err
	}
	if out.URL == "" {
		return content{mime: "text/plain", ext: ".txt"}, nil
	}
	mime, _, _ := strings.Cut(http.DetectContentType(head), ";")
	declared, _, _ := strings.Cut(strings.ToLower(out.ContentType), ";")
	if mime == "text/html" && declared != "text/html" {
		return content{}, fmt.Errorf("an HTML page came in place of %s", declared)
	}
	if strings.HasPrefix(declared, "image/") && strings.HasPrefix(mime, "text/") && !bytes.Contains(head, []byte("<svg")) {
		return content{}, fmt.Errorf("text came in place of %s", declared)
	}
	c := content{mime: mime, ext: extension(mime, declared)}
	if c.mime == "application/octet-stream" && extensions[declared] != "" {
		c.mime = declared // a format that the sniffer does not know, such as AVIF
	}
	if strings.HasPrefix(mime, "image/") {
		c.width, c.height = dimensions(io.NewSectionReader(f, 0, size))
	}
	return c, nil
}
