package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// failure says what came of a request: an HTTP status, "broken" when the connection gave out, "html",
// "hung" after a long while, and what the API said.
func (r *rig) failure(endpoint string, params fields) string {
	r.t.Helper()
	body := "{"
	for name, value := range params {
		body += fmt.Sprintf("%q:%q,", name, value)
	}
	began := time.Now()
	r.client.Timeout = time.Hour
	status, header, text, err := r.raw("/v1/"+endpoint, strings.TrimSuffix(body, ",")+"}")
	r.client.Timeout = 0
	switch {
	case err != nil && time.Since(began) >= time.Hour:
		return "hung"
	case err != nil:
		return "broken"
	case strings.HasPrefix(header.Get("Content-Type"), "text/html"):
		return fmt.Sprint(status, " html")
	}
	late := ""
	if time.Since(began) == lateness {
		late = " late"
	}
	if m := message(parse(r.t, text)); m != "" {
		return fmt.Sprint(status, " ", m, " ", header.Get("Retry-After")) + late
	}
	return fmt.Sprint(status) + late
}

// Every fault that there is shows its effect, and is counted. Those of the websocket, of callbacks,
// and of the list's lag have tests beside what they belong to.
func TestEveryFault(t *testing.T) {
	missing := map[string]bool{}
	for _, f := range known {
		if !strings.HasPrefix(f.Name, "ws_") && !strings.HasPrefix(f.Name, "callback_") && f.Name != "list_lag" {
			missing[f.Name] = true
		}
	}
	groups := map[string]func(*testing.T, func(string)){
		"run": runFaultsShow, "reading": readingFaultsShow, "task": taskFaultsShow,
		"output": outputFaultsShow, "description": descriptionFaultsShow,
	}
	ran := 0
	for name, show := range groups {
		t.Run(name, func(t *testing.T) {
			ran++
			show(t, func(fault string) { delete(missing, fault) })
		})
	}
	if ran == len(groups) && len(missing) > 0 { // or only some were asked for
		t.Errorf("no test shows %v", missing)
	}
}

func runFaultsShow(t *testing.T, shown func(string)) {
	tests := []struct {
		fault, want string
		made        int
	}{
		{"run_502_before", "502 html", 0},
		{"run_502_after", "502 html", 1},
		{"run_drop_before", "broken", 0},
		{"run_drop_after", "broken", 1},
		{"run_drop_late", "broken", 1},
		{"run_cut", "broken", 1},
		{"run_html", "200 html", 1},
		{"run_hang", "hung", 1},
		{"run_slow", "200 late", 1},
		{"run_no_taskid", "200", 1},
		{"run_429", "429 0 Too many requests 2", 0},
		{"run_96", "200 96 You have reached your concurrent task limit. With your current balance of $1000.00, you can run up to 1 tasks at the same time. Add funds to increase your limit. ", 0},
		{"run_98", "200 98 sign in to run this model ", 0},
		{"run_99", "401 99 Authorization bearer token is invalid. ", 0},
		{"run_general", "200 0 An error occurred on the server. Please try again later. ", 0},
		{"auth_revoked", "401 0 Project authorization is not founded. ", 0},
		{"auth_ip", "401 0 Requested ip pipe is not allowed. ", 0},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			r := servePipe(t, Options{Timing: fixed, Faults: always(test.fault), Shape: ShapeSeed})
			if got := r.failure(fast, fields{"prompt": "x"}); got != test.want {
				t.Errorf("%s: %q, want %q", test.fault, got, test.want)
			}
			if r.Accepted() != test.made || r.FaultCounts()[test.fault] != 1 {
				t.Errorf("%s: %d tasks made, want %d; counts %v", test.fault, r.Accepted(), test.made, r.FaultCounts())
			}
			time.Sleep(time.Minute)
			if len(r.Charges()) != test.made {
				t.Errorf("%s: %d charges, want %d", test.fault, len(r.Charges()), test.made)
			}
			if test.fault == "run_no_taskid" {
				o := r.call(fast, fields{"prompt": "x"})
				if o["result"] != true || o["taskid"] != nil {
					t.Errorf("run_no_taskid: %v", o)
				}
			}
			if test.fault == "auth_revoked" {
				r.SetFaults(nil)
				if got := message(r.call("Task/List", nil)); got != "0 Project authorization is not founded." {
					t.Errorf("a revoked key still works: %q", got)
				}
			}
			shown(test.fault)
		})
	}
}

// A task whose request was abandoned shows up some seconds later, not before.
func TestRunDropLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Timing: fixed, Faults: always("run_drop_late"), Shape: ShapeSeed})
		r.failure(fast, fields{"prompt": "x"})
		id := taskID(0)
		if len(ids(r.call("Task/List", nil))) != 0 || message(r.call("Task/Detail", fields{"taskid": id})) == "" {
			t.Error("the task is there at once")
		}
		time.Sleep(4 * time.Second)
		if len(ids(r.call("Task/List", nil))) != 1 || r.task(id).str("status") == "" {
			t.Error("the task does not show")
		}
	})
}

func readingFaultsShow(t *testing.T, shown func(string)) {
	outcomes := map[string]string{
		"5xx": "html", "html": "200 html", "drop": "broken", "cut": "broken", "429": "429 0 Too many requests 2",
		"slow": "200 late", "hang": "hung",
	}
	for group, endpoint := range map[string]string{
		"detail": "Task/Detail", "list": "Task/List", "tool": "Tool/Detail", "kill": "Task/Kill",
	} {
		for kind, want := range outcomes {
			fault := group + "_" + kind
			if _, known := meaning(fault); !known {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				r := servePipe(t, Options{Timing: fixed, Faults: always(fault), Shape: ShapeSeed})
				id := r.submit(fast, fields{"prompt": "x"})
				params := fields{"taskid": id, "slugowner": "Qwen", "slugproject": "Qwen-Image"}
				got := r.failure(endpoint, params)
				if got != want && !(kind == "5xx" && strings.HasSuffix(got, " html") && got[0] == '5') {
					t.Errorf("%s: %q, want %q", fault, got, want)
				}
				if r.FaultCounts()[fault] != 1 {
					t.Errorf("%s: counts %v", fault, r.FaultCounts())
				}
				r.SetFaults(nil)
				if killed := r.task(id).str("status") == statusCancel; killed != (group == "kill") {
					t.Errorf("%s: the task is %s", fault, r.task(id).str("status"))
				}
				shown(fault)
			})
		}
	}
}

func taskFaultsShow(t *testing.T, shown func(string)) {
	tests := map[string]struct {
		at2s, atEnd string // two seconds and eight seconds after the submit
		later       string // two minutes after
		billed      int
	}{
		"task_fail":          {statusAssign, statusDone, statusDone, 0},
		"task_stuck":         {statusAssign, statusStart, statusStart, 0},
		"task_error_stuck":   {statusError, statusError, statusError, 0},
		"task_error_recover": {statusError, statusOutput, statusDone, 1},
		"task_cancelled":     {statusAssign, statusCancel, statusCancel, 0},
		"task_slow":          {statusAssign, statusOutput, statusDone, 1},
	}
	for fault, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			r := servePipe(t, Options{Timing: fixed, Faults: always(fault), Shape: ShapeDocumentation})
			id := r.submit(fast, fields{"prompt": "x"})
			for _, step := range []struct {
				after time.Duration
				want  string
			}{{2 * time.Second, test.at2s}, {6500 * time.Millisecond, test.atEnd}, {2 * time.Minute, test.later}} {
				time.Sleep(step.after)
				if got := r.task(id).str("status"); got != step.want {
					t.Errorf("%s: %s after another %v, want %s", fault, got, step.after, step.want)
				}
			}
			task := r.task(id)
			if failed := task.str("pexit") == "1" && task.str("debugerror") != ""; failed != (fault == "task_fail") {
				t.Errorf("%s: %v", fault, task)
			}
			if len(r.Charges()) != test.billed || len(task.list("outputs")) != test.billed {
				t.Errorf("%s: charges %v, outputs %v", fault, r.Charges(), task["outputs"])
			}
			if r.FaultCounts()[fault] != 1 {
				t.Errorf("%s: counts %v", fault, r.FaultCounts())
			}
			if test.later != statusDone && test.later != statusCancel {
				if o := r.call("Task/Kill", fields{"taskid": id}); o.list("tasklist")[0].str("status") != statusCancel {
					t.Errorf("%s: a kill answers %v", fault, o)
				}
			}
			shown(fault)
		})
	}
}

func outputFaultsShow(t *testing.T, shown func(string)) {
	tests := map[string]func(status int, header http.Header, got, size int, err error) bool{
		"out_gone":         func(status int, _ http.Header, _, _ int, _ error) bool { return status == 404 },
		"out_5xx":          func(status int, _ http.Header, _, _ int, _ error) bool { return status >= 500 },
		"out_drop":         func(status int, _ http.Header, _, _ int, err error) bool { return err != nil && status == 0 },
		"out_cut":          func(status int, _ http.Header, got, size int, err error) bool { return err != nil && got == size/2 },
		"out_stall":        func(status int, _ http.Header, got, size int, err error) bool { return err != nil && got == size/2 },
		"out_short":        func(status int, _ http.Header, got, size int, err error) bool { return err == nil && got == size*3/4 },
		"out_size_differs": func(status int, _ http.Header, got, size int, err error) bool { return err == nil && got < size },
		"out_html": func(_ int, h http.Header, _, _ int, err error) bool {
			return err == nil && strings.HasPrefix(h.Get("Content-Type"), "text/html")
		},
		"out_redirect_private": func(status int, h http.Header, _, _ int, _ error) bool {
			return status == 302 && h.Get("Location") != ""
		},
		"out_429": func(status int, h http.Header, _, _ int, _ error) bool {
			return status == 429 && h.Get("Retry-After") == "2"
		},
		"out_slow": func(_ int, _ http.Header, got, size int, err error) bool { return err == nil && got == size },
	}
	for fault, holds := range tests {
		synctest.Test(t, func(t *testing.T) {
			r := servePipe(t, Options{Instant: true, Faults: always(fault), Shape: ShapeSeed})
			out := r.task(r.submit(fast, fields{"prompt": "x"})).list("outputs")[0]
			size := whole(out.str("size"), -1)
			began := time.Now()
			r.client.Timeout = time.Hour
			var status int
			var header http.Header
			resp, data, err := r.get(out.str("url"))
			if resp != nil {
				status, header = resp.StatusCode, resp.Header
			}
			if !holds(status, header, len(data), size, err) {
				t.Errorf("%s: status %d, %v, %d of %d bytes, %v", fault, status, header, len(data), size, err)
			}
			if late := time.Since(began) == lateness; late != (fault == "out_slow") {
				t.Errorf("%s: came after %v", fault, time.Since(began))
			}
			if r.FaultCounts()[fault] != 1 {
				t.Errorf("%s: counts %v", fault, r.FaultCounts())
			}
			shown(fault)
		})
	}
}

// What the task says of its outputs can be wrong as well.
func descriptionFaultsShow(t *testing.T, shown func(string)) {
	tests := map[string]func(task, row object) bool{
		"out_bad_host": func(task, _ object) bool {
			return !strings.HasPrefix(task.list("outputs")[0].str("url"), "http://127.0.0.1")
		},
		"out_name_hostile": func(task, _ object) bool { return task.list("outputs")[0].str("name") != "0.png" },
		"detail_empty_params": func(task, row object) bool {
			return len(task["parameters"].(map[string]any)) == 0 && len(row["parameters"].(map[string]any)) == 3
		},
		"list_empty_params": func(_, row object) bool {
			m, isObject := row["parameters"].(map[string]any)
			return !isObject || len(m) == 0
		},
		"list_normalised_params": func(_, row object) bool {
			return fmt.Sprint(row["parameters"]) == "map[aspectRatio:16:9 prompt:x scale:4.5 seed:7]"
		},
		"list_foreign": func(_, row object) bool { return row.str("id") == "2222" },
	}
	for fault, holds := range tests {
		r := serve(t, Options{Instant: true, Faults: always(fault), Shape: ShapeSeed})
		task := r.task(r.submit(fast, fields{"prompt": "x", "scale": "4.50", "seed": "007"}))
		row := r.call("Task/List", nil).list("tasklist")[0]
		if !holds(task, row) || r.FaultCounts()[fault] == 0 {
			t.Errorf("%s: Detail %v, list %v, counts %v", fault, task, row, r.FaultCounts())
		}
		shown(fault)
	}
	r := serve(t, Options{Instant: true, Faults: always("list_no_callback"), Shape: ShapeDocumentation})
	task := r.task(r.submit(fast, fields{"prompt": "x", "callbackUrl": "https://a.example/"}))
	_, said := r.call("Task/List", nil).list("tasklist")[0]["callbackurl"]
	if task.str("callbackurl") != "https://a.example/" || said || r.FaultCounts()["list_no_callback"] == 0 {
		t.Errorf("list_no_callback: Detail %v, list %v, counts %v", task, said, r.FaultCounts())
	}
	shown("list_no_callback")
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Faults: always("out_late"), Shape: ShapeSeed})
		id := r.submit(fast, fields{"prompt": "x"})
		for r.task(id).str("status") != statusDone {
			time.Sleep(100 * time.Millisecond)
		}
		before, fired := len(r.task(id).list("outputs")), r.FaultCounts()["out_late"]
		time.Sleep(outputsLate)
		if after := len(r.task(id).list("outputs")); before != 0 || after != 1 || fired == 0 {
			t.Errorf("out_late: %d outputs at the end, %d then, struck %d times", before, after, fired)
		}
		shown("out_late")
	})
}

func meaning(fault string) (string, bool) {
	for _, f := range known {
		if f.Name == fault {
			return f.Meaning, true
		}
	}
	return "", false
}

func TestParseFaults(t *testing.T) {
	f, err := ParseFaults(" run_502_after=0.05, task_fail=1 ,out_cut,")
	if err != nil || len(f) != 3 || f["run_502_after"] != 0.05 || f["out_cut"] != 1 {
		t.Errorf("%v, %v", f, err)
	}
	for text, want := range map[string]string{
		"run_503=0.1":     `unknown fault "run_503"; the known ones are run_502_before, run_502_after`,
		"task_fail=often": "write a probability from 0 to 1",
		"task_fail=1.1":   "from 0 to 1, not 1.1",
		"task_fail=-1":    "from 0 to 1",
		"task_fail=NaN":   "from 0 to 1",
	} {
		if _, err := ParseFaults(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, f := range AllFaults() {
		if f.Meaning == "" || strings.ContainsAny(f.Meaning, "\n") {
			t.Errorf("%s means %q", f.Name, f.Meaning)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("New takes a fault that does not exist")
		}
	}()
	New(Options{Faults: Faults{"no_such": 1}})
}

// The same work meets the same fate, in whatever order it is asked for; another seed brings another.
func TestReplay(t *testing.T) {
	fates := func(seed uint64, order []int) map[string]string {
		r := serve(t, Options{Instant: true, Seed: seed, Shape: ShapeDocumentation,
			Faults: Faults{"task_fail": 0.3, "run_502_after": 0.2, "run_429": 0.2}})
		for _, i := range order {
			for range 3 { // each thing three times
				r.failure(fast, fields{"prompt": fmt.Sprint(i)})
			}
		}
		found := map[string]string{}
		for _, row := range r.call("Task/List", fields{"limit": "100"}).list("tasklist") {
			prompt := parse(t, row.str("parameters")).str("prompt")
			found[prompt] += fmt.Sprint(row.str("pexit"), row.str("elapsedseconds"), " ")
		}
		found["counts"] = fmt.Sprint(r.FaultCounts())
		return found
	}
	var forth, back []int
	for i := range 20 {
		forth, back = append(forth, i), append([]int{i}, back...)
	}
	a, b, c := fates(1, forth), fates(1, back), fates(2, forth)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("in another order:\n%v\n%v", a, b)
	}
	if fmt.Sprint(a) == fmt.Sprint(c) {
		t.Error("another seed changes nothing")
	}
}

// Asking for the same thing again is another throw of the dice.
func TestChanceChangesWithTheAttempt(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeDocumentation, Faults: Faults{"run_429": 0.5}})
	answers, elapsed := map[string]int{}, map[string]bool{}
	for range 40 {
		answers[r.failure(fast, fields{"prompt": "the same"})]++
	}
	for _, row := range r.call("Task/List", nil).list("tasklist") {
		elapsed[row.str("elapsedseconds")] = true
	}
	if len(answers) != 2 || len(elapsed) < 3 {
		t.Errorf("answers %v, durations %v", answers, elapsed)
	}
}

// Chance keeps what the probability promises.
func TestChanceIsFair(t *testing.T) {
	s := New(Options{Faults: Faults{"task_fail": 0.05}})
	hits := 0
	for i := range 20000 {
		if s.drawn("task_fail", mix(uint64(i)), 0) {
			hits++
		}
	}
	if hits < 880 || hits > 1120 { // four standard deviations; the seed is fixed
		t.Errorf("%d of 20000 at 5%%", hits)
	}
}
