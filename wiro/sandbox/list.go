package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

const (
	listDefault = 20
	listMost    = 100 // rows of a page at most (Wiro's own clients)
)

// list answers the account's tasks, newest first unless asked otherwise.
func (s *Sandbox) list(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	q := listQuery{
		start: whole(f.get("start"), 0), limit: min(whole(f.get("limit"), listDefault), listMost),
		ascending: strings.EqualFold(f.get("order"), "ASC"), model: f.get("modelName"),
	}
	s.mu.Lock()
	s.lists++
	nth := s.lists
	rows, total := s.page(q, origin(r))
	s.mu.Unlock()

	j := &jsonText{b: make([]byte, 0, 512+1536*len(rows))}
	j.open('{')
	j.num("total", strconv.Itoa(total), s.o.Shape != ShapeDocumentation)
	j.raw("errors", "[]")
	j.name("tasklist").open('[')
	for _, v := range rows {
		s.noteErrorShown(v)
		v.write(j)
	}
	j.close(']')
	j.raw("result", "true")
	j.close('}')
	s.send(w, r, http.StatusOK, j.b, s.mishap("list", 0, nth, reading...))
	return nil
}

type listQuery struct {
	start, limit int
	ascending    bool
	model        string // slug, or only its second part; empty: all
}

func (q listQuery) wants(m *model) bool {
	return q.model == "" || strings.EqualFold(q.model, m.slug()) || strings.EqualFold(q.model, m.Project)
}

// page collects the rows of a page and the number of all. The caller holds the lock.
func (s *Sandbox) page(q listQuery, origin string) (rows []*view, total int) {
	total = s.countTasks(q)
	skip := q.start
	for i := range s.tasks {
		if len(rows) >= q.limit {
			break
		}
		index := len(s.tasks) - 1 - i
		if q.ascending {
			index = i
		}
		t := &s.tasks[index]
		if !q.wants(t.model) || s.hidden(t) {
			continue
		}
		found := s.rows(index, origin)
		if q.ascending {
			slices.Reverse(found)
		}
		for _, v := range found {
			if skip > 0 {
				skip--
			} else if len(rows) < q.limit {
				rows = append(rows, v)
			}
		}
	}
	return rows, total
}

// rows is a task as the list shows it, and before it the task of somebody else, if chance has one.
func (s *Sandbox) rows(index int, origin string) []*view {
	v := s.view(index, origin)
	s.distort(v)
	key := v.task.key
	if !s.strikes("list_foreign", key, 0) {
		return []*view{v}
	}
	foreign := *v
	foreign.foreign = true
	foreign.task.key = mix(key)
	foreign.params = append([]param(nil), v.params...)
	for i := range foreign.params { // nearly the same thing: only a look at every value tells them apart
		if foreign.params[i].name == "prompt" {
			foreign.params[i].value += " "
		}
	}
	foreign.paramsJSON = ""
	return []*view{&foreign, v}
}

// distort changes how the list echoes the parameters of a task.
func (s *Sandbox) distort(v *view) {
	key := v.task.key
	switch {
	case s.strikes("list_empty_params", key, 0):
		v.paramsJSON = []string{"{}", "null", `""`, `"[object Object]"`, "[]"}[key%5]
	case s.strikes("list_normalised_params", key, 0):
		v.paramsJSON = v.normalised()
	}
	v.silent = v.style.money && s.strikes("list_no_callback", key, 0)
}

// normalised spells the parameters as a database that knows types would, with defaults filled in.
func (v *view) normalised() string {
	j := &jsonText{}
	j.open('{')
	for _, p := range v.params {
		if n, err := decimal.NewFromString(p.value); err == nil && !strings.ContainsAny(p.value, "eE") {
			j.raw(p.name, n.String())
			continue
		}
		j.str(p.name, strings.TrimSpace(p.value))
	}
	for _, in := range v.task.model.Inputs {
		if in.Default != "" && lookup(v.params, in.ID) == "" {
			j.str(in.ID, in.Default)
		}
	}
	j.close('}')
	return string(j.b)
}

// countTasks is how many tasks a query could show. The caller holds the lock.
func (s *Sandbox) countTasks(q listQuery) int {
	n := len(s.tasks)
	if q.model != "" {
		n = 0
		for m, count := range s.perModel {
			if q.wants(m) {
				n += count
			}
		}
	}
	for i, now := len(s.tasks)-1, s.now(); i >= 0 && now < s.tasks[i].created+s.listLag; i-- {
		if q.wants(s.tasks[i].model) && s.hidden(&s.tasks[i]) {
			n--
		}
	}
	return n
}

// lagMost is the longest time by which list_lag lets a new task be missing in the list.
const lagMost = 15 * time.Second

// hidden says whether the list does not show a task yet. The caller holds the lock.
func (s *Sandbox) hidden(t *task) bool {
	now := s.now()
	if t.created > now {
		return true // an abandoned request that has not got through yet
	}
	if now < t.created+s.o.ListLag.at(s.chance("list lag", t.key, 0)) {
		return true
	}
	if !t.is(fateHidden) || now >= t.created+(Span{2, 6, lagMost.Seconds()}).at(s.chance("lag", t.key, 0)) {
		return false
	}
	s.faults.count("list_lag")
	return true
}
