package pipeline

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// What lives is little in a run of few tasks, and to collect what it leaves all the time costs a fifth of the processor. Of
// thousands in flight the stacks alone are a hundred megabytes, and as much garbage again would double the process.
const (
	garbage      = 32 << 20 // about what may lie about, in bytes
	leastPercent = 25       // of what lives
	mostPercent  = 400
)

// PaceCollector lets the program collect its garbage by what lives in it, until stop. A program that runs nothing but a Run
// calls it; it sets what [debug.SetGCPercent] does.
func PaceCollector() (stop func()) {
	before := debug.SetGCPercent(mostPercent)
	var mu sync.Mutex
	over := false
	afterCollection(func() (again bool) {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return false
		}
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(collectorPercent(live[0].Value.Uint64() + live[1].Value.Uint64()))
		return true
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		debug.SetGCPercent(before)
	}
}

func collectorPercent(live uint64) int {
	return int(min(max(garbage*100/max(live, 1), leastPercent), mostPercent))
}

// afterCollection calls do after each collection, for as long as it says so.
func afterCollection(do func() (again bool)) {
	runtime.SetFinalizer(new([16]byte), func(*[16]byte) {
		if do() {
			afterCollection(do)
		}
	})
}
