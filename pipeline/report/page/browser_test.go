package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

	"wirobatch/pipeline/journal"
)

// needed skips a test that lacks something, other than where all is installed.
func needed(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed here", what)
	}
	t.Skipf("SKIPPED: %s is needed", what)
}

// A browser shows one page, and hears what goes wrong in it.
type browser struct {
	*testing.T
	ctx context.Context
	url string

	mu     sync.Mutex
	faults []string // of the console, the policy, and requests that leave the machine
	asked  int      // requests
}

func open(t *testing.T, path, fragment string, width, height int64) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("it waits for a browser, not for us")
	}
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		needed(t, "a browser (chromium)")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	b := &browser{T: t, ctx: ctx, url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	b.do(chromedp.EmulateViewport(width, height))
	b.load(fragment)
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.faults {
			t.Error(f)
		}
		if b.asked == 0 {
			t.Error("no request was heard of, not even that of the page")
		}
	})
	return b
}

func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.Fatal(err)
	}
}

// load opens the page anew, at a fragment, and waits until it can be used.
func (b *browser) load(fragment string) {
	b.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(b.url+fragment))
	b.await("document.documentElement.dataset.ready")
}

func (b *browser) reload() {
	b.Helper()
	b.js("delete document.documentElement.dataset.ready")
	b.do(chromedp.Reload())
	b.await("document.documentElement.dataset.ready")
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked++
		if u := e.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			b.faults = append(b.faults, "request to "+u)
		}
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.faults = append(b.faults, fmt.Sprintf("console: %s %s", e.Type, e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.faults = append(b.faults, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// get evaluates an expression in the page.
func get[V any](b *browser, expression string, how ...chromedp.EvaluateOption) V {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[V](expression, how...))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// js does something in the page.
func (b *browser) js(statements string) {
	b.Helper()
	get[chromedp.Void](b, statements)
}

// await waits until an expression is true.
func (b *browser) await(expression string) {
	b.Helper()
	poll := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second))
	_, err := chromedp.Run(b.ctx, poll)
	for tries := 0; err != nil && strings.Contains(err.Error(), "context") && tries < 20; tries++ { // the page was changed under it
		_, err = chromedp.Run(b.ctx, poll)
	}
	if err != nil {
		b.Fatalf("%s does not come true: %v; the address is %s", expression, err, get[string](b, "location.href"))
	}
}

func (b *browser) want(expression, want string) {
	b.Helper()
	if got := get[string](b, "String("+expression+")"); got != want {
		b.Errorf("%s is %q, not %q", expression, got, want)
	}
}

func (b *browser) keys(all ...string) {
	b.Helper()
	for _, k := range all {
		b.do(chromedp.KeyEvent(k))
	}
}

// picked is the cell in the lightbox, as "seed/ratio/prompt number".
const picked = `['seed', 'ratio'].map((n) => valueOf(lightbox.cell, n)).concat(C.ax[0][lightbox.cell]).join('/')`

// Nothing has failed, so that there are no errors to search.
func TestBrowserSearchesACleanRun(t *testing.T) {
	var rows []journal.Row
	for seed := 1; seed <= 3; seed++ {
		rows = append(rows, cellOf(seed, fmt.Sprintf("images/%d.png", seed), "image/png", 64, 64, param{Name: "prompt", Value: "a"}, param{Name: "ratio", Value: "1:1"}, param{Name: "seed", Value: strconv.Itoa(seed)}, param{Name: "scale", Value: "4.50"}))
	}
	b := open(t, written(t, rows), "#q=seed%3D2", 1280, 800)
	b.want("document.querySelectorAll('.tile').length", "1")
	b.js("S.set({ q: '' })")
	b.want("document.querySelectorAll('.tile').length", "3")
	// A row of columns alone has nothing in its way.
	b.js("S.set({ x: 'seed', y: '-' })")
	b.want("(() => { const r = document.querySelector('.col').getBoundingClientRect(); return document.elementFromPoint(r.left + 3, r.top + r.height / 2).closest('.col') !== null; })()", "true")
}

// What is too long for its place ends in an ellipsis, on a whole line; what is short is never lost beside it.
func TestBrowserLongTexts(t *testing.T) {
	rows := small()
	long := strings.Repeat("星空の下、きらめく滝の上に浮かぶ神秘的なドラゴン。", 30)
	for i := range rows {
		rows[i].Params[0].Value, rows[i].Error = strconv.Itoa(i/8)+long, strings.Repeat("the model failed ", 20)
	}
	rows[1].State, rows[1].Files = journal.Failed, nil // in a row that is not high
	b := open(t, written(t, rows), "", 390, 844)
	const shown = "(e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.right <= innerWidth && e.scrollWidth <= e.clientWidth + 1; }"
	b.js("S.set({ x: 'ratio', y: '-', 'a.seed': 'page', 'a.prompt': 'page' })")
	b.want("[...document.querySelectorAll('.page-head')].length > 0 && [...document.querySelectorAll('.page-head .page-part:not(.long) b')].every("+shown+")", "true")
	b.want("[...document.querySelectorAll('.page-head small:last-child')].every((e) => e.getBoundingClientRect().left >= e.previousElementSibling.getBoundingClientRect().right)", "true")
	// Heads of columns, whether they take one line, two, or more.
	for _, state := range []string{"{ x: 'seed', y: 'ratio', size: 40 }", "{ x: 'prompt', y: 'ratio', size: 90 }", "{ x: 'ratio', y: 'seed', size: 72 }"} {
		b.js("S.set(" + state + ")")
		b.want("[...document.querySelectorAll('.col span')].every((e) => e.getBoundingClientRect().top >= explore.head.getBoundingClientRect().top)", "true")
	}
	b.do(chromedp.EmulateViewport(1440, 900))
	b.js("S.set({ x: 'seed', y: 'prompt', size: 120, 'a.ratio': 'page' })")
	b.await("!explore.plan.narrow")
	for selector, line := range map[string]float64{".row-name span": 16.25, ".pic-failed .pic-why": 14.95} {
		b.want(fmt.Sprintf("[...document.querySelectorAll('%s')].map((e) => e.clientHeight / %v).some((n) => n < 1 || Math.abs(n - Math.round(n)) > 0.1)", selector, line), "false")
	}
}

// A rehearsal in the sandbox and the run that is paid for have one name, and the same cells.
func TestBrowserMarksAreOfOneService(t *testing.T) {
	out, d := delivered(t, small())
	b := open(t, placed(t, out, d), "", 1280, 800)
	b.js("marks.set(C.id[0], 'fav')")
	d.Service, d.Sandbox = "https://api.example.test/v1", false
	placed(t, out, d)
	b.load("")
	b.want("D.sandbox + ' ' + marks.ids('fav').length", "false 0")
	b.js("marks.set(C.id[1], 'rej')")
	d.Service, d.Sandbox = "sandbox", true
	placed(t, out, d)
	b.load("")
	b.want("[marks.ids('fav').map((id) => C.id.indexOf(id)), marks.ids('rej')].join('|')", "0|")
}

// Half of the cells are made, at what was expected: they have cost no less.
func TestBrowserComparesTheCostOfWhatIsMade(t *testing.T) {
	var rows []journal.Row
	for seed := 1; seed <= 4; seed++ {
		r := cellOf(seed, fmt.Sprintf("images/%d.png", seed), "image/png", 64, 64, param{Name: "seed", Value: strconv.Itoa(seed)})
		r.Cost, r.Record.Cost = dec("0.004"), dec("0.004") // as much as was set aside
		if seed > 2 {
			r = journal.Row{Cell: r.Cell, Record: journal.Record{State: journal.Pending}}
		}
		rows = append(rows, r)
	}
	out, d := delivered(t, rows)
	b := open(t, placed(t, out, d), "", 1280, 800)
	for _, row := range []struct{ spent, difference string }{{"0.008", "$0.00 as expected"}, {"0.010", "+$0.002 25 % more"}, {"0.006", "−$0.002 25 % less"}} {
		d.Money.Spent = row.spent
		placed(t, out, d)
		b.load("#view=numbers")
		const figure = "(name) => [...[...document.querySelectorAll('.figure')].find((e) => e.querySelector('dt').textContent === name).querySelector('dd').childNodes].map((e) => e.textContent).join(' ')"
		b.want("("+figure+")('Expected')", "$0.016 $0.008 for the 2 so far")
		b.want("("+figure+")('Difference')", row.difference)
	}
}

func TestBrowserExplore(t *testing.T) {
	b := open(t, written(t, small()), "", 1280, 800)
	b.want("document.title", "dragons")
	b.want("[...document.querySelectorAll('.col')].map((e) => e.textContent).join()", "seed 1,seed 2,seed 3,seed 4")
	b.want("[...document.querySelectorAll('.row-name')].map((e) => e.textContent).join()", "16:9,1:1,16:9,1:1")
	b.want("document.querySelectorAll('.page-head').length", "2")
	b.want("document.querySelector('.page-head b').textContent === D.axes[0].values[0]", "true")
	b.want("document.querySelectorAll('.tile').length", "16")
	b.await("[...document.querySelectorAll('.tile img')].every((i) => i.complete && i.naturalWidth > 0)")
	// Each picture stands as it is, none stretched.
	b.want("[...document.querySelectorAll('.tile img')].filter((i) => Math.abs(i.clientWidth / i.clientHeight - i.naturalWidth / i.naturalHeight) > 0.03).length", "0")
	b.want("document.querySelectorAll('.tile .pic-failed').length", "1")
	b.want("document.querySelector('.tile .pic-failed .pic-why').textContent", "the model said: <i>no</i>")
	b.want("document.querySelector('.tile span.pic-text .pic-text').textContent.split('\\n')[0]", "A poem <script>alert(1)</script>")

	// Other axes.
	b.js("(() => { const s = document.querySelector('#axis-x'); s.value = 'prompt'; s.dispatchEvent(new Event('change')); })()")
	b.want("document.querySelectorAll('.col').length", "2")
	b.want("explore.plan.lines.filter((l) => l.kind === 'head').length", "4") // seeds
	b.js("document.querySelector('.swap').click()")
	b.want("S.get('x') + ' ' + S.get('y')", "ratio prompt")
	b.js("(() => { const s = document.querySelector('[aria-labelledby=axis-name-seed]'); s.value = '=1'; s.dispatchEvent(new Event('change')); })()")
	b.want("explore.count.textContent", "4 of 16 cells")
	b.js("document.querySelector('[aria-label=\"Next seed\"]').click()")
	b.want("location.hash", "#x=ratio&y=prompt&a.seed=%3D2")
	b.do(chromedp.NavigateBack())
	b.await("S.get('a.seed') === '=1'")
	b.want("document.querySelector('[aria-labelledby=axis-name-seed]').value", "=1")

	// All of it is in the address, also what is searched for.
	b.js("S.set({ x: '-', y: 'seed', 'a.seed': '', 'a.prompt': 'all', 'a.ratio': 'all' })")
	b.js("document.querySelector('#search').focus()")
	b.keys("seed=3 second")
	b.await("S.get('q') === 'seed=3 second'")
	b.want("explore.count.textContent", "2 of 16 cells")
	b.reload()
	b.want("explore.count.textContent + ' ' + document.querySelector('#search').value", "2 of 16 cells seed=3 second")
}

func TestBrowserLightboxByKeyboard(t *testing.T) {
	b := open(t, written(t, small()), "", 1280, 800)
	b.js("document.querySelector('.open[tabindex=\"0\"]').focus()")
	b.keys(kb.ArrowRight, kb.ArrowDown)
	b.want("document.activeElement.dataset.cell", "5")
	b.keys("f", kb.ArrowUp, "x")
	b.want("[marks.ids('fav'), marks.ids('rej')].map((l) => l.map((id) => cellAt.get(id)).join()).join(' ')", "5 1")
	b.want("document.querySelector('.marked-fav').textContent", "1")
	b.keys(kb.Enter)
	b.await("lightbox.box?.open")
	b.want(picked, "2/16:9/0")
	b.want("document.querySelector('.mark-rej').getAttribute('aria-pressed')", "true")
	for _, step := range []struct{ key, at string }{
		{kb.ArrowRight, "3/16:9/0"}, {kb.ArrowDown, "3/1:1/0"}, {kb.ArrowDown, "3/16:9/1"}, {kb.ArrowUp, "3/1:1/0"}, {kb.PageDown, "3/1:1/1"},
		{kb.ArrowRight, "4/1:1/1"}, {kb.ArrowRight, "4/1:1/1"}, {kb.PageUp, "4/1:1/0"},
	} {
		b.keys(step.key)
		b.want(picked, step.at)
		b.want("S.get('cell') === C.id[lightbox.cell]", "true")
	}
	b.keys(kb.PageDown) // a sound
	b.await("document.querySelector('.stage audio')?.duration > 0")
	b.keys(kb.ArrowLeft)
	b.want("document.querySelector('.stage .reading').textContent.split('\\n')[1]", "of two lines.")
	// The focus stays within, all the way around.
	for range 24 {
		b.keys(kb.Tab)
		if !get[bool](b, "document.activeElement === document.body || lightbox.box.contains(document.activeElement)") {
			t.Fatal("the focus has left the lightbox for " + get[string](b, "document.activeElement.outerHTML"))
		}
	}
	b.want("['owner/model'].length && [...document.querySelectorAll('.facts dt')].map((e) => e.textContent).join()",
		"prompt,ratio,seed,scale,Paid,Queued,Ran,Finished up,Service, in all,Waited,Download,In all,Submitted,Ended,Name,Bytes,Type,SHA-256,Id,Number,Task")
	b.keys(kb.Escape)
	b.await("!lightbox.box.open")
	b.want("S.get('cell') + document.activeElement.dataset.cell", "14")
	// Two beside each other.
	b.keys("c", kb.ArrowLeft, "c")
	b.await("lightbox.box.open && document.querySelectorAll('.pane').length === 2")
	b.want("[...document.querySelectorAll('.pane figcaption')].map((e) => e.textContent).join(' against ')", "seed 3 against seed 2")
	b.want("new Set([...document.querySelectorAll('.differs dt')].map((e) => e.textContent)).size", "1")
	b.keys(kb.ArrowLeft)
	b.want("[...document.querySelectorAll('.pane figcaption')].map((e) => e.textContent).join(' against ')", "seed 3 against seed 1")
	b.keys(kb.Escape)
	b.await("!lightbox.box.open")
	// Marks stay, and the address of a cell opens it.
	b.load("#cell=" + small()[0].ID)
	b.await("lightbox.box?.open")
	b.want("marks.ids('fav').length + marks.ids('rej').length", "2")
	b.want("document.querySelectorAll('.strip button').length", "2")
	b.keys(".")
	b.want("S.get('file')", "1")
}

// Films and sounds play where the page stands, from the folder and out of the page itself.
func TestBrowserPlays(t *testing.T) {
	rows := []journal.Row{
		cellOf(1, "images/a film.webm", "video/webm", 0, 0, param{Name: "seed", Value: "1"}),
		cellOf(2, "images/song.wav", "audio/wav", 0, 0, param{Name: "seed", Value: "2"}),
	}
	out, d := delivered(t, rows)
	for _, where := range []string{"beside", "within"} {
		if where == "within" {
			if err := inline(t.Context(), out, &d); err != nil {
				t.Fatal(err)
			}
		}
		path := placed(t, out, d)
		if where == "within" {
			if err := os.RemoveAll(filepath.Join(out, "images")); err != nil {
				t.Fatal(err)
			}
		}
		b := open(t, path, "", 1280, 800)
		b.await("document.querySelector('.tile video')?.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA") // its first frame
		b.want("[...document.querySelectorAll('.tile .pic > .icon')].map((e) => e.classList[1]).join()", "icon-film,icon-sound")
		b.js("document.querySelector('.open').click()")
		b.await("document.querySelector('.stage video')?.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA")
		b.want("document.querySelector('.stage video').videoWidth", "96")
		b.js("document.querySelector('.stage video').focus()")
		b.keys(" ")
		b.await("document.querySelector('.stage video').currentTime > 0.3")
		b.js("stepCell('right')")
		b.await("document.querySelector('.stage audio')?.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA")
		b.js("document.querySelector('.stage audio').focus()")
		b.keys(" ")
		b.await("document.querySelector('.stage audio').ended")
	}
}

// A page of 20,000 cells can be used within two seconds, and stays light: only what is near is in the document.
func TestBrowserTwentyThousandCells(t *testing.T) {
	path := written(t, large(20_000))
	b := open(t, path, "", 1440, 900)
	ready := get[int](b, "Number(document.documentElement.dataset.ready)")
	for range 2 { // the machine may have been busy: the best of three
		b.reload()
		ready = min(ready, get[int](b, "Number(document.documentElement.dataset.ready)"))
	}
	t.Logf("usable after %d ms", ready)
	if ready >= 2000 {
		t.Errorf("the page can be used after %d ms", ready)
	}
	for _, change := range []string{"{ x: 'prompt', y: 'scale' }", "{ x: '-', y: '-', 'a.prompt': 'all', 'a.seed': 'all', 'a.scale': 'all' }", "{ q: 'seed=7' }", "{ size: 90, q: '' }"} {
		took := get[float64](b, "(() => { const t = performance.now(); S.set("+change+"); document.body.offsetHeight; return performance.now() - t; })()")
		t.Logf("%s took %.0f ms", change, took)
		if tiles := get[int](b, "document.querySelectorAll('.tile').length"); tiles == 0 || tiles > 1500 {
			t.Errorf("%s: %d tiles are in the document", change, tiles)
		}
	}
	b.js("explore.sheet.scrollTop = explore.sheet.scrollHeight")
	b.await("document.querySelector('.open[data-cell=\"19999\"]')")
	if tiles := get[int](b, "document.querySelectorAll('.tile').length"); tiles > 1500 {
		t.Errorf("%d tiles are in the document at the end", tiles)
	}
}

// The rules are those of axe-core: AXE_JS names its axe.min.js.
func TestBrowserAccessibility(t *testing.T) {
	file := os.Getenv("AXE_JS")
	if file == "" {
		needed(t, "axe-core (npm pack axe-core; AXE_JS=package/axe.min.js)")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := small()
	film := &rows[9]
	film.Files[0].Path, film.Files[0].ContentType = "images/film.webm", "video/webm"
	b := open(t, written(t, rows), "", 1280, 800)
	for _, size := range [][2]int64{{1280, 800}, {390, 844}} {
		for _, theme := range []string{"light", "dark"} {
			for _, state := range append([]string{"cell=" + rows[0].ID, "cell=" + film.ID + "&with=" + rows[5].ID, "q=nothing-is-like-this"}, get[[]string](b, "views.map((v) => 'view=' + v.id)")...) {
				b.do(chromedp.EmulateViewport(size[0], size[1]))
				call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
				b.load("#" + state)
				b.js(string(axe) + ";0")
				var found []struct {
					ID, Help, Impact string
					Nodes            []struct{ HTML, FailureSummary string }
				}
				text := get[string](b, "axe.run(document, { preload: false, resultTypes: ['violations'] }).then((r) => JSON.stringify(r.violations))", chromedp.EvalAwaitPromise)
				if err := json.Unmarshal([]byte(text), &found); err != nil {
					t.Fatal(err)
				}
				for _, v := range found {
					t.Errorf("%v %s #%s: %s (%s, %s), %d times: %.300s\n%.400s", size, theme, state, v.ID, v.Help, v.Impact, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
				}
			}
		}
	}
}
