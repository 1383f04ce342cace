package journal

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // the driver, without cgo
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed schema.sql
var schema1 string

// migrations[i] brings a journal of schema version i to i+1. They are never changed once released, only followed by others.
var migrations = []string{schema1}

// writerPragmas: FULL, because NORMAL does not sync at a commit, and a power cut could then pay twice; fullfsync, because
// a sync leaves the data in the drive's cache on macOS without it. The writer folds the log by itself, see fold.
var writerPragmas = []string{"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(FULL)", "fullfsync(1)", "checkpoint_fullfsync(1)", "foreign_keys(1)", "cache_size(-32768)", "wal_autocheckpoint(0)", "journal_size_limit(0)"}

var readerPragmas = []string{"busy_timeout(30000)", "query_only(1)"}

// frozen is a mode for a file that nobody changes: no lock is taken, and no log is looked for.
const frozen = "frozen"

func openDatabase(path, mode string, pragmas []string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") { // C:/…
		slashed = "/" + slashed
	}
	query := url.Values{"mode": {mode}, "_pragma": pragmas}
	if mode == frozen {
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	}
	// As a file: URI, so that ?, # and % in the names of folders mean themselves.
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}
	return sql.Open("sqlite", u.String())
}

func schemaVersion(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (v int, err error) {
	err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v)
	if err == nil && v < 0 {
		err = fmt.Errorf("it is damaged: its schema version is %d", v)
	}
	return v, err
}

// unfinished reports whether a first start died while it made the journal. That alone leaves a transaction to roll back, which
// a reader cannot do: once made, the journal has a log of another kind.
func unfinished(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_READONLY_ROLLBACK
}

// unindexed reports whether a journal could not be read for want of the index of its log, in a folder that can't be written.
func unindexed(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_READONLY_DIRECTORY || e.Code()&0xff == sqlite3.SQLITE_CANTOPEN)
}

// migrate brings the schema up to date in one transaction.
func migrate(ctx context.Context, c *sql.Conn, path string) error {
	v, err := schemaVersion(ctx, c)
	if err != nil {
		return err
	}
	if v > len(migrations) {
		return &SchemaError{Path: path, Found: v, Known: len(migrations)}
	}
	if v == len(migrations) {
		return nil
	}
	script := "BEGIN IMMEDIATE;\n" + strings.Join(migrations[v:], "\n") + fmt.Sprintf("\nPRAGMA user_version = %d;\nCOMMIT;", len(migrations))
	if _, err := c.ExecContext(ctx, script); err != nil {
		c.ExecContext(ctx, "ROLLBACK")
		return fmt.Errorf("bringing the schema of %s from version %d to %d: %w", path, v, len(migrations), err)
	}
	return nil
}
