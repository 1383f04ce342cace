package journal

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"runtime"
)

// groupSize bounds the writes of one transaction.
const groupSize = 512

// foldAt is the size of the log, in bytes, from which on it is folded into the database.
const foldAt = 32 << 20

// write is one caller's part of a transaction. do runs its statements; a refusal that it returns concerns it alone, any other error ends all writing.
// after, when given, runs once the transaction is durable, in the order of the writes and under Journal.mu.
type write struct {
	do    func(*writer) (after func(), err error)
	after func()
	err   error
	done  chan struct{}
}

// writer is the one connection that writes.
type writer struct {
	db     *sql.DB
	conn   *sql.Conn
	fence  *sql.Stmt // the start that holds the folder
	newest string    // newest task id as last stored
	stmts  map[string]*sql.Stmt
}

func openWriter(ctx context.Context, j *Journal) (_ *writer, err error) {
	w := &writer{stmts: map[string]*sql.Stmt{}}
	if w.db, err = openDatabase(j.path, "rwc", writerPragmas); err != nil {
		return nil, err
	}
	if w.conn, err = w.db.Conn(ctx); err != nil {
		w.db.Close()
		return nil, unread(j.path, err)
	}
	if err = migrate(ctx, w.conn, j.path); err == nil {
		w.fence, err = w.conn.PrepareContext(ctx, "SELECT value FROM meta WHERE name = 'run'")
	}
	if err != nil {
		w.abandon(j.path)
		return nil, unread(j.path, err)
	}
	return w, nil
}

// close gives up the connection; as the last one it folds the log into the database.
func (w *writer) close() error {
	for _, s := range w.stmts {
		s.Close()
	}
	if w.fence != nil {
		w.fence.Close()
	}
	w.conn.Close()
	return w.db.Close()
}

// abandon gives up the connection after a failure, and does not fold the log into the database: what a failed sync has
// left unwritten may count as clean, so that another sync on the same descriptor would say that all is well. SQLite folds
// when the last connection closes, so one that may not write outlasts this one. The next start reads what is on disk.
func (w *writer) abandon(path string) {
	ctx := context.Background()
	last, err := openDatabase(path, "ro", readerPragmas)
	if err != nil {
		return // the connection ends with the process
	}
	defer last.Close()
	reading, err := last.Conn(ctx)
	if err != nil {
		return
	}
	defer reading.Close()
	if _, err := schemaVersion(ctx, reading); err == nil { // it has the log open now
		w.close()
	}
}

// exec runs a statement that is prepared once, and tells how many rows it changed.
// No context: a write that has begun is finished.
func (w *writer) exec(query string, args ...any) (int64, error) {
	s, err := w.prepared(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (w *writer) prepared(query string) (s *sql.Stmt, err error) {
	if s = w.stmts[query]; s == nil {
		if s, err = w.conn.PrepareContext(context.Background(), query); err != nil {
			return nil, err
		}
		w.stmts[query] = s
	}
	return s, nil
}

// write hands do over to the writer and returns when it is durable, whatever becomes of the caller's context.
func (j *Journal) write(do func(*writer) (func(), error)) error {
	p, err := j.hand(do)
	if err != nil {
		return err
	}
	<-p.done
	return p.err
}

// hand queues a write without waiting for it.
func (j *Journal) hand(do func(*writer) (func(), error)) (*write, error) {
	j.sending.RLock()
	defer j.sending.RUnlock()
	if j.lock == nil {
		return nil, ErrReadOnly
	}
	if j.closed {
		return nil, ErrClosed
	}
	p := &write{do: do, done: make(chan struct{})}
	j.writes <- p
	return p, nil
}

// serve commits whatever has gathered in one transaction, again and again, until Close.
func (j *Journal) serve(w *writer) {
	defer close(j.written)
	var broken error
	defer func() {
		if _, failed := errors.AsType[*WriteError](broken); failed {
			w.abandon(j.path)
		} else {
			w.close()
		}
	}()
	group := make([]*write, 0, groupSize)
	for first := range j.writes {
		group = append(group[:0], first)
		runtime.Gosched() // callers that the last commit set free come along
	gather:
		for len(group) < groupSize {
			select {
			case p, ok := <-j.writes:
				if !ok {
					break gather
				}
				group = append(group, p)
			default:
				break gather
			}
		}
		if broken == nil {
			broken = j.commit(w, group)
		}
		if broken == nil {
			broken = j.fold(w)
		}
		j.mu.Lock()
		for _, p := range group {
			if broken != nil {
				p.err = broken
			} else if p.after != nil {
				p.after()
			}
		}
		j.err = broken
		j.mu.Unlock()
		j.poke()
		for _, p := range group {
			close(p.done)
		}
	}
}

// commit is one transaction. An error is final: what is on disk after it shows at the next start.
func (j *Journal) commit(w *writer, group []*write) error {
	err := func() error {
		if _, err := w.exec("BEGIN IMMEDIATE"); err != nil {
			return err
		}
		var holder int64
		if err := w.fence.QueryRowContext(context.Background()).Scan(&holder); err != nil {
			return err
		}
		if holder != j.run {
			return ErrLeaseLost
		}
		for _, p := range group {
			after, err := p.do(w)
			if r, ok := err.(refusal); ok {
				p.err = r.error
				continue
			}
			if err != nil {
				return err
			}
			p.after = after
		}
		if err := j.storeNewest(w); err != nil {
			return err
		}
		_, err := w.exec("COMMIT")
		return err
	}()
	if err == nil {
		return nil
	}
	w.exec("ROLLBACK") // fails when SQLite has rolled back by itself
	if err == ErrLeaseLost {
		return err
	}
	return &WriteError{Path: j.path, Err: err}
}

// fold writes a long log back to the database. SQLite would do that by itself, but it would keep a failure to itself, and
// sync again later on the same descriptors.
func (j *Journal) fold(w *writer) error {
	if log, err := os.Stat(j.path + "-wal"); err != nil || log.Size() < foldAt {
		return nil
	}
	var busy, pages, folded int // a reader may be in the way: then another time
	if err := w.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &folded); err != nil {
		return &WriteError{Path: j.path, Err: err}
	}
	return nil
}
