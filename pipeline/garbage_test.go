package pipeline

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

func TestPaceCollector(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 4 << 20: 400, 16 << 20: 200, 32 << 20: 100, 100 << 20: 32, 1 << 40: 25} {
		if got := collectorPercent(live); got != want {
			t.Errorf("%d MB live: %d %%, not %d", live>>20, got, want)
		}
	}
	percent := func() uint64 {
		s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before := percent()
	stop := PaceCollector()
	lives := make([]byte, 64<<20)
	for n := 0; percent() > 50 && n < 10_000; n++ { // it comes some time after a collection
		runtime.GC()
	}
	if got := percent(); got > 50 {
		t.Errorf("%d %% with %d MB live", got, len(lives)>>20)
	}
	runtime.KeepAlive(lives)
	stop()
	if got := percent(); got != before {
		t.Errorf("left at %d %%, found at %d %%", got, before)
	}
}
