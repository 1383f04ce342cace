package sandbox

import (
	"math"
	"time"
)

// Span is a triangular distribution of seconds: never under Least or over Most, mostly near Typical.
type Span struct{ Least, Typical, Most float64 }

// Exactly is a span without chance.
func Exactly(seconds float64) Span { return Span{seconds, seconds, seconds} }

// at is the value whose share of smaller values is u, in [0, 1).
func (p Span) at(u float64) time.Duration {
	width := p.Most - p.Least
	if width <= 0 {
		return seconds(p.Least)
	}
	mode := min(max(p.Typical, p.Least), p.Most)
	if cut := (mode - p.Least) / width; u < cut {
		return seconds(p.Least + math.Sqrt(u*width*(mode-p.Least)))
	}
	return seconds(p.Most - math.Sqrt((1-u)*width*(p.Most-mode)))
}

// Timing says how long each phase of a task takes, in seconds of the sandbox's clock.
type Timing struct {
	Queue       Span // created → accepted, besides waiting for a worker
	Preprocess  Span // accepted → started: inputs, and loading the model
	Run         Span // started → ended
	Postprocess Span // ended → outputs ready
}

// DefaultTiming is near the sample of the model page: accepted at once, two seconds to the start,
// four of running, one of postprocessing.
var DefaultTiming = Timing{
	Queue:       Span{0, 0.2, 1.5},
	Preprocess:  Span{1, 2, 3},
	Run:         Span{3, 4, 6},
	Postprocess: Span{0.4, 1, 1.6},
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
