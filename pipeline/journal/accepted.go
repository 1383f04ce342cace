package journal

import "context"

// SameTask reports whether any cell that has claimed a task by that id may have had it with that token. Another token is
// another task: the service has counted anew.
func (j *Journal) SameTask(ctx context.Context, id, token string) (same bool, err error) {
	err = j.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM attempts
		WHERE task_id = ?1 AND state <> 'lost' AND ?2 IN ('', coalesce(nullif(task_token, ''), ?2)))`, id, token).Scan(&same)
	return same, unread(j.path, err)
}

// Accepted reports whether the service has ever made a task for a cell of that model.
func (j *Journal) Accepted(ctx context.Context, model string) (any bool, err error) {
	err = j.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.task_id IS NOT NULL AND c.model = ?)`, model).Scan(&any)
	return any, unread(j.path, err)
}
