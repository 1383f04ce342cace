package page

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func rendered(t *testing.T, d data) string {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// inner is what stands in the one element of that kind.
func inner(t *testing.T, page, open, end string) string {
	t.Helper()
	if strings.Count(page, open) != 1 {
		t.Fatalf("%q stands %d times in the page", open, strings.Count(page, open))
	}
	_, rest, _ := strings.Cut(page, open)
	text, _, _ := strings.Cut(rest, end)
	return text
}

func dataIn(t *testing.T, page string) string {
	return inner(t, page, `<script type="application/json" id="data">`, "</script>")
}

// The shape of the data is a contract with the scripts.
func TestDataIsAsAgreed(t *testing.T) {
	got, err := json.MarshalIndent(json.RawMessage(dataIn(t, rendered(t, dataOf(small())))), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "data.json")
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("the data has changed; -update writes %s anew. Now:\n%s", golden, got)
	}
}

func TestPolicyNamesWhatThePageRuns(t *testing.T) {
	page := rendered(t, dataOf(small()))
	policy := html.UnescapeString(inner(t, page, `<meta http-equiv="Content-Security-Policy" content="`, `"`))
	for directive, text := range map[string]string{
		"style-src":  inner(t, page, "<style>", "</style>"),
		"script-src": inner(t, page, "<script>", "</script>"),
	} {
		if want := directive + " '" + digest(text) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy is %q, without %q", policy, want)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy is %q", policy)
	}
	if head, _, _ := strings.Cut(page, "Content-Security-Policy"); strings.Contains(head, "<script") || strings.Contains(head, "<style") {
		t.Error("something stands before the policy")
	}
}

func TestNoTextBecomesMarkup(t *testing.T) {
	d := dataOf(small())
	d.Name = `x</title><script>alert(1)</script>`
	d.Cells.Files[1][0].Text = "</script><script>alert(2)</script>"
	page := rendered(t, d)
	for _, tag := range []string{"<script", "</script", "<style", "</style", "<title", "</title"} {
		want := 1
		if strings.Contains(tag, "script") {
			want = 2
		}
		if got := strings.Count(strings.ToLower(page), tag); got != want {
			t.Errorf("%s stands %d times in the page, not %d", tag, got, want)
		}
	}
	markup := page
	for _, part := range []string{dataIn(t, page), inner(t, page, "<script>", "</script>"), inner(t, page, "<style>", "</style>")} {
		markup = strings.Replace(markup, part, "", 1)
	}
	if found := regexp.MustCompile(`(?i)\s(on\w+|style)\s*=|javascript:|<img|<iframe|<link|<base|<form|https?://`).FindString(markup); found != "" {
		t.Errorf("the page has %q", found)
	}
	var back struct {
		Axes  []axis
		Cells struct{ Files [][]file }
	}
	if err := json.Unmarshal([]byte(dataIn(t, page)), &back); err != nil {
		t.Fatal(err)
	}
	if back.Axes[0].Values[0] != hostile || back.Cells.Files[3][0].Path != `images/4 "quoted" #% <b>'.png` || back.Cells.Files[1][0].Text != d.Cells.Files[1][0].Text {
		t.Errorf("a text is not as it was: %q, %+v", back.Axes[0].Values, back.Cells.Files[3])
	}
}

// All files are one script: a name that stands twice at the top level is an error that keeps the page empty.
func TestNamesAtTheTopAreUnique(t *testing.T) {
	script, err := joined("*.js", "core.js", "state.js")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^(?:const|let|var|class|(?:async )?function\*?) ([\w$]+)`).FindAllStringSubmatch(script, -1) {
		if seen[m[1]] {
			t.Errorf("%s is declared twice", m[1])
		}
		seen[m[1]] = true
	}
	if !seen["start"] || !seen["explore"] {
		t.Errorf("found only %d names", len(seen))
	}
	if found := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(|XMLHttpRequest|import\(`).FindString(script); found != "" {
		t.Errorf("the scripts have %q", found)
	}
}

func TestAxesOfData(t *testing.T) {
	rows := small()
	rows[3].Params = rows[3].Params[:3] // one without scale
	rows[4].Repeat = 2
	rows[5].Params[2].Value = "10"
	d := dataOf(rows)
	var names []string
	for _, a := range d.Axes {
		names = append(names, a.Name)
	}
	if want := []string{"prompt", "ratio", "seed", "scale", "repeat"}; !slices.Equal(names, want) {
		t.Fatalf("the axes are %q, not %q", names, want)
	}
	if seed := d.Axes[2]; !seed.Numeric || !slices.Equal(seed.Values, []string{"1", "2", "3", "4", "10"}) || d.Cells.Axes[2][5] != 4 {
		t.Errorf("seed is %+v, and %d in the sixth cell", seed, d.Cells.Axes[2][5])
	}
	if scale := d.Cells.Axes[3]; scale[3] != -1 || scale[2] != 0 || len(d.Fixed) != 0 {
		t.Errorf("scale is %v, fixed are %v", scale, d.Fixed)
	}
	if d.X != "seed" || d.Y != "ratio" {
		t.Errorf("x is %s, y is %s", d.X, d.Y)
	}
}

func TestStandaloneTakesInWhatFits(t *testing.T) {
	out := t.TempDir()
	d := dataOf(small())
	big := &d.Cells.Files[2][0]
	put(t, filepath.Join(out, filepath.FromSlash(d.Cells.Files[1][0].Path)), 64, 64)
	if err := os.WriteFile(filepath.Join(out, filepath.FromSlash(big.Path)), make([]byte, largestInline+1), 0o644); err != nil {
		t.Fatal(err)
	}
	d.Cells.Files[3][0].Path = "../outside.png"
	if err := os.WriteFile(filepath.Join(filepath.Dir(out), "outside.png"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := inline(t.Context(), out, &d); err != nil {
		t.Fatal(err)
	}
	if got := d.Cells.Files[1][0].Inline; !strings.HasPrefix(got, "data:image/png;base64,iVBOR") {
		t.Errorf("a file that fits is %.40q", got)
	}
	for _, n := range []int{2, 3, 4} { // too large, outside, not there
		if got := d.Cells.Files[n][0].Inline; got != "" {
			t.Errorf("cell %d is %.40q", n, got)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := inline(stopped, out, &d); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after the end", err)
	}
}

// A page is made of a journal, beside a run that has it open, and whole or not at all.
func TestWriteBesideARun(t *testing.T) {
	out := t.TempDir()
	dir := filepath.Join(out, ".wirobatch")
	j, err := journal.Open(t.Context(), dir, journal.Options{Service: "sandbox", Slots: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	rows := small()
	var all []journal.Cell
	for _, r := range rows {
		all = append(all, r.Cell)
	}
	if _, err := j.SetGrid(t.Context(), journal.Grid{Digest: "d", Cells: len(all), Columns: []string{"prompt", "ratio", "seed", "scale"}, Name: "dragons", Model: "owner/model"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Enqueue(t.Context(), slices.Values(all)), j.StartRun(t.Context(), journal.Run{Version: "1.2.3", StartedAt: begun, Concurrency: 4, BaseURL: "sandbox"})); err != nil {
		t.Fatal(err)
	}
	l, err := j.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Finish(t.Context(), rows[0].Record); err != nil {
		t.Fatal(err)
	}
	read, err := journal.OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := Write(stopped, read, out, Options{}); err == nil {
		t.Error("a page is made after the end")
	}
	if err := Write(t.Context(), read, out, Options{Version: "1.2.3", X: "ratio", Y: "no such axis"}); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(out, File))
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Name, X, Y string
		Sandbox    bool
		Runs       []run
		Money      money
		Cells      struct {
			ID     []string
			Status []int
		}
	}
	if err := json.Unmarshal([]byte(dataIn(t, string(page))), &d); err != nil {
		t.Fatal(err)
	}
	if d.Name != "dragons" || !d.Sandbox || d.X != "ratio" || d.Y != "prompt" || len(d.Runs) != 1 || d.Runs[0].End != nil || d.Money.Spent != "0.00351" || len(d.Cells.ID) != len(rows) || d.Cells.Status[0] != 0 || d.Cells.Status[1] != 4 {
		t.Errorf("the page has %+v", d)
	}
	left, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A run without failures has no errors to list, and one without files no types: lists are lists all the same.
func TestListsAreNeverNull(t *testing.T) {
	for _, rows := range [][]journal.Row{nil, {{Cell: journal.Cell{ID: "a", Number: 1, Model: "m/m"}, Record: journal.Record{State: journal.Pending}}}} {
		text, err := json.Marshal(dataOf(rows))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"errors", "mimes", "axes", "checks", "statuses"} {
			if strings.Contains(string(text), `"`+name+`":null`) {
				t.Errorf("%s is null: %s", name, text)
			}
		}
	}
}
