package pipeline

import (
	"context"
	"errors"
	"fmt"
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
	// ahead is how many outputs of mean size there must be room for, for each slot.
	ahead = 10
	// spaceEvery is how often the disk is asked.
	spaceEvery = time.Second
)

// space knows how much room a run needs. What is delivered teaches it the size of an output.
type space struct {
	dir     string
	min     int64
	mu      sync.Mutex
	asked   time.Time
	outputs int64
	bytes   int64
}

func newSpace(dir string, least int64) space {
	if least == 0 {
		least = minFree
	}
	return space{dir: dir, min: least}
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
