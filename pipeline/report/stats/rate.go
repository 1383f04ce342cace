package stats

import "gonum.org/v1/gonum/stat/distuv"

// Rate is how many of the cells that have ended are done. Without one that has ended it is not known.
type Rate struct {
	Done, Ended int
	In          Interval // exact, by Clopper and Pearson
}

// Share is that of what has ended.
func (r Rate) Share() float64 { return float64(r.Done) / float64(r.Ended) }

func rate(done, ended int, confidence float64) Rate {
	r := Rate{Done: done, Ended: ended, In: Interval{0, 1}}
	tail := (1 - confidence) / 2
	if done > 0 {
		r.In.Low = distuv.Beta{Alpha: float64(done), Beta: float64(ended - done + 1)}.Quantile(tail)
	}
	if done < ended {
		r.In.High = distuv.Beta{Alpha: float64(done + 1), Beta: float64(ended - done)}.Quantile(1 - tail)
	}
	return r
}
