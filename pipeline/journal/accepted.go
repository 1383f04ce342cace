package journal

import "context"

// Tokens gives the tokens with which cells have claimed a task by that id, "" where one is not known: a service that has
// counted anew has given the id more than once.
func (j *Journal) Tokens(ctx context.Context, id string) (all []string, err error) {
	since := int64(0)
	if j.options.Ephemeral {
		since = j.run
	}
	rows, err := j.reader.QueryContext(ctx, `SELECT coalesce(a.task_token, '') FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.task_id = ? AND a.state <> 'lost' AND c.run >= ?`, id, since)
	if err != nil {
		return nil, unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var token string
		if err := rows.Scan(&token); err != nil {
			return nil, unread(j.path, err)
		}
		all = append(all, token)
	}
	return all, unread(j.path, rows.Err())
}

// Accepted reports whether the service has ever made a task for a cell of that model.
func (j *Journal) Accepted(ctx context.Context, model string) (any bool, err error) {
	err = j.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM attempts a JOIN cells c ON c.key = a.cell
		WHERE a.task_id IS NOT NULL AND c.model = ?)`, model).Scan(&any)
	return any, unread(j.path, err)
}
