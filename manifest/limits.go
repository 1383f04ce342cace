package manifest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"gopkg.in/yaml.v3"
)

// Limits bound a run.
type Limits struct {
	Concurrency int                 // tasks at once; 0: learned from the account
	Rate        float64             // submits a second; 0: no limit
	PollRate    float64             // looks at tasks a second; 0: no limit
	Burst       int                 // submits at once within Rate; by default one second's worth, at least 1
	Budget      decimal.NullDecimal // USD; invalid: no limit
	Deadline    string              // "6h" or "06:00", see ParseDeadline; "": none
	TaskTimeout time.Duration       // for one task, from submit to end
	Retries     int                 // of what failed unbilled in the model
	MaxFailures MaxFailures
}

var defaultLimits = Limits{TaskTimeout: 30 * time.Minute, Retries: 2}

// MaxFailures is how many cells may fail, or end without saying whether they did, before nothing more is submitted: a
// count, or a percentage of all cells. The zero value is no limit.
type MaxFailures struct {
	Count   int
	Percent float64
}

// Reached reports whether failed cells of so many are too many.
func (f MaxFailures) Reached(failed, cells int) bool {
	if failed <= 0 {
		return false
	}
	return f.Count > 0 && failed >= f.Count ||
		f.Percent > 0 && float64(failed)*100 >= f.Percent*float64(cells)
}

var limitKeys = []string{"concurrency", "rate", "burst", "poll_rate", "budget_usd", "deadline", "task_timeout", "retries", "max_failures"}

func (d *decoder) limits(l *Limits, n *yaml.Node) {
	var burst *yaml.Node
	var second int // submits in one, rounded up
	rated := true  // or has a mistake of its own
	for _, e := range d.known(n, "limits", limitKeys) {
		what := "limits." + e.name
		switch e.name {
		case "concurrency":
			l.Concurrency, _ = d.integer(e.value, what, 1, 100_000)
		case "burst":
			burst = e.value
			l.Burst, _ = d.integer(e.value, what, 1, 100_000)
		case "retries":
			l.Retries, _ = d.integer(e.value, what, 0, 100)
		default:
			text, _, ok := d.scalar(e.value, what, "write one")
			if !ok {
				continue
			}
			var err error
			switch e.name {
			case "rate":
				l.Rate, second, err = ParseRate(text)
				rated = err == nil
			case "poll_rate":
				l.PollRate, err = ParsePollRate(text)
			case "budget_usd":
				l.Budget, err = ParseBudget(text)
			case "deadline":
				l.Deadline = text
				_, err = ParseDeadline(text, time.Unix(0, 0))
			case "task_timeout":
				l.TaskTimeout, err = parseTimeout(text)
			case "max_failures":
				l.MaxFailures, err = parseMaxFailures(text)
			}
			if err != nil {
				d.mistake(e.value, "%s %v", what, err)
			}
		}
	}
	switch {
	case burst != nil && l.Rate == 0 && rated:
		d.mistake(burst, "limits.burst says nothing without a rate; write, for example, `rate: 5/s` beside it")
	case burst == nil && l.Rate > 0:
		l.Burst = second
	}
}

var (
	amountPattern  = regexp.MustCompile(`^\d{1,12}(\.\d{1,12})?$`)
	percentPattern = regexp.MustCompile(`^(\d{1,3}(?:\.\d{1,6})?) ?%$`)
	clockPattern   = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)
)

// ParseBudget reads an amount in USD, more than 0, exactly.
func ParseBudget(text string) (decimal.NullDecimal, error) {
	if !amountPattern.MatchString(text) {
		return decimal.NullDecimal{}, fmt.Errorf("must be an amount in USD without a sign, such as 2.50, not %s", quote(text))
	}
	usd, err := decimal.NewFromString(text)
	if err != nil || !usd.IsPositive() {
		return decimal.NullDecimal{}, fmt.Errorf("must be more than 0; leave it out for no limit")
	}
	return decimal.NewNullDecimal(usd), nil
}

func parseTimeout(text string) (time.Duration, error) {
	t, err := time.ParseDuration(text)
	if err != nil || t < time.Second || t > 7*24*time.Hour {
		return 0, fmt.Errorf("must be a time from 1s to 168h with its unit, such as 90s, 30m or 1h30m, not %s", quote(text))
	}
	return t, nil
}

func parseMaxFailures(text string) (MaxFailures, error) {
	if m := percentPattern.FindStringSubmatch(text); m != nil {
		if p, _ := strconv.ParseFloat(m[1], 64); p > 0 && p <= 100 {
			return MaxFailures{Percent: p}, nil
		}
	} else if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= maxCells && !strings.HasPrefix(text, "+") {
		return MaxFailures{Count: n}, nil
	}
	return MaxFailures{}, fmt.Errorf("must be a number of cells from 1 or a percentage up to 100%%, such as 20 or 5%%, not %s", quote(text))
}

// ParseDeadline gives the time that a deadline means: "6h" is that long from
// now, "06:00" the next time that a clock in now's time zone shows it.
func ParseDeadline(s string, now time.Time) (time.Time, error) {
	if m := clockPattern.FindStringSubmatch(s); m != nil {
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		y, month, day := now.Date()
		t := time.Date(y, month, day, hour, minute, 0, 0, now.Location())
		if !t.After(now) {
			t = time.Date(y, month, day+1, hour, minute, 0, 0, now.Location())
		}
		return t, nil
	}
	after, err := time.ParseDuration(s)
	if err != nil || after <= 0 || after > 366*24*time.Hour {
		return time.Time{}, fmt.Errorf("must be a time from now such as 6h or 90m, or a time of day such as 06:00, not %s", quote(s))
	}
	return now.Add(after), nil
}
