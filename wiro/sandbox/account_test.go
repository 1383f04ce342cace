package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
)

func TestLimitByBalance(t *testing.T) {
	tests := []struct {
		balance string
		want    int
		limited bool
	}{
		{"0.01", 1, true}, // at least one
		{"10", 1, true},
		{"19.99", 1, true}, // floor
		{"20", 2, true},
		{"50", 5, true},
		{"150", 15, true},
		{"250", 25, true}, // up to and with 250
		{"250.000000000001", 0, false},
		{"-3", 1, true},
	}
	for _, test := range tests {
		if n, limited := limit(usd(test.balance)); n != test.want || limited != test.limited {
			t.Errorf("limit($%s) = %d, %v; want %d, %v", test.balance, n, limited, test.want, test.limited)
		}
	}
}

func TestConcurrencyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := servePipe(t, Options{Balance: usd("50"), Timing: fixed})
		for i := range 5 {
			r.submit(fast, fields{"prompt": fmt.Sprint(i)})
		}
		const want = "96 You have reached your concurrent task limit. With your current balance of $50.00, you can run up to 5 tasks at the same time. Add funds to increase your limit."
		if got := message(r.call(fast, fields{"prompt": "one more"})); got != want {
			t.Errorf("the sixth task: %q", got)
		}
		time.Sleep(7900 * time.Millisecond) // still postprocessing
		if message(r.call(fast, fields{"prompt": "one more"})) == "" {
			t.Error("a task that postprocesses still holds its place")
		}
		time.Sleep(100 * time.Millisecond)
		// the money is spent now, and the limit has fallen with it
		for i := range 4 {
			r.submit(fast, fields{"prompt": fmt.Sprint("second ", i)})
		}
		if got := message(r.call(fast, fields{"prompt": "one more"})); got != "96 You have reached your concurrent task limit. With your current balance of $49.98, you can run up to 4 tasks at the same time. Add funds to increase your limit." {
			t.Errorf("with less money: %q", got)
		}
		r.SetBalance(usd("251"))
		for i := range 50 {
			r.submit(fast, fields{"prompt": fmt.Sprint("unlimited ", i)})
		}
		if r.Accepted() != 59 {
			t.Errorf("%d accepted, want 59", r.Accepted())
		}
	})
}

func TestBalanceExhausted(t *testing.T) {
	r := serve(t, Options{Instant: true, Balance: usd("0.05")})
	for i := range 3 { // the third one overdraws: its price is not known before
		r.submit("Run/Qwen/Qwen-Image", fields{"prompt": fmt.Sprint(i)})
	}
	if got := message(r.call("Run/Qwen/Qwen-Image", fields{"prompt": "x"})); got != "97 Insufficient balance" {
		t.Errorf("without money: %q", got)
	}
	if got := r.Balance(); !got.Equal(usd("-0.01")) {
		t.Errorf("balance %s", got)
	}
	strict := serve(t, Options{Balance: usd("0.50"), MinimumBalance: usd("0.50")})
	if got := message(strict.call("Run/Qwen/Qwen-Image", fields{"prompt": "x"})); got != "97 Insufficient balance" {
		t.Errorf("with the minimum of the documentation: %q", got)
	}
}

// Bills come in the order in which tasks end, whoever asks when, and add up to the last digit.
func TestBilling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ledger bytes.Buffer
		r := servePipe(t, Options{Ledger: &ledger, Faults: Faults{"task_fail": 0.3}, Workers: 7, Seed: 9})
		for i := range 200 {
			id := r.submit(fast, fields{"prompt": fmt.Sprint(i)})
			if i%10 == 0 {
				r.call("Task/Kill", fields{"taskid": id})
			}
			time.Sleep(300 * time.Millisecond)
		}
		time.Sleep(time.Hour)
		charges := r.Charges()
		sum := decimal.Zero
		for _, c := range charges {
			sum = sum.Add(c.Cost)
		}
		if got := usd("1000").Sub(r.Balance()); !got.Equal(sum) {
			t.Errorf("the balance fell by %s, the charges are %s", got, sum)
		}
		events, billed, last := map[string]int{}, decimal.Zero, ""
		for _, line := range lines(t, &ledger) {
			events[line.str("event")]++
			if line.str("event") != "billed" {
				continue
			}
			billed = billed.Add(usd(line.str("cost")))
			at, err := time.Parse(time.RFC3339Nano, line.str("time"))
			if err != nil || at.Format("2006-01-02T15:04:05.000") < last {
				t.Errorf("billed at %v after %s, %v", at, last, err)
			}
			last = at.Format("2006-01-02T15:04:05.000")
		}
		if !billed.Equal(sum) || events["billed"] != len(charges) {
			t.Errorf("the ledger bills %s in %d lines, the charges are %s in %d", billed, events["billed"], sum, len(charges))
		}
		if events["accepted"] != 200 || events["cancelled"] != 20 || events["billed"]+events["failed"] != 180 || events["failed"] < 20 {
			t.Errorf("events %v", events)
		}
		if got := r.FaultCounts()["task_fail"]; got != events["failed"] {
			t.Errorf("task_fail counted %d times, %d tasks failed", got, events["failed"])
		}
		if r.account.active != 0 {
			t.Errorf("%d tasks still active", r.account.active)
		}
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestLedgerErrorIsReported(t *testing.T) {
	s := New(Options{Ledger: brokenWriter{}, Instant: true})
	r := newRig(t, s, "http://sandbox.invalid", &http.Client{Transport: direct{s}})
	r.submit(fast, fields{"prompt": "x"})
	if err := s.Close(); err == nil || err.Error() != "disk full" {
		t.Errorf("Close returns %v, want the writer's error", err)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	r := serve(t, Options{Instant: true})
	id := r.submit(fast, fields{"prompt": "x"})
	url := r.task(id).list("outputs")[0].str("url")
	for range 2 {
		if _, _, err := r.get(url); err != nil {
			t.Fatal(err)
		}
	}
	r.call("Task/Nothing", nil)
	for name, want := range map[string]int{"Run": 1, "Task/Detail": 1, "cdn": 2, "unknown": 1} {
		if got := r.Requests()[name]; got != want {
			t.Errorf("%d requests of %s, want %d", got, name, want)
		}
	}
}
