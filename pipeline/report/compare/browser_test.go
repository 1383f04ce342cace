package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A window shows the page, and hears what goes wrong in it.
type window struct {
	*testing.T
	ctx context.Context
	url string

	mu     sync.Mutex
	faults []string
}

func open(t *testing.T, path string) *window {
	t.Helper()
	if testing.Short() {
		t.Skip("it waits for a browser, not for us")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		if program, err = exec.LookPath("google-chrome"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("a browser is needed here")
			}
			t.Skip("SKIPPED: a browser (chromium) is needed")
		}
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	w := &window{T: t, ctx: ctx, url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		t.Fatal(err)
	}
	ask(w, network.Enable, network.EnableParams{})
	ask(w, log.Enable, cdp.Empty{})
	ask(w, runtime.Enable, cdp.Empty{})
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, f := range w.faults {
			t.Error(f)
		}
	})
	w.looks(1280, 800, "light")
	return w
}

func ask[P, R any](w *window, command cdp.Command[P, R], params P) {
	w.Helper()
	if _, err := chromedp.Call(w.ctx, command, params); err != nil {
		w.Fatal(err)
	}
}

// looks loads the page in a size and a theme.
func (w *window) looks(width, height int64, theme string) {
	w.Helper()
	ask(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
	if err := chromedp.Do(w.ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate("about:blank"), chromedp.Navigate(w.url)); err != nil {
		w.Fatal(err)
	}
	w.await("document.documentElement.dataset.ready")
}

func (w *window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, "file:") && u != "about:blank" {
			w.faults = append(w.faults, "request to "+u)
		}
	case *runtime.EventExceptionThrown:
		w.faults = append(w.faults, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			w.faults = append(w.faults, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	}
}

func value[V any](w *window, expression string, how ...chromedp.EvaluateOption) V {
	w.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[V](expression, how...))
	if err != nil {
		w.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (w *window) js(statements string) { w.Helper(); value[chromedp.Void](w, statements) }

func (w *window) await(expression string) {
	w.Helper()
	poll := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second))
	_, err := chromedp.Run(w.ctx, poll)
	for tries := 0; err != nil && strings.Contains(err.Error(), "context") && tries < 20; tries++ { // the page was changed under it
		_, err = chromedp.Run(w.ctx, poll)
	}
	if err != nil {
		w.Fatalf("%s does not come true: %v", expression, err)
	}
}

func (w *window) want(expression, want string) {
	w.Helper()
	if got := value[string](w, "String("+expression+")"); got != want {
		w.Errorf("%s is %q, not %q", expression, got, want)
	}
}

func (w *window) keys(all ...string) {
	w.Helper()
	for _, k := range all {
		if err := chromedp.Do(w.ctx, chromedp.KeyEvent(k)); err != nil {
			w.Fatal(err)
		}
	}
}

// written is the page of the two nights, in a folder whose name has to be encoded, beside their folders.
func written(t *testing.T) (path string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "50% #1 ?")
	a, b := nights(t)
	r := compared(t, a.in(t, filepath.Join(dir, "a & b")), b.in(t, filepath.Join(dir, "tuesday's")), Options{By: []string{"scale"}, Looks: true})
	thresholds, err := ParseThresholds("changed>0,cost>+50%")
	if err != nil {
		t.Fatal(err)
	}
	r.Judge(thresholds)
	path = filepath.Join(dir, "pages", "x.html")
	if err := r.Page(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBrowserPairs(t *testing.T) {
	w := open(t, written(t))
	w.want("document.title", "a & b against tuesday's")
	w.want("[...document.querySelectorAll('.filters button')].map((b) => b.textContent).join()", "All12,Changed3,Look the same1,Same bytes5,Failed2,Missing3")
	w.want("[...document.querySelectorAll('.verdict')].map((b) => b.textContent).join()",
		"Changed · 34 bits,Changed · 30 bits,Another size · 0 bits,In A alone,In A alone,In B alone,Looks the same · 0 bits,Same bytes,Same bytes,Same bytes,Same bytes,Same bytes")
	w.await("[...document.querySelectorAll('.card img')].filter((i) => i.complete && i.naturalWidth > 0).length >= 6")
	w.want("document.querySelectorAll('tr.sure').length > 0", "true")

	w.js("document.querySelector('[data-tag=failed]').click()")
	w.want("[...document.querySelectorAll('.pic-why')].map((b) => b.textContent).join()", "out of memory,the model failed (pexit 1): [31mCUDA</script>")
	w.want("document.querySelector('#state').textContent", "2 pairs")
	w.js("document.querySelector('[data-tag=\"\"]').click()")
	w.js("(() => { const s = document.querySelector('#sort'); s.value = 'grid'; s.dispatchEvent(new Event('change')); })()")
	w.want("document.querySelector('.verdict').textContent", "Same bytes")
	w.js("(() => { const s = document.querySelector('#sort'); s.value = 'distance'; s.dispatchEvent(new Event('change')); })()")

	// All of it by the keyboard.
	w.js("document.querySelector('.open').focus()")
	w.keys(kb.ArrowRight, kb.ArrowLeft, kb.Enter)
	w.await("document.querySelector('.viewer').open")
	w.want("document.querySelector('.viewer h2').textContent", "scale 2 · seed 3")
	w.await("[...document.querySelectorAll('.pane img')].length === 2 && [...document.querySelectorAll('.pane img')].every((i) => i.complete && i.naturalWidth === 96)")
	w.keys("2")
	w.want("document.querySelector('.stage').className", "stage is-slider")
	w.js("document.querySelector('.stage input').focus()")
	w.keys(kb.ArrowRight)
	w.want("document.querySelector('.stack .pane-b').style.getPropertyValue('--part')", "51%")
	w.keys("b")
	w.want("document.querySelector('.flip').textContent", "B is shown: switch")
	w.keys("b")
	w.want("[...document.querySelectorAll('.pane')].map((p) => p.hidden).join()", "false,true")
	w.keys("4", kb.ArrowRight)
	w.want("document.querySelector('.viewer h2').textContent", "scale 10 · seed -1")
	w.want("document.querySelector('.stage').className", "stage is-difference")
	w.keys(kb.ArrowRight, kb.ArrowRight) // another size, then one that B has not: there is nothing to lay over it
	w.want("document.querySelector('.stage').className", "stage is-beside")
	w.keys(kb.Escape)
	w.await("!document.querySelector('.viewer').open")
	w.await(`document.activeElement.dataset.at === "3"`) // the focus comes back after the event
}

// The rules are those of axe-core: AXE_JS names its axe.min.js.
func TestBrowserAccessibility(t *testing.T) {
	file := os.Getenv("AXE_JS")
	if file == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("axe-core is needed here")
		}
		t.Skip("SKIPPED: axe-core is needed (npm pack axe-core; AXE_JS=package/axe.min.js)")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, written(t))
	for _, size := range [][2]int64{{1280, 800}, {390, 844}} {
		for _, theme := range []string{"light", "dark"} {
			w.looks(size[0], size[1], theme)
			w.want("document.documentElement.scrollWidth <= innerWidth", "true")
			for _, state := range []string{"0", "document.querySelectorAll('details').forEach((d) => { d.open = true; })", "document.querySelector('.open').click()", "document.querySelector('[data-mode=slider]').click()", "document.querySelector('[data-mode=blink]').click()"} {
				w.js(state)
				w.js(string(axe) + ";0")
				var found []struct {
					ID, Help string
					Nodes    []struct{ HTML, FailureSummary string }
				}
				text := value[string](w, "axe.run(document, { preload: false, resultTypes: ['violations'] }).then((r) => JSON.stringify(r.violations))", chromedp.EvalAwaitPromise)
				if err := json.Unmarshal([]byte(text), &found); err != nil {
					t.Fatal(err)
				}
				for _, v := range found {
					t.Errorf("%v %s %s: %s (%s), %d times: %.300s\n%.400s", size, theme, state, v.ID, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
				}
			}
		}
	}
}
