package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// hundred cells at $0.02 each, by the price list.
const hundred = "{version: 1, name: x, model: Qwen/Qwen-Image, matrix: {prompt: [a], seed: 1..100}, limits: {concurrency: 64}}"

// budget sets one.
func budget(amount string) func(*pipeline.Options) {
	return func(o *pipeline.Options) { o.Limits.Budget = usd(amount) }
}

func TestBudgetLetsInWhatItPays(t *testing.T) {
	for _, shape := range []sandbox.Shape{sandbox.ShapeSeed, sandbox.ShapeDocumentation} {
		in(t, sandbox.Options{Shape: shape, Timing: sevenSeconds}, func(p *place) {
			accepted := 0
			for _, step := range []struct {
				budget string
				more   int
			}{{"0.209", 10}, {"0.209", 0}, {"0.30", 5}, {"0.301", 0}} {
				r := p.run(hundred, budget(step.budget))
				if n := p.sandbox.Accepted() - accepted; n != step.more || r.ExitCode() != 4 {
					t.Errorf("budget %s: %d submits, exit %d", step.budget, n, r.ExitCode())
				}
				if accepted = p.sandbox.Accepted(); p.statuses()["done"] != accepted {
					t.Errorf("what ran was not finished: %v", p.statuses())
				}
			}
			p.audit()
		})
	}
}

// What fails is not billed: its money serves others, and the budget is reached only when nothing more can come back.
func TestFailedTasksGiveTheirMoneyBack(t *testing.T) {
	failed := 0
	for seed := range uint64(3) {
		in(t, sandbox.Options{Seed: seed, Shape: sandbox.ShapeDocumentation, Faults: sandbox.Faults{"task_fail": 0.5}}, func(p *place) {
			r := p.run(hundred, budget("0.101"), func(o *pipeline.Options) { o.Limits.Retries = 20 })
			if r.ExitCode() != 4 || p.statuses()["done"] != 5 {
				t.Errorf("exit %d, %v of 5 that are paid for", r.ExitCode(), p.statuses())
			}
			failed += p.sandbox.FaultCounts()["task_fail"]
			p.audit()
		})
	}
	if failed < 3 {
		t.Errorf("%d tasks failed", failed)
	}
}

func TestMoneyAtStakeCounts(t *testing.T) {
	in(t, sandbox.Options{Seed: 3, Faults: sandbox.Faults{"run_502_after": 0.5, "list_empty_params": 1}}, func(p *place) {
		r := p.run(hundred, budget("0.20"))
		held := p.statuses()["held"]
		if r.ExitCode() != 8 || held < 2 || p.sandbox.Accepted() != 10 {
			t.Fatalf("exit %d, %d held, %d submits", r.ExitCode(), held, p.sandbox.Accepted())
		}
		p.sandbox.SetFaults(sandbox.Faults{"list_empty_params": 1})
		r = p.run(hundred, budget("0.30"))
		if r.ExitCode() != 8 || p.statuses()["held"] != held || p.sandbox.Accepted() != 15 {
			t.Errorf("then: exit %d, %d held of %d, %d submits", r.ExitCode(), p.statuses()["held"], held, p.sandbox.Accepted())
		}
		if want := usd("0.02").Decimal.Mul(usd(fmt.Sprint(held)).Decimal); !r.Summary.Money.Reserved.Equal(want) {
			t.Errorf("$%s at stake, not $%s", r.Summary.Money.Reserved, want)
		}
	})
}

// Nobody tells a price, and each answer is lost: what a submit costs cannot be learned by more of them.
func TestLostScoutsAreFew(t *testing.T) {
	in(t, sandbox.Options{Faults: sandbox.Faults{"tool_5xx": 1, "run_502_after": 1, "list_empty_params": 1}}, func(p *place) {
		for range 2 {
			r := p.run(hundred, budget("0.10"))
			if n := p.sandbox.Accepted(); n == 0 || n > 3 || r.ExitCode() != 8 {
				t.Errorf("exit %d, %d submits", r.ExitCode(), n)
			}
		}
		p.sandbox.SetFaults(sandbox.Faults{"tool_5xx": 0, "list_empty_params": 1})
		before := p.sandbox.Accepted()
		r := p.run(hundred, budget("0.10"))
		if p.sandbox.Accepted() != 5 || before != 3 {
			t.Errorf("once the price is known: exit %d, %d submits after %d", r.ExitCode(), p.sandbox.Accepted(), before)
		}
	})
}

// paidInTheDark makes five cells whose cost nobody tells: neither their tasks do, nor does the price list come.
func paidInTheDark(p *place, yaml string) {
	p.t.Helper()
	p.sandbox.SetFaults(sandbox.Faults{"tool_drop": 1})
	p.run(yaml, func(o *pipeline.Options) { o.Limit = 5 })
	for _, row := range p.rows() {
		if row["status"] == "done" && (row["cost_usd"] != "" || row["cost_source"] != "none") {
			p.t.Fatalf("a cost from nowhere: %v", row)
		}
	}
	if p.statuses()["done"] != 5 || p.sandbox.FaultCounts()["tool_drop"] < 5 || !p.warned("whose cost is not known: 5") {
		p.t.Fatalf("%v, %v, %q", p.statuses(), p.sandbox.FaultCounts(), p.warnings)
	}
}

func TestBudgetCountsWhatHasNoCostYet(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeSeed}, func(p *place) {
		paidInTheDark(p, hundred)
		if r := p.run(hundred, budget("0.20")); r.ExitCode() != 4 || p.sandbox.Accepted() != 5 || !p.warned("nobody tells") {
			t.Errorf("without any price: exit %d, %d submits", r.ExitCode(), p.sandbox.Accepted())
		}
		p.sandbox.SetFaults(nil)
		r := p.run(hundred, budget("0.20"))
		if r.ExitCode() != 4 || p.sandbox.Accepted() != 10 || r.Spent.String() != "0.1" {
			t.Errorf("exit %d, %d submits, $%s in this run", r.ExitCode(), p.sandbox.Accepted(), r.Spent)
		}
		p.audit()
	})
}

// The price is known while the cells are submitted, and their costs are not: what was reserved stands for them.
func TestBudgetHoldsWhatWasReserved(t *testing.T) {
	yaml := strings.Replace(hundred, "Qwen/Qwen-Image,", textModel+",", 1)
	yaml = strings.Replace(yaml, "seed: 1..100", "temperature: {from: 0.01, to: 1, count: 100}", 1)
	in(t, sandbox.Options{Shape: sandbox.ShapeSeed}, func(p *place) {
		r := p.run(yaml, func(o *pipeline.Options) { o.Limit = 1 })
		each := r.Summary.Money.Reserved
		if !each.IsPositive() || !r.Summary.Money.Spent.IsZero() {
			t.Fatalf("a text of an untold price: %+v", r.Summary.Money)
		}
		r = p.run(yaml, budget(each.Mul(usd("7.5").Decimal).String()), func(o *pipeline.Options) { o.Limits.Concurrency = 2 })
		if r.ExitCode() != 4 || p.sandbox.Accepted() != 7 {
			t.Errorf("exit %d, %d submits", r.ExitCode(), p.sandbox.Accepted())
		}
		if r.Summary.Money.Mean != nil {
			t.Errorf("the mean of costs that are not known is $%s", r.Summary.Money.Mean)
		}
	})
}

func TestCostsAreFilledIn(t *testing.T) {
	for model, matrix := range map[string]string{
		"Qwen/Qwen-Image": "seed: 1..5", "Qwen/Qwen-Image-Fast": "seed: 1..5", multiModel: "samples: 1..5", "sandbox/pixels": "width: [512, 1024, 2048, 1096, 4096]",
	} {
		yaml := fmt.Sprintf("{version: 1, name: x, model: %s, matrix: {prompt: [a], %s}}", model, matrix)
		t.Run(model, func(t *testing.T) {
			in(t, sandbox.Options{Shape: sandbox.ShapeSeed}, func(p *place) {
				paidInTheDark(p, yaml)
				p.sandbox.SetFaults(nil)
				for want := range 2 { // one request, and from then on none
					before, asked := total(p.sandbox.Requests()), p.sandbox.Requests()["Tool/Detail"]
					if r := p.run(yaml); r.ExitCode() != 0 || !r.Spent.IsZero() {
						t.Errorf("exit %d, $%s spent", r.ExitCode(), r.Spent)
					}
					if n, all := p.sandbox.Requests()["Tool/Detail"]-asked, total(p.sandbox.Requests())-before; n != 1-want || all != n {
						t.Errorf("start %d: %d requests, %d for the price list", want+1, all, n)
					}
					p.audit()
				}
			})
			in(t, sandbox.Options{Shape: sandbox.ShapeSeed, Timing: sevenSeconds, Faults: sandbox.Faults{"tool_5xx": 1}}, func(p *place) {
				time.AfterFunc(80*time.Second, func() { p.sandbox.SetFaults(nil) })
				p.run(yaml, func(o *pipeline.Options) { o.Limits.Concurrency, o.Limits.Rate = 1, 0.05 }) // its last cell ends after that
				if p.sandbox.FaultCounts()["tool_5xx"] < 5 {
					t.Errorf("%v", p.sandbox.FaultCounts())
				}
				p.audit()
			})
		})
	}
}

func TestUntoldPricesAreNotAskedForAgain(t *testing.T) {
	const yaml = "{version: 1, name: x, model: " + textModel + ", matrix: {prompt: [a, b]}}"
	in(t, sandbox.Options{Shape: sandbox.ShapeSeed}, func(p *place) {
		p.run(yaml)
		before := total(p.sandbox.Requests())
		if p.run(yaml); total(p.sandbox.Requests()) != before || p.rows()[0]["cost_source"] != "none" || p.rows()[0]["cost_usd"] != "" {
			t.Errorf("%d requests, %v", total(p.sandbox.Requests())-before, p.rows()[0])
		}
	})
}

// What one model has made ends under a manifest of another, at its own price.
func TestModelsHaveTheirOwnPrices(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeSeed, Timing: sevenSeconds}, func(p *place) {
		for i, model := range []string{"Qwen/Qwen-Image", multiModel, "Qwen/Qwen-Image-Fast"} {
			ctx, leave := context.WithTimeout(context.Background(), 4*time.Second)
			_, err := p.try(ctx, nil, strings.Replace(hundred, "Qwen/Qwen-Image", model, 1), func(o *pipeline.Options) { o.Limit = 6 })
			leave()
			if err != nil || p.sandbox.Accepted() != 6*(i+1) {
				t.Fatalf("%v, %d tasks", err, p.sandbox.Accepted())
			}
		}
		r := p.run("{version: 1, name: x, model: sandbox/pixels, matrix: {prompt: [a], seed: [1]}}")
		if r.ExitCode() != 0 || p.statuses()["done"] != 19 {
			t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
		}
		p.audit()
	})
}

// The price list is down while the first submits are lost and told to wait, and is there when they leave: what is held for them
// then is given back with them, and the budget has an end.
func TestPriceThatShowsWhileAScoutWaits(t *testing.T) {
	for _, row := range []struct {
		budget, price    string
		made, exit, lost int
	}{{"0.101", "0.02", 4, 4, 0}, {"0.101", "0.01", 4, 4, 0}, {"0.03", "0.02", 0, 8, 1}} { // the lost one may have cost as much as another would
		in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sevenSeconds}, func(p *place) {
			begun := time.Now()
			var submits, down atomic.Int32
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				switch {
				case strings.Contains(r.URL.Path, "/Tool/Detail") && time.Since(begun) < 45*time.Second:
					down.Add(1)
					w.WriteHeader(http.StatusInternalServerError)
					return
				case strings.Contains(r.URL.Path, "/Run/"):
					switch submits.Add(1) {
					case 1:
						w.WriteHeader(http.StatusBadGateway)
						return
					case 2:
						w.Header().Set("Retry-After", "110")
						w.WriteHeader(http.StatusTooManyRequests)
						return
					}
				}
				said := httptest.NewRecorder()
				service.ServeHTTP(said, r)
				body := said.Body.String()
				if strings.Contains(r.URL.Path, "/Tool/Detail") {
					body = listedPrice.ReplaceAllString(body, "${1}"+row.price)
				}
				w.WriteHeader(said.Code)
				io.WriteString(w, body)
			})
			defer restore()
			stop := make(chan pipeline.Reason, 1)
			hangs := time.AfterFunc(15*time.Minute, func() { stop <- pipeline.Terminated })
			defer hangs.Stop()
			r, err := p.try(context.Background(), stop, hundred, budget(row.budget), func(o *pipeline.Options) { o.Limits.Concurrency = 4 })
			if err != nil || r.ExitCode() != row.exit || p.sandbox.Accepted() != row.made || !r.Progress.Reserved.IsZero() || r.Progress.Unpriced != row.lost {
				t.Errorf("budget %s: %v, exit %d, %d tasks, %+v, %v", row.budget, err, r.ExitCode(), p.sandbox.Accepted(), r.Progress, p.errors())
			}
			if n := down.Load(); n == 0 || int(submits.Load()) != row.made+2 {
				t.Errorf("the price list was down for %d calls, %d submits", n, submits.Load())
			}
			p.audit()
		})
	}
}
