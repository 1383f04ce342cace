package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Faults says how often what goes wrong, as a probability in [0, 1] by the fault's name.
type Faults map[string]float64

// Fault is one thing that can go wrong.
type Fault struct{ Name, Meaning string }

// known is every fault. Within one group (the word before the first _) they are tried in this
// order, and the first one that chance picks is what happens.
var known = []Fault{
	{"run_502_before", "Run answers 502 with HTML; no task is made"},
	{"run_502_after", "Run answers 502 with HTML although the task was made"},
	{"run_drop_before", "the connection closes on Run; no task is made"},
	{"run_drop_after", "the connection closes on Run although the task was made"},
	{"run_drop_late", "the connection closes on Run, and the task is made up to 4 s later"},
	{"run_cut", "the task is made, but the answer's body is cut off"},
	{"run_html", "the task is made, but the answer is 200 with HTML"},
	{"run_hang", "the task is made, but no answer ever comes"},
	{"run_slow", "the task is made at once, the answer comes 5 s later"},
	{"run_no_taskid", "the task is made, but the answer says result true without a taskid"},
	{"run_429", "Run answers 429 with Retry-After: 2; no task is made"},
	{"run_96", "Run is refused with code 96 although there is room"},
	{"run_98", "Run is refused with code 98, sign-in required"},
	{"run_99", "Run is refused with 401 and code 99, token invalid"},
	{"run_general", "Run is refused with code 0 and a passing server error"},
	{"auth_revoked", "the key is refused from this Run on, for good"},
	{"auth_ip", "the caller's address is refused, once"},

	{"detail_5xx", "Task/Detail answers 500, 502 or 503 with HTML"},
	{"detail_html", "Task/Detail answers 200 with HTML"},
	{"detail_drop", "the connection closes on Task/Detail"},
	{"detail_cut", "the body of Task/Detail is cut off"},
	{"detail_429", "Task/Detail answers 429 with Retry-After: 2"},
	{"detail_slow", "Task/Detail answers 5 s late"},
	{"detail_hang", "Task/Detail never answers"},
	{"detail_empty_params", "Task/Detail echoes empty parameters, as the model page's sample does"},

	{"list_5xx", "Task/List answers 500, 502 or 503 with HTML"},
	{"list_html", "Task/List answers 200 with HTML"},
	{"list_drop", "the connection closes on Task/List"},
	{"list_cut", "the body of Task/List is cut off"},
	{"list_429", "Task/List answers 429 with Retry-After: 2"},
	{"list_slow", "Task/List answers 5 s late"},
	{"list_hang", "Task/List never answers"},
	{"list_lag", "a new task shows in Task/List 2 to 15 s late"},
	{"list_empty_params", "Task/List shows a task with empty, null or unreadable parameters"},
	{"list_normalised_params", "Task/List shows numbers respelled (4.50 as 4.5) and defaults filled in"},
	{"list_no_callback", "Task/List leaves the callbackurl of a task out"},
	{"list_foreign", "Task/List also shows tasks that somebody else made"},

	{"tool_5xx", "Tool/Detail and Tool/List answer 500, 502 or 503 with HTML"},
	{"tool_html", "Tool/Detail and Tool/List answer 200 with HTML"},
	{"tool_drop", "the connection closes on Tool/Detail and Tool/List"},

	{"kill_5xx", "Kill and Cancel take effect, but answer 500, 502 or 503 with HTML"},
	{"kill_drop", "Kill and Cancel take effect, but the connection closes"},

	{"task_fail", "the task ends with pexit 1 and is not billed"},
	{"task_stuck", "the task never leaves task_start"},
	{"task_error_stuck", "the task shows task_error for ever"},
	{"task_error_recover", "the task shows task_error for 4 s before it runs normally"},
	{"task_cancelled", "the system cancels the task halfway; it is not billed"},
	{"task_slow", "the task runs ten times as long as usual"},

	{"out_late", "the outputs show in Task/Detail and Task/List 2 s after the end of the task"},
	{"out_gone", "the output is gone: 404, for good"},
	{"out_bad_host", "the output's URL has a host that is not Wiro's"},
	{"out_name_hostile", "the output's name tries to leave its folder"},
	{"out_size_differs", "the task reports another size than the output has"},
	{"out_5xx", "a download answers 500, 502 or 503 with HTML"},
	{"out_drop", "the connection closes on a download"},
	{"out_cut", "a download ends before its Content-Length"},
	{"out_short", "a download is complete by its Content-Length, but shorter than the task's size"},
	{"out_html", "a download answers 200 with HTML"},
	{"out_redirect_private", "a download redirects to a private address"},
	{"out_429", "a download answers 429 with Retry-After: 2"},
	{"out_slow", "a download begins 5 s late"},
	{"out_stall", "a download stops halfway and never goes on"},

	{"ws_refuse", "the websocket is refused with 503"},
	{"ws_silent", "the websocket greets, and then never says anything"},
	{"ws_drop", "the websocket drops on its third frame"},
	{"ws_no_token", "the frames of a task leave the tasktoken out"},
	{"ws_late_silent", "a late registration gets no frame for what has already happened"},

	{"callback_lost", "the callback never comes"},
	{"callback_twice", "the callback comes twice"},
	{"callback_early", "the callback comes before the task has ended"},
}

// AllFaults lists every fault with its meaning in one line, grouped by what it happens to.
func AllFaults() []Fault { return slices.Clone(known) }

// FaultNames lists the names of all faults.
func FaultNames() []string {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.Name
	}
	return names
}

// ParseFaults reads "name=probability,name=probability". A name alone means always. An unknown
// name is an error that lists the known ones.
func ParseFaults(text string) (Faults, error) {
	faults := Faults{}
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		name, value, given := strings.Cut(item, "=")
		name = strings.TrimSpace(name)
		faults[name] = 1
		if given {
			p, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return nil, fmt.Errorf("fault %s: %q is no number: write a probability from 0 to 1, such as %s=0.05", name, value, name)
			}
			faults[name] = p
		}
	}
	return faults, faults.check()
}

func (f Faults) check() error {
	names := FaultNames()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("unknown fault %q; the known ones are %s", name, strings.Join(names, ", "))
		}
		if p := f[name]; !(p >= 0 && p <= 1) { // refuses NaN as well
			return fmt.Errorf("fault %s: a probability is from 0 to 1, not %v", name, p)
		}
	}
	return nil
}

// faultCounter counts the faults that really happened.
type faultCounter struct {
	mu    sync.Mutex
	fired map[string]int
}

func (c *faultCounter) count(name string) {
	c.mu.Lock()
	c.fired[name]++
	c.mu.Unlock()
}

// FaultCounts is how often each fault has happened so far.
func (s *Sandbox) FaultCounts() map[string]int {
	s.mu.Lock()
	s.settle() // tasks that failed meanwhile count
	s.mu.Unlock()
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return maps.Clone(s.faults.fired)
}

// SetFaults changes what goes wrong from now on; like New it panics on a fault that it does not know. Tasks that were made
// before keep what chance had in store for them only as far as it is still asked for.
func (s *Sandbox) SetFaults(f Faults) {
	if err := f.check(); err != nil {
		panic(err)
	}
	f = maps.Clone(f)
	s.chances.Store(&f)
}

func (s *Sandbox) odds() Faults { return *s.chances.Load() }

// drawn says whether chance picks a fault, without counting it.
func (s *Sandbox) drawn(name string, key, n uint64) bool {
	p := s.odds()[name]
	return p > 0 && s.chance(name, key, n) < p
}

// strikes says whether a fault happens, and counts it.
func (s *Sandbox) strikes(name string, key, n uint64) bool {
	if !s.drawn(name, key, n) {
		return false
	}
	s.faults.count(name)
	return true
}

// mishap is what happens to an answer: the part of a fault's name behind its group.
type mishap string

const (
	none       mishap = ""
	badGateway mishap = "5xx"
	only502    mishap = "502"
	html       mishap = "html"
	drop       mishap = "drop"
	cut        mishap = "cut"
	tooMany    mishap = "429"
	slow       mishap = "slow"
	hang       mishap = "hang"
)

// mishap draws what happens to one answer of a group of endpoints.
func (s *Sandbox) mishap(group string, key, n uint64, of ...mishap) mishap {
	if len(s.odds()) == 0 {
		return none
	}
	for _, m := range of {
		if s.strikes(group+"_"+string(m), key, n) {
			return m
		}
	}
	return none
}

// reading are the mishaps of endpoints that only read.
var reading = []mishap{badGateway, html, drop, cut, tooMany, slow, hang}
