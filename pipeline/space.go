package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

const (
	// minFree stays free beside what downloads need: the journal must be able to write to the very end, and so should
	// others on this disk.
	minFree = 200 << 20
	// maxKept is, at most, the part of it that is the journal's alone: with less, files are not written any more.
	maxKept = 16 << 20
	// ahead is how many outputs of mean size there must be room for, for each slot.
	ahead = 10
	// spaceEvery is how often the disk is asked.
	spaceEvery = time.Second
)

// space knows how much room a run needs. What is delivered teaches it the size of an output.
type space struct {
	dir      string
	min      int64
	kept     int64 // the journal's
	mu       sync.Mutex
	asked    time.Time
	outputs  int64
	bytes    int64
	free     int64 // at measured, less what was written since
	measured time.Time
}

func newSpace(dir string, least int64) space {
	if least == 0 {
		least = minFree
	}
	return space{dir: dir, min: least, kept: min(least/8, maxKept)}
}

// room refuses a start that could not keep what it would pay for. Tasks that are there already may be followed and fetched
// with less.
func (r *Run) room(ctx context.Context, whole bool) error {
	short := r.space.check(r.gate.slots)
	if short == nil || !whole {
		return short
	}
	counts, err := r.journal.Counts(ctx)
	if err != nil || counts.States[journal.Pending] > 0 {
		return errors.Join(err, short)
	}
	return nil
}

// delivered notes the size of an output.
func (s *space) delivered(bytes int64) {
	s.mu.Lock()
	s.outputs++
	s.bytes += bytes
	s.mu.Unlock()
}

// Write takes room for bytes of a file that are about to be written. It asks the disk once a second, and before it refuses:
// what others write may be a second old, what downloads do is known.
func (s *space) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept <= 0 {
		return len(p), nil
	}
	left := s.free - int64(len(p))
	if now := time.Now(); left < s.kept || now.Sub(s.measured) >= spaceEvery {
		free, ok := durable.Free(s.dir)
		if !ok {
			free = math.MaxInt64
		}
		left, s.measured = free-int64(len(p)), now
	}
	if left < s.kept {
		return 0, &durable.Error{Doing: "write a file in " + s.dir, Err: fmt.Errorf(
			"the last %s of the disk are kept for the journal", humanize.Bytes(uint64(s.kept)))}
	}
	s.free = left
	return len(p), nil
}

// check asks the disk, once a second at most, whether there is room for more tasks in so many slots.
func (s *space) check(slots int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.min < 0 || now.Sub(s.asked) < spaceEvery {
		return nil
	}
	s.asked = now
	free, ok := durable.Free(s.dir)
	need := s.min
	if s.outputs > 0 {
		need += s.bytes / s.outputs * ahead * int64(slots)
	}
	if !ok || free >= need {
		return nil
	}
	return &durable.Error{Doing: "there is too little room for more in " + s.dir, Err: fmt.Errorf(
		"%s are free, %s must be (%s that stay free, and %d times what is under way)",
		humanize.Bytes(uint64(max(free, 0))), humanize.Bytes(uint64(need)), humanize.Bytes(uint64(s.min)), ahead)}
}
