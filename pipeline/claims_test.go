package pipeline

import (
	"testing"
	"time"
)

// Who had its task before a submit was intended cannot have taken that one's, unless somebody between them could.
func TestKinAreThoseThatMayHaveTakenTheTask(t *testing.T) {
	begin := time.Now()
	at := func(minute int) time.Time { return begin.Add(time.Duration(minute) * time.Minute) }
	alike := map[string]string{"prompt": "a"}
	one := func(intended, settled int, newest string) *lost {
		l := &lost{model: "m", params: alike, intended: at(intended), newest: newest, over: at(intended)}
		if settled > 0 {
			l.settled = at(settled)
		}
		return l
	}
	for _, row := range []struct {
		name string
		ever []*lost
		want string
	}{
		{"alone", nil, "900"},
		{"long settled", []*lost{one(1, 2, "100")}, "900"},
		{"not settled yet", []*lost{one(1, 0, "100")}, "100"},
		{"settled after the intent", []*lost{one(1, 60, "100")}, "100"},
		{"by way of another", []*lost{one(1, 5, "100"), one(4, 60, "400")}, "100"},
		{"the other way round", []*lost{one(4, 60, "400"), one(1, 5, "100")}, "100"},
		{"not by way of another that came later", []*lost{one(1, 3, "100"), one(4, 60, "400")}, "400"},
	} {
		c := newClaims()
		c.ever = row.ever
		if got := c.kin(*one(50, 0, "900")); got.newest != row.want {
			t.Errorf("%s: down to task %s, not %s", row.name, got.newest, row.want)
		}
	}
}
