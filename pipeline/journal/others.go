package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// What follows is what another run asks a journal that it has opened for reading: which tasks are taken, and which may yet be.

// Intent is a submit whose answer may be under way.
type Intent struct {
	Model       string
	Params      []Param
	NewestKnown string // the newest task known when it was written
}

// Owner is how a cell came by its task.
type Owner struct {
	Cell        string // its id
	Model       string
	Params      []Param
	NewestKnown string // the newest task known at its intent
	Found       bool   // in the list: the answer to its submit was lost
	IntendedAt  time.Time
	Token       string // of its task, "" when it is not known
}

// OpenFinished opens a journal that no run has and that has no log, where nothing can be written: there, OpenReadOnly finds no
// place for the index of a log. Whoever calls it sees to it that no run begins meanwhile, or reads what was before that.
func OpenFinished(ctx context.Context, dir string) (*Journal, error) {
	path := filepath.Join(dir, FileName)
	db, err := openDatabase(path, frozen, readerPragmas)
	if err != nil {
		return nil, err
	}
	return readOnly(ctx, path, db)
}

// OpenToLook opens a journal for somebody who looks at it once: as OpenReadOnly, and as OpenFinished where nothing can be written. What
// a run writes there meanwhile may not show.
func OpenToLook(ctx context.Context, dir string) (*Journal, error) {
	j, err := OpenReadOnly(ctx, dir)
	if !unindexed(err) {
		return j, err
	}
	path := filepath.Join(dir, FileName)
	if log, e := os.Stat(path + "-wal"); errors.Is(e, fs.ErrNotExist) || e == nil && log.Size() == 0 {
		return OpenFinished(ctx, dir)
	}
	return nil, unread(path, fmt.Errorf("its log has no index, and none can be made in a folder that is only read: copy the folder, and look at the copy: %w", err))
}

// Service is what the folder is bound to.
func (j *Journal) Service(ctx context.Context) (string, error) {
	service, err := meta(ctx, j.reader, "service")
	return service, unread(j.path, err)
}

// Intents gives the unanswered submits of the start that has the folder, as far as they were made since. Those of starts before
// it were lost.
func (j *Journal) Intents(ctx context.Context, since time.Time) (all []Intent, err error) {
	rows, err := j.reader.QueryContext(ctx, `SELECT c.model, c.params, coalesce(a.newest_known, '')
		FROM cells c JOIN attempts a ON a.cell = c.key AND a.attempt = c.attempt
		WHERE c.state = 'intended' AND c.run = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'run') AND a.intended_at >= ?`, at(since))
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var i Intent
		var params []byte
		if err := rows.Scan(&i.Model, &params, &i.NewestKnown); err != nil {
			return nil, unread(j.path, err)
		}
		if i.Params, err = decodeParams(params); err != nil {
			return nil, unread(j.path, err)
		}
		all = append(all, i)
	}
	return all, unread(j.path, rows.Err())
}

// Owner tells whose a task is, if it is any cell's.
func (j *Journal) Owner(ctx context.Context, task string) (o Owner, known bool, err error) {
	var params []byte
	var intended sql.NullString
	err = j.reader.QueryRowContext(ctx, `SELECT c.id, c.model, c.params, coalesce(a.newest_known, ''), a.submitted_at IS a.intended_at, a.intended_at, coalesce(a.task_token, '')
		FROM attempts a JOIN cells c ON c.key = a.cell WHERE a.task_id = ? AND a.state <> 'lost'`, task).Scan(&o.Cell, &o.Model, &params, &o.NewestKnown, &o.Found, &intended, &o.Token)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return o, false, nil
	case err != nil:
		return o, false, unread(j.path, err)
	}
	o.IntendedAt = parseTime(intended)
	o.Params, err = decodeParams(params)
	return o, true, unread(j.path, err)
}
