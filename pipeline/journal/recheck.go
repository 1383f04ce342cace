package journal

import (
	"context"
	"database/sql"
)

// recheckSize is how many broken files one write of Recheck records.
const recheckSize = 4000

// brokenFile is a file of a done cell that is not on disk as it was delivered.
type brokenFile struct {
	key int64
	n   int
	why string
}

// Recheck asks broken about each file of the cells that are done, whatever their grid: it says what is wrong with the file, or "".
// Of the File only N, Path, Bytes and SHA256 are set. A cell with a broken file is submitted and undelivered again, with its task
// and its cost: it is leased to be downloaded, and not paid again. Where the service forgets its tasks it is pending instead.
// It gives the number of such cells. An error of broken ends it; what was recorded until then holds.
// Call it, as RetryFailed and Redo, before the first Lease.
func (j *Journal) Recheck(ctx context.Context, broken func(File) (why string, err error)) (n int, err error) {
	defer func() {
		if n > 0 && err == nil {
			err = j.write(func(w *writer) (func(), error) { return j.recount(context.WithoutCancel(ctx), w) })
		}
	}()
	// CROSS: the cells are walked, and not the files. No more is read than is asked: there may be a million.
	rows, err := j.reader.QueryContext(ctx, `SELECT c.key, f.n, f.path, f.bytes, f.sha256
		FROM cells c CROSS JOIN files f ON f.cell = c.key AND f.attempt = c.attempt WHERE c.state = 'done'`)
	if err != nil {
		return 0, unread(j.path, err)
	}
	defer rows.Close()
	var found []brokenFile
	for rows.Next() {
		var b brokenFile
		var f File
		var path, sum sql.NullString
		if err := rows.Scan(&b.key, &f.N, &path, &f.Bytes, &sum); err != nil {
			return n, unread(j.path, err)
		}
		f.Path, f.SHA256 = path.String, sum.String
		if b.why, err = broken(f); err != nil {
			return n, err
		}
		if b.why == "" {
			continue
		}
		b.n = f.N
		if found = append(found, b); len(found) == recheckSize {
			if err := j.lose(found, &n); err != nil {
				return n, err
			}
			found = found[:0]
		}
	}
	if err := rows.Err(); err != nil {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		return n, unread(j.path, err)
	}
	err = j.lose(found, &n)
	return n, err
}

// lose records files that are not on disk, and adds to n the cells that are no longer done.
func (j *Journal) lose(files []brokenFile, n *int) error {
	if len(files) == 0 {
		return nil
	}
	return j.write(func(w *writer) (func(), error) {
		for _, f := range files {
			changed, err := w.exec("UPDATE cells SET state = ?, undelivered = ?, run = ? WHERE key = ? AND state = 'done'",
				string(j.options.lost()), !j.options.Ephemeral, j.run, f.key)
			if err != nil {
				return nil, err
			}
			*n += int(changed)
			if _, err := w.exec(`UPDATE files SET path = NULL WHERE cell = ? AND n = ?
				AND attempt = (SELECT attempt FROM cells WHERE key = cell)`, f.key, f.n); err != nil {
				return nil, err
			}
			if changed == 0 || j.options.Ephemeral { // its first broken file is named; the attempt of a service that is gone is over
				continue
			}
			if _, err := w.exec(`UPDATE attempts SET state = 'submitted', error = ? WHERE cell = ?
				AND attempt = (SELECT attempt FROM cells WHERE key = cell)`, f.why, f.key); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// lost is the state of a cell that was done, and whose files are gone.
func (o Options) lost() State {
	if o.Ephemeral {
		return Pending
	}
	return Submitted
}
