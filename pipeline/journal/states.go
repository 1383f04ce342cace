package journal

import "context"

// States gives the state of each cell, in no order. It reads far less than Rows does.
func (j *Journal) States(ctx context.Context, each func(id string, s State)) error {
	rows, err := j.reader.QueryContext(ctx, "SELECT id, state FROM cells")
	if err != nil {
		return unread(j.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var s State
		if err := rows.Scan(&id, &s); err != nil {
			return unread(j.path, err)
		}
		each(id, s)
	}
	return unread(j.path, rows.Err())
}
