package report

import (
	"context"
	"iter"

	"wirobatch/pipeline/journal"
)

// batch is how many rows are handed over at a time: one by one, that would cost more than it saves.
const batch = 128

type read struct {
	row journal.Row
	err error
}

// ahead gives the rows of the journal, which are read while those before are written: at the end of a run everything waits
// for this.
func ahead(ctx context.Context, j *journal.Journal) iter.Seq2[journal.Row, error] {
	return func(yield func(journal.Row, error) bool) {
		reading, leave := context.WithCancel(ctx)
		batches := make(chan []read, 4)
		go func() {
			defer close(batches)
			var rows []read
			hand := func() (taken bool) {
				select {
				case batches <- rows:
					rows = make([]read, 0, batch)
					return true
				case <-reading.Done():
					return false
				}
			}
			for row, err := range j.Rows(reading) {
				if rows = append(rows, read{row, err}); len(rows) >= batch && !hand() {
					return
				}
			}
			hand()
		}()
		defer func() { // the journal may be closed after this
			leave()
			for range batches {
			}
		}()
		for rows := range batches {
			for _, r := range rows {
				if !yield(r.row, r.err) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil { // the rest may be missing
			yield(journal.Row{}, err)
		}
	}
}
