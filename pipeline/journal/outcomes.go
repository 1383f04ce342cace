package journal

import "context"

// Outcomes gives cells as they end: done, failed, cancelled, held, or submitted when paid but not delivered. Only what ends after the first call
// is given, and the channel is closed by Close. It must be read to its end: a reader that is far behind holds up Finish.
func (j *Journal) Outcomes() <-chan Row {
	j.mu.Lock()
	j.heard = true
	j.mu.Unlock()
	return j.outcomes
}

func (j *Journal) emit(ctx context.Context, row Row) {
	j.mu.Lock()
	heard := j.heard
	j.mu.Unlock()
	j.sending.RLock()
	if j.closed || !heard {
		j.sending.RUnlock()
		return
	}
	j.emitting.Add(1)
	j.sending.RUnlock()
	defer j.emitting.Done()
	select {
	case j.outcomes <- row:
		return
	default:
	}
	select {
	case j.outcomes <- row:
	case <-ctx.Done(): // the row is in the journal; only its announcement is dropped
	case <-j.closing:
	}
}
