package sandbox

import (
	"container/heap"
	"time"
)

// workers are the machines that tasks run on, each known by when it will be free. A task is given
// its place when it is made, so that its timeline never changes; the price of that is that the
// place of a killed task stays empty.
type workers struct{ free dueHeap }

func newWorkers(n int) workers {
	w := workers{}
	for i := range n {
		w.free = append(w.free, due{0, int32(i)}) // all zero: a heap already
	}
	return w
}

// take gives a task that could start at ready the next free worker for some time, and returns when
// it really starts. Without workers there is no queue.
func (w *workers) take(ready, busy time.Duration) time.Duration {
	if len(w.free) == 0 {
		return ready
	}
	at := max(ready, w.free[0].at)
	w.free[0].at = at + busy
	heap.Fix(&w.free, 0)
	return at
}
