package simulation

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

const base = "http://127.0.0.1:1/v1"

// world is all that a seed decides.
type world struct {
	t         *testing.T
	seed      uint64
	yaml      string
	edited    string              // what the manifest is for a while, "" for never
	alike     int                 // so many cells at least ask for the same
	atOnce    int                 // so many tasks at most, 0 for any
	twin      bool                // another run of the same grid goes on beside, on the same account
	apart     bool                // it does so on another machine, and marks alone tell whose a task is
	budget    decimal.NullDecimal // of all lives but the last ones
	secret    string
	onUnknown pipeline.OnUnknown
	watch     string
	service   sandbox.Options
	crashes   []crash
	pauses    []time.Duration // between the lives
	chance    *rand.Rand
}

// mix is what may go wrong, with the probability that it has at most. Not in it: what only concerns
// callbacks, and auth_revoked, which no run survives.
var mix = map[string]float64{
	"run_502_before": 0.2, "run_502_after": 0.2, "run_drop_before": 0.2, "run_drop_after": 0.2, "run_drop_late": 0.2, "run_cut": 0.2,
	"run_html": 0.2, "run_hang": 0.1, "run_slow": 0.3, "run_no_taskid": 0.2, "run_429": 0.2, "run_96": 0.2, "run_98": 0.04, "run_99": 0.04,
	"run_general": 0.15, "auth_ip": 0.04,
	"detail_5xx": 0.3, "detail_html": 0.3, "detail_drop": 0.3, "detail_cut": 0.3, "detail_429": 0.3, "detail_slow": 0.2, "detail_hang": 0.05,
	"detail_empty_params": 0.5,
	"list_5xx":            0.4, "list_html": 0.4, "list_drop": 0.4, "list_cut": 0.4, "list_429": 0.4, "list_slow": 0.4, "list_hang": 0.2, "list_lag": 0.5,
	"list_empty_params": 0.3, "list_normalised_params": 1, "list_foreign": 0.5,
	"tool_5xx": 0.8, "tool_html": 0.8, "tool_drop": 0.8,
	"kill_5xx": 1, "kill_drop": 1,
	"task_fail": 0.2, "task_stuck": 0.1, "task_error_stuck": 0.12, "task_error_recover": 0.5, "task_cancelled": 0.06, "task_slow": 0.1,
	"out_gone": 0.1, "out_bad_host": 0.1, "out_name_hostile": 0.5, "out_size_differs": 0.5, "out_5xx": 0.3, "out_drop": 0.3, "out_cut": 0.3,
	"out_short": 0.3, "out_html": 0.3, "out_redirect_private": 0.1, "out_429": 0.3, "out_slow": 0.3, "out_stall": 0.1,
}

// mixSocket is the same for websockets.
var mixSocket = map[string]float64{"ws_refuse": 1, "ws_silent": 1, "ws_drop": 1, "ws_no_token": 1, "ws_late_silent": 1}

// outLate lets outputs show after the end of their task, where a task that does not say that it succeeded looks as if it had failed.
const outLate = "out_late"

// ways of watching, the usual one most often.
var ways = []string{"auto", "auto", "auto", "websocket", "list", "detail"}

func newWorld(t *testing.T, seed uint64) *world {
	c := rand.New(rand.NewPCG(seed, 0x5eed))
	w := &world{t: t, seed: seed, chance: c, onUnknown: pipeline.Verify}
	if c.IntN(6) == 0 {
		w.onUnknown = pipeline.Hold
	}
	if c.IntN(2) == 0 {
		w.secret = "secret"
	}
	s := 0.2 + 3*c.Float64()*c.Float64()
	span := func(least, typical, most float64) sandbox.Span {
		return sandbox.Span{Least: least * s, Typical: typical * s, Most: most * s}
	}
	w.service = sandbox.Options{
		Secret: w.secret, Seed: seed, PictureSize: 8, Shape: sandbox.Shape(c.IntN(3)), Faults: sandbox.Faults{},
		Timing: sandbox.Timing{Queue: span(0, 0.2, 5), Preprocess: span(1, 2, 3), Run: span(2, 4, 9), Postprocess: span(0.4, 1, 1.6)},
	}
	if c.IntN(3) == 0 {
		w.service.Balance = decimal.NewFromInt(int64(20 + c.IntN(200))) // 2 to 21 tasks at once
	}
	if c.IntN(4) == 0 {
		w.service.Workers = 1 + c.IntN(8)
	}
	for _, name := range slices.Sorted(maps.Keys(mix)) {
		if often := 0.2 + 0.2*c.Float64(); c.Float64() < often {
			w.service.Faults[name] = mix[name] * (0.2 + 0.8*c.Float64())
		}
	}
	if w.service.Faults["task_stuck"] > 0 && c.IntN(3) > 0 {
		w.service.Faults["kill_5xx"], w.service.Faults["kill_drop"] = 0.45, 0.95
	}
	if !w.service.Balance.IsZero() { // what is stuck and nobody's would take a slot of the account for ever
		delete(w.service.Faults, "task_stuck")
		delete(w.service.Faults, "task_error_stuck")
	}
	way := rand.New(rand.NewPCG(seed, 0x3a7c4)) // of its own, so that a seed keeps what else it decides
	w.watch = ways[way.IntN(len(ways))]
	for _, name := range slices.Sorted(maps.Keys(mixSocket)) {
		if way.IntN(4) == 0 {
			w.service.Faults[name] = mixSocket[name] * (0.2 + 0.8*way.Float64())
		}
	}
	if late := rand.New(rand.NewPCG(seed, 0x1a7e)); late.IntN(4) == 0 { // likewise
		w.service.Faults[outLate] = late.Float64()
	}
	w.behind(rand.New(rand.NewPCG(seed, 0x1a66)))
	w.yaml = w.manifest()
	for range c.IntN(7) {
		w.crashes = append(w.crashes, w.draw())
		w.pauses = append(w.pauses, time.Duration(c.Float64()*c.Float64()*c.Float64()*float64(2*time.Minute)))
	}
	files := rand.New(rand.NewPCG(seed, 0xf11e)) // of its own, so that what came before it stays what it was
	for i := range w.crashes {
		if files.IntN(8) == 0 {
			w.crashes[i] = crash{kind: atFile, nth: 1 + files.IntN(1+files.IntN(200))}
		}
	}
	if len(w.crashes) > 1 && c.IntN(4) == 0 {
		w.edited = strings.Replace(w.yaml, "version: 1", "version: 1\nrepeat: 4", 1)
		if strings.Contains(w.yaml, "repeat:") || c.IntN(2) == 0 {
			w.edited = w.manifest()
		}
	}
	w.twin = w.edited == "" && c.IntN(5) == 0
	if w.edited == "" && !w.twin && c.IntN(3) == 0 {
		w.budget = decimal.NewNullDecimal(decimal.New(int64(1+c.IntN(200)), -3)) // of some $0.12 to $0.50 in all
	}
	w.away(rand.New(rand.NewPCG(seed, 0xa9a47)))
	return w
}

// away puts a second run on another machine, where the service shows the callbackUrl of each task. That is not called: it is
// somebody else's.
func (w *world) away(c *rand.Rand) {
	if w.twin || w.edited != "" || w.budget.Valid || c.IntN(5) > 0 {
		return
	}
	w.apart, w.service.Shape = true, sandbox.ShapeDocumentation
	w.yaml = strings.Replace(w.yaml, "matrix:", "params: {callbackUrl: \"https://simulated.example/done?key=1#x\"}\nmatrix:", 1)
}

// behind lets the list of some worlds lag by more than it takes to prove an absence without a witness, while submits get
// lost that became tasks. What tasks differ by is less than looksApart: within that the two looks must tell.
func (w *world) behind(c *rand.Rand) {
	if c.IntN(3) > 0 {
		return
	}
	lag, differ := 25+65*c.Float64()*c.Float64(), 14*math.Sqrt(c.Float64())
	w.service.ListLag = sandbox.Span{Least: lag, Typical: lag + differ/2, Most: lag + differ}
	for _, name := range []string{"run_502_after", "run_drop_after", "run_drop_late"} {
		w.service.Faults[name] = 0.2 * c.Float64()
	}
	w.alike, w.atOnce = c.IntN(12), 1+c.IntN(6)
}

// pricelessly reports whether the price list may have failed to come.
func (w *world) pricelessly() bool {
	f := w.service.Faults
	return f["tool_5xx"]+f["tool_html"]+f["tool_drop"] > 0
}

var drawn = slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return kind == atFile })

// draw decides one crash.
func (w *world) draw() crash {
	c := w.chance
	d := crash{kind: drawn[c.IntN(len(drawn))]}
	early := func(most int) int { return 1 + c.IntN(1+c.IntN(most)) } // the later ones come only where all goes well until then
	switch d.kind {
	case requestUnsent, requestTorn, requestSent, answerUnread, atRest:
		d.endpoint, d.nth = "Run", early(24)
		switch c.IntN(10) {
		case 0:
			d.endpoint, d.nth = "Task/Detail", early(50)
		case 1, 2:
			d.endpoint, d.nth = download, early(24)
		case 3:
			d.endpoint, d.nth = "Task/List", early(4)
		case 4:
			d.endpoint, d.nth = []string{"Tool/Detail", "Task/Kill"}[c.IntN(2)], 1
		}
	case atCommit:
		d.nth = early(40)
	case atMoment, secondSignal, firstSignal:
		d.after = time.Duration(c.Float64() * c.Float64() * float64(60*time.Second))
	}
	return d
}

// axes are values for the parameters of each model, spelled in the ways that people spell them.
var axes = []struct{ model, second string }{
	{"Qwen/Qwen-Image-Fast", `aspectRatio: ["16:9", "1:1", "2:3"]`},
	{"Qwen/Qwen-Image-Fast", `scale: [4.5, 4.50, 7]`},
	{"Qwen/Qwen-Image", `steps: [10, "020"]`},
	{"sandbox/pixels", `width: [512, 2048]`},
	{"sandbox/samples", `samples: [1, 3]`},
	{"sandbox/text", `temperature: [0.10, "1"]`},
	{"sandbox/failing", `x: [1, 2]`},
}

// manifest gives one of 20 to 40 cells.
func (w *world) manifest() string {
	c := w.chance
	pick := c.IntN(2 * len(axes))
	if pick >= len(axes) {
		pick = 0 // the model that people come for
	}
	a, repeat := axes[pick], max(1+max(0, c.IntN(5)-2), w.alike)
	prompts := []string{"cat", "Ünïcode & <b>", " spaced ", "line\\nbreak"}
	prompts = prompts[:1+c.IntN(4)]
	timeout := 60 + c.IntN(600)
	if w.service.Workers > 0 { // a queue is no reason to be killed
		timeout += 1800
	}
	retries := 12
	if a.model == "sandbox/failing" { // each of them is in vain
		retries, repeat = 2, min(repeat, 3)
	}
	limits := []string{fmt.Sprintf("retries: %d", retries), fmt.Sprintf("task_timeout: %ds", timeout)}
	n := c.IntN(14)
	if w.atOnce > 0 {
		n = w.atOnce
	}
	if n > 0 {
		limits = append(limits, "concurrency: "+strconv.Itoa(n))
	}
	if c.IntN(4) == 0 {
		limits = append(limits, fmt.Sprintf("rate: %d/s", 1+c.IntN(5)))
	}
	include := ""
	switch c.IntN(3) {
	case 0:
		include = "include: [{prompt: one more, seed: 99}]\n"
	case 1:
		include = "include: [{prompt: cat, seed: 1, negativePrompt: blur}, {prompt: desert, seed: 5}]\n"
		if a.model == "Qwen/Qwen-Image-Fast" {
			include = "include: [{prompt: desert, seed: 5}, {prompt: ice, seed: 6}]\n"
		}
	}
	for seeds := 1; ; seeds++ {
		yaml := fmt.Sprintf("version: 1\nname: simulated\nmodel: %s\nmatrix:\n  prompt: [\"%s\"]\n  %s\n  seed: 1..%d\n%s%slimits: {%s}\n",
			a.model, strings.Join(prompts, `", "`), a.second, seeds, include, map[bool]string{true: "repeat: " + strconv.Itoa(repeat) + "\n"}[repeat > 1],
			strings.Join(limits, ", "))
		if w.parse(yaml).Grid().Len() >= 20 {
			return yaml
		}
	}
}

func (w *world) parse(yaml string) *manifest.Manifest {
	m, err := manifest.Parse("simulated.yaml", []byte(yaml))
	if err != nil {
		panic(fmt.Sprintf("%v\n%s", err, yaml))
	}
	return m
}

func (w *world) String() string {
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(w.service.Faults)) {
		faults = append(faults, fmt.Sprintf("%s=%.2g", name, w.service.Faults[name]))
	}
	return fmt.Sprintf("%s\nwatch %s, on-unknown %s, shape %v, balance %v, workers %d, twin %v, apart %v, budget %v, list lag %.3g\nfaults %s\ncrashes %v", w.yaml, w.watch, w.onUnknown,
		w.service.Shape, w.service.Balance, w.service.Workers, w.twin, w.apart, w.budget, w.service.ListLag, strings.Join(faults, ","), w.crashes)
}
