package wiro_test

import (
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

const fast = "Qwen/Qwen-Image-Fast"

// against is a client of a sandbox.
func against(t *testing.T, o sandbox.Options) (*wiro.Client, *sandbox.Sandbox) {
	t.Helper()
	s := sandbox.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close() // lets go of what hangs on purpose
		server.Close()
	})
	key := o.Key
	if key == "" {
		key = "sandbox"
	}
	c, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret(key), Secret: wiro.NewSecret(o.Secret), Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c, s
}

// disposition of a call that must fail.
func disposition(t *testing.T, err error) (wiro.Disposition, *wiro.Error) {
	t.Helper()
	var e *wiro.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a *wiro.Error", err)
	}
	return e.Disposition(), e
}

// Every shape of the wire, under both authentications.
func eachWire(t *testing.T, o sandbox.Options, test func(*testing.T, *wiro.Client, *sandbox.Sandbox)) {
	for _, shape := range []sandbox.Shape{sandbox.ShapeSeed, sandbox.ShapeDocumentation, sandbox.ShapeMixed} {
		for _, secret := range []string{"", "a secret"} {
			t.Run(fmt.Sprintf("%v/signed=%v", shape, secret != ""), func(t *testing.T) {
				o := o
				o.Shape, o.Secret, o.Key, o.Seed = shape, secret, "a-key", 7
				c, s := against(t, o)
				test(t, c, s)
			})
		}
	}
}

func TestALifeAgainstTheSandbox(t *testing.T) {
	eachWire(t, sandbox.Options{Instant: true, PictureSize: 32}, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		ctx := t.Context()
		var last wiro.Task
		var ids []string
		total, known := decimal.Zero, true
		for seed := range 12 { // mixed: each task has a shape of its own
			params := map[string]string{"prompt": "A dragon, \"drawn\" <well> 🐉", "scale": "4.50", "aspectRatio": "3:2", "seed": strconv.Itoa(seed)}
			sub, err := c.Run(ctx, fast, wiro.Input{Params: params})
			if err != nil {
				t.Fatal(err)
			}
			task, err := c.Detail(ctx, sub.TaskID)
			if err != nil {
				t.Fatal(err)
			}
			if task.ID != sub.TaskID || task.Token != sub.TaskToken || task.Outcome() != wiro.Succeeded || len(task.Outputs) != 1 {
				t.Fatalf("task %+v of %+v", task, sub)
			}
			for k, v := range params {
				if task.Parameters != nil && task.Parameters[k] != v {
					t.Errorf("%s came back as %q, sent %q", k, task.Parameters[k], v)
				}
			}
			if task.Created.IsZero() || task.Started.Before(task.Created) || task.Ended.Before(task.Started) || !task.Canceled.IsZero() || !task.Elapsed.Valid {
				t.Errorf("times of %+v", task)
			}
			usd, _, ok := task.Cost()
			total, known = total.Add(usd), known && ok
			byToken, err := c.DetailByToken(ctx, sub.TaskToken)
			if err != nil || byToken.ID != sub.TaskID {
				t.Errorf("by token: %+v, %v", byToken, err)
			}
			last, ids = task, append([]string{sub.TaskID}, ids...)
		}

		charged := decimal.Zero
		for _, charge := range s.Charges() {
			charged = charged.Add(charge.Cost)
		}
		if known && !total.Equal(charged) {
			t.Errorf("the tasks say %s USD, the sandbox billed %s", total, charged)
		}
		out := last.Outputs[0]
		resp, err := c.Fetch(ctx, out.URL)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(resp.Body)
		resp.Body.Close()
		if err != nil || picture.Bounds().Dx() <= picture.Bounds().Dy() || out.Size >= 0 && resp.ContentLength != out.Size || !strings.HasPrefix(out.ContentType, "image/") {
			t.Errorf("%+v with %d bytes: %v", out, resp.ContentLength, err)
		}

		page, err := c.List(ctx, wiro.ListQuery{Limit: 5})
		if err != nil || page.Total != 12 || len(page.Tasks) != 5 {
			t.Fatalf("%d tasks of %d, %v", len(page.Tasks), page.Total, err)
		}
		for i, task := range page.Tasks {
			if task.ID != ids[i] {
				t.Errorf("place %d of the list has %s, want %s: newest first", i, task.ID, ids[i])
			}
		}
		rest, err := c.List(ctx, wiro.ListQuery{Start: 10, Limit: 100, ModelName: fast})
		if err != nil || len(rest.Tasks) != 2 || rest.Tasks[1].ID != ids[11] {
			t.Errorf("the end of the list: %+v, %v", rest, err)
		}

		for range 2 { // idempotent
			if err := c.InputOutputDelete(ctx, last.Token); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, err := c.Fetch(ctx, out.URL); err == nil {
			t.Error("the output is still there")
		} else if d, _ := disposition(t, err); d != wiro.FailCell {
			t.Errorf("a deleted output: %v: %s", err, d)
		}
		_, err = c.Kill(ctx, last.ID)
		if d, e := disposition(t, err); d != wiro.FailCell || !e.NotFound() {
			t.Errorf("killing what has ended: %v: %s", err, d)
		}
		_, err = c.Detail(ctx, "1")
		if d, e := disposition(t, err); d != wiro.FailCell || !e.NotFound() {
			t.Errorf("a task that never was: %v: %s", err, d)
		}
	})
}

func TestKillAndCancelAgainstTheSandbox(t *testing.T) {
	o := sandbox.Options{Workers: 1, Timing: sandbox.Timing{Run: sandbox.Exactly(3600)}}
	eachWire(t, o, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		ctx := t.Context()
		empty, err := c.List(ctx, wiro.ListQuery{})
		if err != nil || len(empty.Tasks) != 0 {
			t.Errorf("an account without tasks: %+v, %v", empty, err)
		}
		var subs []wiro.Submission
		for range 3 {
			sub, err := c.Run(ctx, fast, wiro.Input{Params: map[string]string{"prompt": "x"}})
			if err != nil {
				t.Fatal(err)
			}
			subs = append(subs, sub)
		}
		for name, end := range map[string]func() (wiro.Task, error){
			"Cancel, in the queue": func() (wiro.Task, error) { return c.Cancel(ctx, subs[2].TaskID) },
			"Kill by token":        func() (wiro.Task, error) { return c.KillByToken(ctx, subs[1].TaskToken) },
			"Kill":                 func() (wiro.Task, error) { return c.Kill(ctx, subs[0].TaskID) },
		} {
			task, err := end()
			if err != nil || task.Outcome() != wiro.Canceled {
				t.Errorf("%s: %+v, %v", name, task, err)
			}
			again, err := c.Detail(ctx, task.ID)
			if usd, _, ok := again.Cost(); err != nil || again.Outcome() != wiro.Canceled || !ok || !usd.IsZero() {
				t.Errorf("after %s: %+v, cost %s %v, %v", name, again, usd, ok, err)
			}
		}
		if n := len(s.Charges()); n != 0 {
			t.Errorf("%d cancelled tasks were billed", n)
		}
	})
}

func TestModelsAndFilesAgainstTheSandbox(t *testing.T) {
	eachWire(t, sandbox.Options{Instant: true, PictureSize: 16}, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		ctx := t.Context()
		page, err := c.Tools(ctx, wiro.ToolQuery{Limit: 100})
		if err != nil || page.Total != len(page.Tools) || len(page.Tools) < 5 {
			t.Fatalf("%d models of %d, %v", len(page.Tools), page.Total, err)
		}
		tool, err := c.Tool(ctx, fast)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range tool.Parameters {
			names = append(names, p.ID+"="+p.Default)
			if p.ID == "aspectRatio" && (len(p.Options) != 7 || p.Options[0].Value != "16:9") {
				t.Errorf("ratios %+v", p.Options)
			}
		}
		if !slices.Contains(names, "scale=4.5") || !slices.Contains(names, "seed=42") || len(names) != 4 {
			t.Errorf("parameters %v", names)
		}

		up, err := c.Upload(ctx, "in.png", strings.NewReader("picture"))
		if err != nil || up.URL == "" || up.Size != 7 {
			t.Fatalf("upload: %+v, %v", up, err)
		}
		const model = "sandbox/image-to-image"
		for why, in := range map[string]wiro.Input{
			"a file": {Params: map[string]string{"quality": "fine", "inputImageUrl": ""},
				Files: []wiro.InputFile{{Param: "inputImage", Name: "in.png", ContentType: "image/png", Content: strings.NewReader("picture")}}},
			"its URL": {Params: map[string]string{"quality": "fine", "inputImageUrl": up.URL}},
		} {
			if _, err := c.Run(ctx, model, in); err != nil {
				t.Errorf("with %s: %v", why, err)
			}
		}
		priced, err := c.Tool(ctx, model)
		if err != nil {
			t.Fatal(err)
		}
		usd, method, ok := priced.Price(map[string]string{"quality": "fine"})
		charges := s.Charges()
		if len(charges) != 2 || !ok || method != "cpr" || !usd.Equal(charges[1].Cost) {
			t.Errorf("expected %s (%s, %v), billed %+v", usd, method, ok, charges)
		}
		_, err = c.Run(ctx, model, wiro.Input{})
		if d, _ := disposition(t, err); d != wiro.FailCell {
			t.Errorf("without its file: %v: %s", err, d)
		}
		_, err = c.Run(ctx, fast, wiro.Input{Params: map[string]string{"prompt": "x", "scale": "wide"}})
		if d, _ := disposition(t, err); d != wiro.FailCell {
			t.Errorf("a scale that is no number: %v: %s", err, d)
		}
		_, err = c.Run(ctx, "no/body", wiro.Input{})
		if d, _ := disposition(t, err); d != wiro.FailCell {
			t.Errorf("a model that is not: %v: %s", err, d)
		}
	})
}

func TestAccountLimitsAgainstTheSandbox(t *testing.T) {
	o := sandbox.Options{Balance: decimal.NewFromInt(20), Timing: sandbox.Timing{Run: sandbox.Exactly(3600)}}
	eachWire(t, o, func(t *testing.T, c *wiro.Client, s *sandbox.Sandbox) {
		in := wiro.Input{Params: map[string]string{"prompt": "x"}}
		for range 2 {
			if _, err := c.Run(t.Context(), fast, in); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.Run(t.Context(), fast, in)
		d, e := disposition(t, err)
		limit, balance, ok := e.SlotLimit()
		if d != wiro.WaitSlot || limit != 2 || !balance.Equal(decimal.NewFromInt(20)) || !ok {
			t.Errorf("%v: %s, %d slots with %s (%v)", err, d, limit, balance, ok)
		}
		s.SetBalance(decimal.New(-1, 0))
		_, err = c.Run(t.Context(), fast, in)
		if d, e := disposition(t, err); d != wiro.StopRun || !e.BalanceExhausted() {
			t.Errorf("without money: %v: %s", err, d)
		}
	})
}

func TestWrongCredentialsAgainstTheSandbox(t *testing.T) {
	for why, tt := range map[string]struct{ haveKey, haveSecret, wantKey, wantSecret string }{
		"another key":                     {"a", "", "b", ""},
		"another secret":                  {"a", "s", "a", "t"},
		"no secret where one is needed":   {"a", "", "a", "s"},
		"another key in a signed project": {"a", "s", "b", "s"},
	} {
		s := sandbox.New(sandbox.Options{Key: tt.wantKey, Secret: tt.wantSecret})
		server := httptest.NewServer(s)
		c, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret(tt.haveKey), Secret: wiro.NewSecret(tt.haveSecret)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Run(t.Context(), fast, wiro.Input{Params: map[string]string{"prompt": "x"}})
		if d, e := disposition(t, err); d != wiro.StopRun || !e.Unauthorised() {
			t.Errorf("%s: %v: %s", why, err, d)
		}
		_, err = c.List(t.Context(), wiro.ListQuery{})
		if d, _ := disposition(t, err); d != wiro.StopRun {
			t.Errorf("%s, List: %v: %s", why, err, d)
		}
		s.Close()
		server.Close()
	}
}

// What each fault must be taken for. Where a task was made, or may have been,
// anything but unknown could pay for it twice.
func TestFaultsOfASubmit(t *testing.T) {
	want := map[string]wiro.Disposition{
		"run_502_before": wiro.Unknown, "run_502_after": wiro.Unknown, "run_drop_before": wiro.Unknown, "run_drop_after": wiro.Unknown,
		"run_drop_late": wiro.Unknown, "run_cut": wiro.Unknown, "run_html": wiro.Unknown, "run_no_taskid": wiro.Unknown,
		"run_429": wiro.Retry, "run_96": wiro.WaitSlot, "run_98": wiro.StopRun, "run_99": wiro.StopRun, "run_general": wiro.Retry,
		"auth_revoked": wiro.StopRun, "auth_ip": wiro.StopRun,
	}
	for fault, disposed := range want {
		if !slices.Contains(sandbox.FaultNames(), fault) {
			t.Errorf("the sandbox has no fault %s", fault)
			continue
		}
		for _, shape := range []sandbox.Shape{sandbox.ShapeSeed, sandbox.ShapeDocumentation} {
			c, s := against(t, sandbox.Options{Instant: true, Shape: shape, Faults: sandbox.Faults{fault: 1}})
			_, err := c.Run(t.Context(), fast, wiro.Input{Params: map[string]string{"prompt": "x"}})
			d, e := disposition(t, err)
			if d != disposed || !e.Sent {
				t.Errorf("%s, %v: %v: %s, want %s", fault, shape, err, d, disposed)
			}
			if s.Accepted() > 0 && d != wiro.Unknown {
				t.Errorf("%s: a task was made, and the error says %s", fault, d)
			}
			if fault == "run_429" && e.RetryAfter != 2*time.Second {
				t.Errorf("%s: wait %s", fault, e.RetryAfter)
			}
		}
	}
}

func TestFaultsOfWhatFollows(t *testing.T) {
	for fault, disposed := range map[string]wiro.Disposition{
		"detail_5xx": wiro.Retry, "detail_html": wiro.Retry, "detail_drop": wiro.Retry, "detail_cut": wiro.Retry, "detail_429": wiro.Retry,
		"list_5xx": wiro.Retry, "list_html": wiro.Retry, "list_drop": wiro.Retry, "list_cut": wiro.Retry, "list_429": wiro.Retry,
		"out_gone": wiro.FailCell, "out_bad_host": wiro.FailCell, "out_redirect_private": wiro.FailCell,
		"out_5xx": wiro.Retry, "out_drop": wiro.Retry, "out_429": wiro.Retry,
	} {
		c, _ := against(t, sandbox.Options{Instant: true, PictureSize: 16, Faults: sandbox.Faults{fault: 1}})
		sub, err := c.Run(t.Context(), fast, wiro.Input{Params: map[string]string{"prompt": "x"}})
		if err != nil {
			t.Fatalf("%s: %v", fault, err)
		}
		task, err := c.Detail(t.Context(), sub.TaskID)
		if err == nil {
			_, err = c.List(t.Context(), wiro.ListQuery{})
		}
		if err == nil {
			for _, out := range task.Outputs {
				resp, fetch := c.Fetch(t.Context(), out.URL)
				if fetch == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				err = fetch
			}
		}
		if d, _ := disposition(t, err); d != disposed {
			t.Errorf("%s: %v: %s, want %s", fault, err, d, disposed)
		}
	}
}
