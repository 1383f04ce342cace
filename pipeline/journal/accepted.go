package journal

import "context"

// Accepted reports whether the service has ever made a task for a cell of that model.
func (j *Journal) Accepted(ctx context.Context, model string) (any bool, err error) {
	err = j.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.task_id IS NOT NULL AND c.model = ?)`, model).Scan(&any)
	return any, unread(j.path, err)
}
