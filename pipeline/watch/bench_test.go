package watch

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// What the leader does at each wake, with thousands of tasks watched of which few are due.
func BenchmarkLeader(b *testing.B) {
	for _, asked := range []Mode{Websocket, List, Detail} {
		for _, n := range []int{100, 1000, 5000} {
			b.Run(fmt.Sprint(asked, " ", n), func(b *testing.B) {
				line := NewLine(Reserve, nil, nil)
				k := &looks{
					api: line, lists: line.Branch(), mode: &mode{asked: asked, changed: make(chan struct{})}, bound: rate.NewLimiter(rate.Inf, 1),
					kick: make(chan struct{}, 1), watched: map[string]*watched{}, crowd: 1, ctx: b.Context(),
				}
				later := time.Now().Add(time.Hour)
				for i := range n {
					v := &watched{Target: Target{ID: fmt.Sprint(100000 + i)}, wish: wish{due: later.Add(time.Duration(i) * time.Millisecond), until: later}}
					k.enrol(v)
					k.watched[v.ID] = v
				}
				b.ReportAllocs()
				for b.Loop() {
					k.soonest()
					if calls := k.plan(time.Now()); len(calls) > 0 {
						b.Fatal("nothing is due")
					}
				}
			})
		}
	}
}
