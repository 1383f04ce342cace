package cli

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"wirobatch/pipeline/journal"
)

// after is a moment of a run that began at noon.
func after(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

func TestPaceSaysNothingWhenItCannotKnow(t *testing.T) {
	p := pace{begun: noon}
	quiet := func(at float64, why string) {
		t.Helper()
		if got := p.at(after(at)); got.perMinute() != 0 || got.left(100) != 0 {
			t.Errorf("%s: %.1f/min, %v left", why, got.perMinute(), got.left(100))
		}
	}
	quiet(60, "nothing has ended")
	p.note(after(60), 1)
	p.note(after(61), 2)
	quiet(62, "two have ended")
	p = pace{begun: noon}
	p.note(after(0.2), 40)
	quiet(0.3, "what was over at once says nothing of the rest")
	p = pace{begun: noon, count: 500}
	p.note(after(60), 500)
	quiet(61, "what earlier starts did")
}

// Cells that are submitted together end together: at no moment does that make the estimate jump.
func TestPaceOfBursts(t *testing.T) {
	const slots, takes, cells = 40, 60.0, 2000
	p := pace{begun: noon}
	for now := 0.2; now < takes*cells/slots; now += 0.2 {
		done := slots * int((now+1e-6)/takes)
		p.note(after(now), done)
		if done == 0 {
			continue
		}
		want := takes*cells/slots - now
		got := p.at(after(now)).left(cells - done).Seconds()
		if math.Abs(got-want) > 2 {
			t.Fatalf("after %.1f s: %.1f s left, not %.1f", now, got, want)
		}
	}
}

// The estimate follows tasks of any duration, and a change of their pace, within minutes.
func TestPaceOfChance(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	p, now, done := pace{begun: noon}, 0.0, 0
	live := func(each float64, n int) {
		for range n {
			now += chance.ExpFloat64() * each
			done++
			p.note(after(now), done)
		}
	}
	holds := func(each, tolerance float64) {
		t.Helper()
		if got := 60 / p.at(after(now)).perMinute(); math.Abs(got-each) > tolerance*each {
			t.Errorf("one each %.2f s, not %.2f", got, each)
		}
	}
	live(0.5, 3000)
	holds(0.5, 0.15)
	live(5, 70) // more than five minutes
	holds(5, 0.3)
	live(200, 25) // by the last twenty
	holds(200, 0.5)
	if n := len(p.ends); n > paceKept {
		t.Errorf("%d ends are kept", n)
	}
	live(0.01, 3*paceKept)
	if n := len(p.ends); n > paceKept {
		t.Errorf("%d ends are kept", n)
	}
	holds(0.01, 0.15)
}

// A silence that is longer than any before is told, and nothing is foreseen.
func TestPaceOfSilence(t *testing.T) {
	p := pace{begun: noon}
	for i := range 60 {
		p.note(after(float64(i+1)), i+1)
	}
	if got := p.at(after(62)); got.left(60).Round(time.Second) != time.Minute-time.Second+time.Second || !got.calm() {
		t.Errorf("after a moment: %v, calm %v", got.left(60), got.calm())
	}
	if got := p.at(after(180)); got.left(60) != 0 || got.rate() != "nothing has ended for 2m" {
		t.Errorf("after two minutes: %v, %q", got.left(60), got.rate())
	}
}

// Of a journal, the ends of the last hour are read: then the first of them is where measuring begins.
func TestPaceFromTheJournal(t *testing.T) {
	var ends []journal.Ends
	for i := range 10 {
		ends = append(ends, journal.Ends{At: after(float64(600 * (i + 1))), N: 2})
	}
	whole := since(noon, noon.Add(-time.Hour), ends).at(after(6000))
	part := since(noon.Add(-24*time.Hour), noon, ends).at(after(6000))
	if whole.each != 5*time.Minute || part.each != 5*time.Minute {
		t.Errorf("one each %v, and %v", whole.each, part.each)
	}
	if got := whole.rate(); got != "12/h" {
		t.Errorf("%q", got)
	}
}
