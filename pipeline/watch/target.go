package watch

import "time"

// Target is a task to be watched.
type Target struct {
	ID, Token, Model string
	Params           map[string]string
	Submitted        time.Time
}
