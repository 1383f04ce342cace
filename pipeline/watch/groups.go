package watch

import "math"

// group gives the plan for tasks like t, made anew when there is enough news; nil when no task of its model has ended.
func (s *schedule) group(t Target) *group {
	m := s.models[t.Model]
	if m == nil {
		return nil
	}
	if s.due(m) {
		m.plans = map[uint64]*group{}
		axis, groups := m.divide()
		m.axis, m.planned = axis, m.total
		rest := 1.0
		for v, spans := range groups {
			g := &group{share: float64(len(spans)) / float64(len(m.ends))}
			spans = recent(spans)
			for _, e := range spans {
				g.mean += e.middle() / float64(len(spans))
			}
			g.law = learned(spans)
			m.plans[v] = g
			if v != 0 {
				rest -= g.share
			}
		}
		m.plans[0].share = max(rest, 0)
		s.stale = true
	}
	if s.stale {
		s.replan()
	}
	if m.axis >= 0 {
		if g := m.plans[m.value(t.Params, m.names[m.axis])]; g != nil {
			return g
		}
	}
	return m.plans[0]
}

// due tells whether enough tasks have ended since the plans of a model were made.
func (s *schedule) due(m *model) bool {
	news := m.total - m.planned
	if m.plans == nil || news == 0 {
		return m.plans == nil
	}
	enough := max(1, min(m.total/8, replanned))
	if m.total > replanned { // then tasks of milliseconds do not keep the machine planning
		enough = max(enough, int(planEvery.Seconds()*float64(s.inFlight)/m.plans[0].mean))
	}
	return news >= enough
}

// replan makes all plans for the price that keeps all looks within the rate: the more tasks are watched, the dearer a
// look. One price for all tasks puts the looks where they save most time. Where a price just too low and one just high
// enough give different plans, a part of the tasks follows those of the first.
func (s *schedule) replan() {
	s.stale, s.priced, s.least, s.rash = false, s.every(), 0, 0
	// at gives how much longer tasks take than their looks need, all together.
	at := func(price float64, which int) (spare float64) {
		for _, m := range s.models {
			for _, g := range m.plans {
				p := inspect(g.law, max(price, worth*g.mean, costs))
				spare += g.share * float64(len(m.ends)) * (g.mean + p.late - s.priced*p.looks)
				g.plans[which] = p
			}
		}
		return spare
	}
	if at(0, calm) >= 0 {
		return
	}
	low, high := costs, 1e6
	for high/low > 1.02 {
		if middle := math.Sqrt(low * high); at(middle, calm) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	spare, lack := at(high, calm), at(low, rash)
	if spare < 0 {
		s.least = s.priced
	} else if lack < 0 {
		s.rash = spare / (spare - lack)
	}
}
