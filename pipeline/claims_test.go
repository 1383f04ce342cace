package pipeline

import (
	"testing"
	"time"

	"wirobatch/pipeline/journal"
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

// Where a task was taken by its likeness alone, what shows the mark of who took it may be left for another.
func TestKinThatTookATaskByLikenessAreRemembered(t *testing.T) {
	begin := time.Now()
	one := func(prompt string) lost {
		return lost{model: "m", params: map[string]string{"prompt": prompt}, intended: begin, over: begin}
	}
	c := newClaims()
	c.looking(journal.Cell{ID: "one"}, one("a"))
	if c.kin(one("a")).swapped {
		t.Error("one that has no task yet has taken another's")
	}
	c.likens("one")
	if !c.kin(one("a")).swapped || c.kin(one("b")).swapped {
		t.Error("what one has taken is not told to those that ask for the same, or to others")
	}
	c = newClaims()
	c.recall([]journal.Found{{Model: "m", Params: []journal.Param{{Name: "prompt", Value: "a"}}, IntendedAt: begin}}, begin)
	if !c.kin(one("a")).swapped {
		t.Error("what an earlier start has taken is forgotten")
	}
	c = newClaims()
	c.meet("1", journal.Owner{Model: "m", Params: []journal.Param{{Name: "prompt", Value: "a"}}, IntendedAt: begin})
	if !c.kin(one("a")).swapped {
		t.Error("what another run has taken is forgotten")
	}
}
