package watch

import "time"

const (
	quietLeast = 30 * time.Second // without a frame are no reason for doubt, however dense they came before
	quietMost  = 5 * time.Minute
	missedMost = 3 // ends in a row that were not told
	missedFor  = 3 * time.Second
)

// hearing is how well a connection tells what it should. Tasks that wait or run for long make silence usual, so silence
// alone is no proof of a fault: it is a doubt, that the next frame ends. The proof is that tasks have ended, and none of
// their ends was told.
type hearing struct {
	on      bool
	proved  bool          // a frame of ours has come on this connection
	last    time.Time     // frame, or since when one could have come
	longest time.Duration // between two frames, on any connection
	missed  int           // ends that others saw, since the last that was told
	missing time.Time     // since the first of those
}

func (h *hearing) open(now time.Time) {
	h.on, h.proved, h.last, h.missed = true, false, now, 0
}

// frame notes one of ours.
func (h *hearing) frame(now time.Time, last bool) {
	h.longest = max(h.longest, now.Sub(h.last))
	h.proved, h.last = true, now
	if last {
		h.missed = 0
	}
}

// miss notes a task that was followed to its end, and that the connection has not told.
func (h *hearing) miss(now time.Time) {
	if h.missed++; h.missed == 1 {
		h.missing = now
	}
}

// good reports whether ends can be expected to be told, with so many tasks to hear of.
func (h *hearing) good(now time.Time, tasks int) bool {
	quiet := clamp(2*h.longest, quietLeast, quietMost)
	return h.on && h.proved && (tasks == 0 || now.Sub(h.last) <= quiet) && !h.silent(now)
}

// silent reports whether ends are not told, although tasks end: a connection like that is of no use. A few that were seen
// before they were told are no proof.
func (h *hearing) silent(now time.Time) bool {
	return h.missed >= missedMost && now.Sub(h.missing) >= missedFor
}
