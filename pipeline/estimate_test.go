package pipeline_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

var (
	listedPrice = regexp.MustCompile(`(\\"price\\": ?)"?0\.02"?`)
	totalCost   = regexp.MustCompile(`("totalcost": ?)"?0\.02\d*"?`)
)

// priced puts another price into the list, and another cost into the tasks where one is given. changed counts the lists.
func (p *place) priced(list, cost string) (changed *atomic.Int64, restore func()) {
	changed = new(atomic.Int64)
	_, restore = p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		tool := strings.HasSuffix(r.URL.Path, "/Tool/Detail")
		if !tool && !isRead(r) {
			service.ServeHTTP(w, r)
			return
		}
		said := httptest.NewRecorder()
		service.ServeHTTP(said, r)
		body := said.Body.String()
		if tool && listedPrice.MatchString(body) {
			body = listedPrice.ReplaceAllString(body, "${1}"+list)
			changed.Add(1)
		}
		if cost != "" {
			body = totalCost.ReplaceAllString(body, `${1}"`+cost+`"`)
		}
		w.WriteHeader(said.Code)
		w.Write([]byte(body))
	})
	return changed, restore
}

// A list that has 0 where nobody has entered a price holds no budget: the price is learned first.
func TestListedPriceOfNothing(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sevenSeconds}, func(p *place) {
		lists, restore := p.priced("0", "")
		defer restore()
		for _, step := range []string{"0.20", "0.30"} {
			r := p.run(hundred, budget(step))
			if !p.charged().Equal(usd(step).Decimal) || r.ExitCode() != 4 || lists.Load() == 0 {
				t.Errorf("budget %s: $%s charged, exit %d, %d lists", step, p.charged(), r.ExitCode(), lists.Load())
			}
		}
		p.audit()
	})
}

// A list that is far too low is corrected by what was paid: neither what takes the place of the first tasks, nor the next
// start, goes by it any more.
func TestListedPriceThatIsTooLow(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	uneven := sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Span{Typical: 10, Least: 2, Most: 20}, Postprocess: sandbox.Exactly(1)}
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: uneven}, func(p *place) {
		lists, restore := p.priced("0.002", "")
		defer restore()
		few := func(o *pipeline.Options) { o.Limits.Concurrency = 12 }
		for _, step := range []struct {
			budget, most string
		}{{"0.30", "0.30"}, {"0.401", "0.401"}, {"1.00", "1.00"}} {
			r := p.run(hundred, budget(step.budget), few)
			if p.charged().GreaterThan(usd(step.most).Decimal) || r.ExitCode() != 4 || p.charged().LessThan(usd(step.budget).Decimal.Sub(usd("0.021").Decimal)) {
				t.Errorf("budget %s: $%s charged, exit %d", step.budget, p.charged(), r.ExitCode())
			}
		}
		// More at once than the budget has room for: what left by the list's word alone is all that goes beyond.
		before := p.sandbox.Accepted()
		r := p.run(hundred, budget("1.20"))
		if n := p.sandbox.Accepted() - before; n != 10 || r.ExitCode() != 4 {
			t.Errorf("many at once: %d more submits, exit %d", n, r.ExitCode())
		}
		if lists.Load() < 4 {
			t.Errorf("%d lists", lists.Load())
		}
		p.audit()
	})
}

// What has left by the list's word alone counts by what it will cost, as soon as that is known.
func TestTasksUnderWayCountByWhatTheyWillCost(t *testing.T) {
	uneven := sandbox.Timing{Preprocess: sandbox.Exactly(2), Run: sandbox.Span{Typical: 30, Least: 2, Most: 60}, Postprocess: sandbox.Exactly(1)}
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: uneven}, func(p *place) {
		_, restore := p.priced("0.000001", "")
		defer restore()
		const first = 20
		r := p.run(hundred, budget("0.30"), func(o *pipeline.Options) { o.Limits.Concurrency = first })
		if n := p.sandbox.Accepted(); n != first || r.ExitCode() != 4 {
			t.Errorf("%d submits, %d of them before any cost was known; exit %d", n, first, r.ExitCode())
		}
		p.audit()
	})
}

// A model that costs nothing is run, under a budget too.
func TestFreeModel(t *testing.T) {
	in(t, sandbox.Options{Shape: sandbox.ShapeDocumentation, Timing: sevenSeconds}, func(p *place) {
		lists, restore := p.priced("0", "0")
		defer restore()
		if r := p.run(hundred, budget("0.02")); r.ExitCode() != 0 || p.statuses()["done"] != 100 || !r.Spent.IsZero() || lists.Load() == 0 {
			t.Errorf("exit %d, %v, $%s, %d lists", r.ExitCode(), p.statuses(), r.Spent, lists.Load())
		}
	})
}
