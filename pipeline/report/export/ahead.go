package export

import (
	"context"
	"io"
	"iter"

	"golang.org/x/sync/semaphore"
)

// readAhead is how many bytes of files are read before they are written.
const readAhead = 2 * inMemory

// ahead reads the files of samples that are wanted while those before them are written.
func ahead(ctx context.Context, samples iter.Seq2[Sample, error], wanted func(Sample) bool) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		reading, leave := context.WithCancel(ctx)
		room := semaphore.NewWeighted(readAhead)
		coming := make(chan coming, 64)
		go func() {
			defer close(coming)
			for s, err := range samples {
				c := next(reading, room, s, err, wanted)
				select {
				case coming <- c:
				case <-reading.Done():
					c.end()
					return
				}
			}
		}()
		defer func() { // the folders may be closed after this
			leave()
			for c := range coming {
				c.end()
			}
		}()
		for c := range coming {
			more := yield(c.s, c.err)
			c.end()
			if !more {
				return
			}
		}
		if err := ctx.Err(); err != nil { // the rest may be missing
			yield(Sample{}, err)
		}
	}
}

// coming is a sample whose file is being read.
type coming struct {
	s    Sample
	err  error
	over func() // waits until it is read, and gives the room free; nil where it is not
}

func (c coming) end() {
	if c.over != nil {
		c.over()
	}
}

// next begins to read the file of a sample that is wanted, once there is room.
func next(ctx context.Context, room *semaphore.Weighted, s Sample, err error, wanted func(Sample) bool) coming {
	if err != nil || !wanted(s) {
		return coming{s: s, err: err}
	}
	if s.Size < 0 || s.Size > inMemory || room.Acquire(ctx, s.Size) != nil {
		s.Open = func() (io.ReadCloser, error) { return deliver(s) }
		return coming{s: s}
	}
	var body io.ReadCloser
	var failed error
	ready := make(chan struct{})
	go func(s Sample) {
		defer close(ready)
		body, failed = deliver(s)
	}(s)
	s.Open = func() (io.ReadCloser, error) {
		<-ready
		return body, failed
	}
	return coming{s: s, over: func() {
		<-ready
		room.Release(s.Size)
	}}
}
