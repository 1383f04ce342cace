package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// clerk stands on the network, and notes when each submit leaves, and when the end of each task comes by.
type clerk struct {
	http.RoundTripper
	mu            sync.Mutex
	submits, ends []time.Time
}

func (c *clerk) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/Run/") {
		c.mu.Lock()
		c.submits = append(c.submits, time.Now())
		c.mu.Unlock()
	}
	answer, err := c.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/Task/Detail") {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.Contains(body, []byte(`"task_postprocess_end"`)) {
		c.mu.Lock()
		c.ends = append(c.ends, time.Now())
		c.mu.Unlock()
	}
	return answer, err
}

// watched puts a clerk between the runs of a place and its service.
func (p *place) watched() *clerk {
	c := &clerk{RoundTripper: p.transport}
	p.client = p.dial(c, "sandbox")
	return c
}

func slotted(cells int, limits string) string {
	return fmt.Sprintf("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a], seed: 1..%d}, limits: {%s}}", cells, limits)
}

func TestASlotIsRefilledAtOnce(t *testing.T) {
	const cells, slots = 120, 20
	in(t, sandbox.Options{Timing: sandbox.Timing{Run: sandbox.Span{Least: 2, Typical: 3, Most: 4}}, PictureSize: 8}, func(p *place) {
		c := p.watched()
		if r := p.run(slotted(cells, "concurrency: 20"), byDetail); r.ExitCode() != 0 || len(c.submits) != cells || len(c.ends) != cells {
			t.Errorf("exit %d, %d submits, %d ends", r.ExitCode(), len(c.submits), len(c.ends))
			return
		}
		for k := range cells - slots {
			if empty := c.submits[slots+k].Sub(c.ends[k]); empty < 0 || empty > time.Millisecond {
				t.Errorf("a slot was empty for %v", empty)
			}
		}
	})
}

func TestALostAnswerHoldsNobodyUp(t *testing.T) {
	const cells, seeds = 110, 2
	run := func(seed uint64, faults sandbox.Faults) (took time.Duration, lost int) {
		in(t, sandbox.Options{Timing: threeSeconds, Seed: seed, Faults: faults, PictureSize: 8}, func(p *place) {
			c := p.watched()
			if r := p.run(slotted(cells, "concurrency: 40")); r.ExitCode() != 0 || len(c.submits) != cells {
				t.Errorf("exit %d, %d submits", r.ExitCode(), len(c.submits))
			}
			took, lost = c.submits[cells*9/10].Sub(c.submits[0]), total(p.sandbox.FaultCounts())
		})
		return took, lost
	}
	calm, _ := run(1, nil)
	var sum time.Duration
	all := 0
	for seed := range uint64(seeds) {
		took, lost := run(seed+1, sandbox.Faults{"run_502_after": 0.04, "run_drop_after": 0.03})
		sum, all = sum+took, all+lost
	}
	t.Logf("nine tenths of the submits left in %v, with %d lost answers in %v", calm, all, sum/seeds)
	if all < 8 || sum/seeds > calm*21/20 {
		t.Errorf("%v with %d lost answers, %v without", sum/seeds, all, calm)
	}
}

func TestALimitThatFallsIsFollowed(t *testing.T) {
	in(t, sandbox.Options{Balance: usd("245").Decimal, Timing: sevenSeconds, PictureSize: 8}, func(p *place) {
		const cells, falls = 200, 5
		for n := range falls { // 24, 22, … 14
			time.AfterFunc(time.Duration(n+1)*10*time.Second, func() { p.sandbox.SetBalance(usd(fmt.Sprint(225 - 20*n)).Decimal) })
		}
		r := p.run(slotted(cells, ""))
		refused := p.sandbox.Requests()["Run"] - cells
		if r.ExitCode() != 0 || refused < falls || refused > 2*2*falls {
			t.Errorf("exit %d, %d refused for %d falls by 2", r.ExitCode(), refused, falls)
		}
		p.once()
	})
}

func TestALimitThatRisesIsNoticed(t *testing.T) {
	in(t, sandbox.Options{Balance: usd("85").Decimal, Timing: sevenSeconds, PictureSize: 8}, func(p *place) {
		const cells = 220
		c := p.watched()
		rise := time.Now().Add(20 * time.Second)
		time.AfterFunc(20*time.Second, func() { p.sandbox.SetBalance(usd("245").Decimal) })
		r := p.run(slotted(cells, ""))
		n := 0 // submits in a round, from a minute after the rise on
		for _, at := range c.submits {
			if d := at.Sub(rise) - time.Minute; 0 <= d && d < 7500*time.Millisecond {
				n++
			}
		}
		if refused := len(c.submits) - cells; r.ExitCode() != 0 || n < 22 || refused < 1 || refused > 15 {
			t.Errorf("exit %d, %d submits in a round of 24 slots, %d refused", r.ExitCode(), n, refused)
		}
	})
}

func TestWhatOthersLeaveIsUsed(t *testing.T) {
	in(t, sandbox.Options{Balance: usd("165").Decimal, Timing: sevenSeconds, PictureSize: 8}, func(p *place) {
		const cells, slots, theirs, leave = 180, 16, 8, 40 * time.Second
		p.sandbox.SetFaults(sandbox.Faults{"task_stuck": 1})
		var tasks []string
		for n := range theirs {
			sub, err := p.client.Run(context.Background(), textModel, wiro.Input{Params: map[string]string{"prompt": fmt.Sprint(n)}})
			if err != nil {
				t.Fatal(err)
			}
			tasks = append(tasks, sub.TaskID)
		}
		p.sandbox.SetFaults(nil)
		c := p.watched()
		begun := time.Now()
		time.AfterFunc(leave, func() {
			for _, id := range tasks {
				p.client.Kill(context.Background(), id)
			}
		})
		r := p.run(slotted(cells, ""))
		took, refused := time.Since(begun), len(c.submits)-cells
		const round = 7.6 // seconds, with what watching adds
		best := leave.Seconds() + (cells-(slots-theirs)*leave.Seconds()/round)/slots*round
		t.Logf("%v, at best about %.0f s, %d refused", took, best, refused)
		if r.ExitCode() != 0 || took.Seconds() > best+20 || refused < 1 || refused > 20 {
			t.Errorf("exit %d, %v (at best about %.0f s), %d refused", r.ExitCode(), took, best, refused)
		}
	})
}

// Whatever happens, restarts among it, no window has more submits than burst and rate allow.
func TestTheRateHoldsOverAnyWindow(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	fired := map[string]int{}
	for n, row := range []struct {
		rate, burst int
		more        string
	}{{2, 1, "concurrency: 40"}, {3, 9, "concurrency: 40"}, {5, 30, ""}} {
		in(t, sandbox.Options{Timing: threeSeconds, Seed: uint64(n), PictureSize: 8, Shape: sandbox.ShapeDocumentation, Faults: sandbox.Faults{
			"run_429": 0.1, "run_96": 0.1, "run_502_after": 0.05, "run_drop_after": 0.05, "task_fail": 0.1, "run_slow": 0.1,
		}}, func(p *place) {
			c := p.watched()
			yaml := slotted(50, fmt.Sprintf("retries: 8, rate: %d/s, burst: %d, %s", row.rate, row.burst, row.more))
			for range 4 { // killed, and started again at once
				ctx, kill := context.WithTimeout(context.Background(), 5*time.Second)
				_, err := p.try(ctx, nil, yaml)
				if kill(); err != nil {
					t.Fatal(err)
				}
			}
			if r := p.run(yaml); r.ExitCode() != 0 {
				t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
			}
			slices.SortFunc(c.submits, time.Time.Compare)
			for i, from := range c.submits {
				for k, to := range c.submits[i:] { // k+1 submits in that window
					if most := float64(row.burst) + float64(row.rate)*to.Sub(from).Seconds() + 0.01; float64(k+1) > most {
						t.Errorf("%d submits in %v, at %d/s and a burst of %d", k+1, to.Sub(from), row.rate, row.burst)
						return
					}
				}
			}
			for fault, times := range p.sandbox.FaultCounts() {
				fired[fault] += times
			}
		})
	}
	if fired["run_429"] < 10 || fired["run_96"] < 10 || fired["run_502_after"] < 4 {
		t.Errorf("%v", fired)
	}
}
