package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// lose lets a submit become a task whose id nobody is told.
func lose(r *http.Request, service http.Handler) (task string) {
	said := httptest.NewRecorder()
	service.ServeHTTP(said, r)
	var answer struct{ TaskID string }
	if err := json.Unmarshal(said.Body.Bytes(), &answer); err != nil || answer.TaskID == "" {
		panic(fmt.Sprint("no task: ", said.Body))
	}
	return answer.TaskID
}

// parametersOf gives those that a task shows, to be changed.
func parametersOf(task map[string]any) map[string]any {
	if text, is := task["parameters"].(string); is {
		var shown map[string]any
		if err := json.Unmarshal([]byte(text), &shown); err != nil {
			panic(err)
		}
		task["parameters"] = shown
	}
	return task["parameters"].(map[string]any)
}

// each gives the tasks of an answer, to be changed.
func each(answer map[string]any, change func(task map[string]any)) {
	tasks, _ := answer["tasklist"].([]any)
	for _, task := range tasks {
		if task, is := task.(map[string]any); is {
			change(task)
		}
	}
}

func TestRespelledEchoesProveNoAbsence(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// One answer gets lost. The service shows what was sent in other words; those of other cells are shown as they were.
	plain := func(lost string) string { return "prompt: [" + strconv.Quote(lost) + ", a plain one], scale: [4.5]" }
	fraction := regexp.MustCompile(`^\d+\.\d+$`)
	rounded := func(format string) func(string) string {
		return func(v string) string {
			if f, err := strconv.ParseFloat(v, 64); err == nil && fraction.MatchString(v) {
				return fmt.Sprintf(format, f)
			}
			return v
		}
	}
	drawn := func(v string) string {
		if v == "0" {
			return "83642"
		}
		return v
	}
	for why, row := range map[string]struct {
		axes  string
		lost  map[string]string
		shown func(string) string
	}{
		"escaped for HTML":  {plain("A cat & a dog"), map[string]string{"prompt": "A cat & a dog", "seed": "2"}, html.EscapeString},
		"composed":          {plain("Cafe\u0301 au lait"), map[string]string{"prompt": "Cafe\u0301 au lait", "seed": "2"}, strings.NewReplacer("e\u0301", "é").Replace},
		"without emoji":     {plain("A 🐉 dragon"), map[string]string{"prompt": "A 🐉 dragon", "seed": "2"}, strings.NewReplacer("🐉", "?").Replace},
		"with plain quotes": {plain("A “quoted” dragon"), map[string]string{"prompt": "A “quoted” dragon", "seed": "2"}, strings.NewReplacer("“", `"`, "”", `"`).Replace},
		"with breaks":       {plain("a dragon\nin the sky"), map[string]string{"prompt": "a dragon\nin the sky", "seed": "2"}, strings.NewReplacer("\n", "<br />").Replace},
		"without commas":    {plain("Hello, world. A dragon"), map[string]string{"prompt": "Hello, world. A dragon", "seed": "2"}, strings.NewReplacer(",", "").Replace},
		"to one digit":      {"prompt: [a], scale: [4.25, 4.5]", map[string]string{"scale": "4.25", "seed": "2"}, rounded("%.1f")},
		"to no digit":       {"prompt: [a], scale: [4.25, 7]", map[string]string{"scale": "4.25", "seed": "2"}, rounded("%.0f")},
		"to 16 bits":        {"prompt: [a], scale: [4.2, 7]", map[string]string{"scale": "4.2", "seed": "2"}, strings.NewReplacer("4.2", "4.19921875").Replace},
		"to multiples of 8": {"prompt: [a], scale: [4, 57]", map[string]string{"scale": "57", "seed": "2"}, strings.NewReplacer("57", "56").Replace},
		"at most 50":        {"prompt: [a], scale: [4, 57]", map[string]string{"scale": "57", "seed": "2"}, strings.NewReplacer("57", "50").Replace},
		"translated": {
			"prompt: [una casa roja junto al lago, un perro verde sobre el mar, the quick brown fox jumps over a lazy dog], scale: [4]",
			map[string]string{"prompt": "una casa roja junto al lago", "seed": "2"},
			strings.NewReplacer("una casa roja junto al lago", "a red house on the lake", "un perro verde sobre el mar", "the green dog over an ocean").Replace,
		},
		"0 as the number drawn": {"prompt: [a], scale: [4.5]", map[string]string{"seed": "0"}, drawn},
	} {
		t.Run(why, func(t *testing.T) {
			in(t, sandbox.Options{}, func(p *place) {
				var lost, respelled atomic.Int64
				_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
					switch {
					case strings.Contains(r.URL.Path, "/Run/") && lost.Load() == 0:
						sent := bodyOf(r)
						for name, value := range row.lost {
							if sent[name] != value {
								service.ServeHTTP(w, r)
								return
							}
						}
						lost.Add(1)
						lose(r, service)
						panic(http.ErrAbortHandler)
					case isRead(r):
						reword(w, r, service, func(answer map[string]any) {
							each(answer, func(task map[string]any) {
								for name, value := range parametersOf(task) {
									if now := row.shown(fmt.Sprint(value)); now != fmt.Sprint(value) {
										respelled.Add(1)
										parametersOf(task)[name] = now
									}
								}
							})
						})
					default:
						service.ServeHTTP(w, r)
					}
				})
				defer restore()
				r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, order: shuffle, matrix: {" + row.axes + ", seed: 0..19}, limits: {concurrency: 2}}")
				if lost.Load() != 1 || respelled.Load() == 0 {
					t.Fatalf("%d lost, %d respelled", lost.Load(), respelled.Load())
				}
				if r.ExitCode() != 8 || p.statuses()["held"] != 1 {
					t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
				}
				p.once()
			})
		})
	}
}

func TestRespelledTextsOfTheirOwnProveNoAbsence(t *testing.T) {
	if racing {
		t.Skip("its many cases run without the race detector; others of the same code run under it")
	}
	t.Parallel()
	// Each cell has its own prompt, and one answer gets lost. What of it is respelled is in no other text, or in some, which are
	// then shown in other words too.
	for why, row := range map[string]struct {
		lost, like string
		shown      func(string) string
	}{
		"escaped for HTML":  {"cat&dog mouse&owl ox&ass", "fox&hen %d", html.EscapeString},
		"composed":          {"cafe\u0301 the\u0301 fe\u0301e", "ne\u0301 le soir %d", strings.NewReplacer("e\u0301", "é").Replace},
		"without emoji":     {"🐉one two🐉 🐉three", "a 🐉 dragon %d", strings.NewReplacer("🐉", "x").Replace},
		"with plain quotes": {"“one” “two” “three”", "a “quoted” dragon %d", strings.NewReplacer("“", `"`, "”", `"`).Replace},
		"with breaks":       {"one\ntwo\nthree", "dragons\nof the sky %d", strings.NewReplacer("\n", "<br />").Replace},
		"without commas":    {"one,two three,four five,six", "well, here is %d", strings.NewReplacer(",", "").Replace},
		"with one ellipsis": {"one...two three...four five...six", "wait... for %d..", strings.NewReplacer("...", "…").Replace},
		"with long dashes":  {"one--two three--four five--six", "wait -- for - %d-", strings.NewReplacer("--", "—").Replace},
		"with one blank":    {"one,  two  three", "a  wide one %d", strings.NewReplacer(",  ", "; ").Replace},
		"with words struck": {"a lewd dog in the sun", "the sun in a fog %d", strings.NewReplacer("lewd", "****").Replace},
		"in ASCII":          {"žluťoučký kůň úpěl", "ďábelské ódy žluťůěl %d", strings.NewReplacer("ž", "z", "ť", "t", "č", "c", "ý", "y", "ů", "u", "ň", "n", "ú", "u", "ě", "e").Replace},
	} {
		for _, others := range []bool{false, true} {
			t.Run(fmt.Sprint(why, ", in others too ", others), func(t *testing.T) {
				in(t, sandbox.Options{}, func(p *place) {
					prompts := []string{strconv.Quote("the first of all these pictures, a long one, - a - wide one."), strconv.Quote(row.lost)}
					for i := range 20 {
						prompts = append(prompts, strconv.Quote(fmt.Sprintf("the quick brown fox jumps over the lazy dog, %d.", i)))
						if others {
							prompts = append(prompts, strconv.Quote(fmt.Sprintf(row.like, i)))
						}
					}
					var lost, respelled atomic.Int64
					_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
						switch {
						case strings.Contains(r.URL.Path, "/Run/") && lost.Load() == 0 && bodyOf(r)["prompt"] == row.lost:
							lost.Add(1)
							lose(r, service)
							panic(http.ErrAbortHandler)
						case isRead(r):
							reword(w, r, service, func(answer map[string]any) {
								each(answer, func(task map[string]any) {
									sent := fmt.Sprint(parametersOf(task)["prompt"])
									if sent == row.lost {
										respelled.Add(1)
									}
									parametersOf(task)["prompt"] = row.shown(sent)
								})
							})
						default:
							service.ServeHTTP(w, r)
						}
					})
					defer restore()
					r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [" + strings.Join(prompts, ", ") + "], seed: [42]}, limits: {concurrency: 2}}")
					if lost.Load() != 1 || respelled.Load() == 0 {
						t.Fatalf("%d lost, %d respelled", lost.Load(), respelled.Load())
					}
					if r.ExitCode() != 8 || p.statuses()["held"] != 1 {
						t.Errorf("exit %d, %v", r.ExitCode(), p.statuses())
					}
					p.once()
				})
			})
		}
	}
}

func TestTextsOfTheirOwnAreToldFromThoseOfOthers(t *testing.T) {
	// A stranger is busy all the time. Of the submits, a gateway breaks off some that made a task and some that did not.
	in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
		ctx, leave := context.WithCancel(context.Background())
		left, direct := make(chan int), p.client
		go func() {
			n := 0
			for ; ctx.Err() == nil; n++ {
				direct.Run(ctx, "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": fmt.Sprint("a stranger's ", n), "seed": "42"}})
				sleepFor(ctx, 3*time.Second)
			}
			left <- n
		}()
		var asked, made, unmade atomic.Int64
		_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
			if strings.Contains(r.URL.Path, "/Run/") {
				switch asked.Add(1) % 10 {
				case 4:
					made.Add(1)
					lose(r, service)
					http.Error(w, "bad gateway", http.StatusBadGateway)
					return
				case 8:
					unmade.Add(1)
					http.Error(w, "bad gateway", http.StatusBadGateway)
					return
				}
			}
			service.ServeHTTP(w, r)
		})
		var prompts []string
		for i := range 40 {
			prompts = append(prompts, strconv.Quote(fmt.Sprintf("picture number %d, in oil", i)))
		}
		r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [" + strings.Join(prompts, ", ") + "], seed: [42]}, limits: {concurrency: 4}}")
		restore()
		leave()
		if n := <-left; made.Load() < 4 || unmade.Load() < 4 || n < 20 {
			t.Fatalf("%d made, %d not, %d of the stranger", made.Load(), unmade.Load(), n)
		}
		if held := p.statuses()["held"]; held > 2 || p.statuses()["done"] != 40-held {
			t.Errorf("exit %d, %v; %d made, %d not", r.ExitCode(), p.statuses(), made.Load(), unmade.Load())
		}
		p.once()
	})
}

func TestTasksOfOthersDoNotHideAnAbsence(t *testing.T) {
	// Somebody else makes pictures of their own all the time. That a prompt is not theirs is told by the cells that share it.
	for _, row := range []struct {
		axes string
		held bool
	}{
		{"prompt: [a lighthouse], seed: 1..40", false},
		{"prompt: [a lighthouse, a ship], seed: [1], scale: {from: 1, to: 20, count: 20}", false},
		{"prompt: {{each}}, seed: [1]", true}, // each has its own, too short to tell a text from a keyword
	} {
		var prompts []string
		for i := range 40 {
			prompts = append(prompts, fmt.Sprintf("picture %02d", i))
		}
		axes := strings.Replace(row.axes, "{{each}}", "["+strings.Join(prompts, ", ")+"]", 1)
		in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
			ctx, leave := context.WithCancel(context.Background())
			left, direct := make(chan int), p.client
			go func() {
				n := 0
				for ; ctx.Err() == nil; n++ {
					direct.Run(ctx, "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{"prompt": fmt.Sprint("a stranger's ", n), "seed": "1"}})
					sleepFor(ctx, 2*time.Second)
				}
				left <- n
			}()
			var lost atomic.Int64
			_, restore := p.behind(func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if strings.Contains(r.URL.Path, "/Run/") && lost.Add(1) == 5 { // it was never made
					panic(http.ErrAbortHandler)
				}
				service.ServeHTTP(w, r)
			})
			r := p.run("{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {" + axes + "}, limits: {concurrency: 4}}")
			restore()
			leave()
			if n := <-left; lost.Load() < 40 || n < 20 {
				t.Fatalf("%d submits, %d of the stranger", lost.Load(), n)
			}
			if held := p.statuses()["held"]; held != map[bool]int{true: 1}[row.held] || p.statuses()["done"] != 40-held {
				t.Errorf("%s: exit %d, %v", row.axes, r.ExitCode(), p.statuses())
			}
			p.once()
		})
	}
}

func sleepFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func TestLostSubmitsDoNotHoldEachOther(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// Each asks for something of its own: what one has made could be what another has made, until it is taken.
	var prompts []string
	for i := range 120 {
		prompts = append(prompts, fmt.Sprintf("%d pictures", i))
	}
	yaml := "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [" + strings.Join(prompts, ", ") + "]}, limits: {concurrency: 24}}"
	for _, faults := range []sandbox.Faults{
		{"run_drop_after": 0.2, "run_502_before": 0.15},
		{"run_drop_after": 0.2, "run_502_before": 0.15, "run_slow": 0.3},
		{"run_drop_after": 0.2, "run_502_before": 0.15, "list_lag": 0.5},
	} {
		in(t, sandbox.Options{Faults: faults, Seed: 5, Timing: sevenSeconds}, func(p *place) {
			r := p.run(yaml)
			fired := p.sandbox.FaultCounts()
			for fault := range faults {
				if fired[fault] < 12 {
					t.Errorf("fired: %v", fired)
				}
			}
			if held := p.statuses()["held"]; held > 10 || p.statuses()["done"] != 120-held || p.sandbox.Accepted() != 120-held { // a third of the last witnesses get lost themselves
				t.Errorf("%v: exit %d, %d tasks, %v, %v", faults, r.ExitCode(), p.sandbox.Accepted(), p.statuses(), fired)
			}
			p.once()
			p.audit()
		})
	}
}

func TestTasksOfARunBesideDoNotHideAnAbsence(t *testing.T) {
	if testing.Short() {
		t.Skip("its many cases take long under the race detector; others of the same code are short")
	}
	// Both ask for nothing but things of their own, which only their journals tell apart.
	yaml := func(what string) string {
		var prompts []string
		for i := range 60 {
			prompts = append(prompts, fmt.Sprintf("%d %s", i, what))
		}
		return "{version: 1, name: x, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [" + strings.Join(prompts, ", ") + "]}, limits: {concurrency: 8}}"
	}
	faults := sandbox.Faults{"run_drop_after": 0.1, "run_502_before": 0.1, "run_slow": 0.2}
	in(t, sandbox.Options{Faults: faults, Seed: 6, Timing: sevenSeconds}, func(p *place) {
		q, seen := p.besides()
		ended := make(chan error, 1)
		go func() {
			_, err := q.try(context.Background(), nil, yaml("ships"), seen)
			ended <- err
		}()
		p.run(yaml("houses"), seen)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		fired := p.sandbox.FaultCounts()
		for fault := range faults {
			if fired[fault] < 8 {
				t.Errorf("fired: %v", fired)
			}
		}
		held := p.statuses()["held"] + q.statuses()["held"]
		if done := p.statuses()["done"] + q.statuses()["done"]; held > 2 || done != 120-held || p.sandbox.Accepted() != 120-held {
			t.Errorf("%d tasks for 120 cells, %v, %v, %v", p.sandbox.Accepted(), p.statuses(), q.statuses(), fired)
		}
		p.once()
	})
}
