package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wirobatch/manifest"
)

// What the README says of the program is held against the program.

func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fences gives the code blocks of a language ("" for those without one).
func fences(text, language string) (all []string) {
	blocks := regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$").FindAllStringSubmatch(text, -1)
	for _, b := range blocks {
		if b[1] == language {
			all = append(all, b[2])
		}
	}
	return all
}

func TestReadmeBeginsWithTheTwoCommands(t *testing.T) {
	if want := "go run . run --sandbox examples/quickstart.yaml\ngo test ./...\n"; fences(readme(t), "sh")[0] != want {
		t.Errorf("the first commands are not\n%s", want)
	}
}

var commandLine = regexp.MustCompile(`.*(?:wirobatch|go run \.) (\S.*)`)

// Every command line in README, help and starter names commands and flags that there are.
func TestCommandLinesInDocuments(t *testing.T) {
	lines := strings.Split(strings.Join(fences(readme(t), "sh"), "\n"), "\n")
	root := (&program{getenv: os.Getenv, stdout: io.Discard, stderr: io.Discard}).root()
	lines = append(lines, strings.Split(root.Example, "\n")...)
	for _, c := range root.Commands() {
		lines = append(lines, strings.Split(c.Example, "\n")...)
	}
	lines = append(lines, strings.Split(string(starter), "\n")...)
	seen := 0
	for _, line := range lines {
		at := commandLine.FindStringSubmatch(line)
		if at == nil {
			continue
		}
		seen++
		args := regexp.MustCompile(` #|  +| > `).Split(at[1], 2)[0] // what follows is said about it
		root := (&program{getenv: os.Getenv, stdout: io.Discard, stderr: io.Discard}).root()
		c, rest, err := root.Find(strings.Fields(args))
		if err != nil || c == root {
			t.Errorf("%q: no such command: %v", line, err)
			continue
		}
		if err := c.ParseFlags(rest); err != nil {
			t.Errorf("%q: %v", line, err)
		} else if err := c.ValidateArgs(c.Flags().Args()); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
	if seen < 20 {
		t.Errorf("only %d command lines were found", seen)
	}
}

func TestReadmeManifest(t *testing.T) {
	m, err := manifest.Parse("README.md", []byte(strings.Join(fences(readme(t), "yaml"), "")))
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Grid().Len(); n == 0 {
		t.Errorf("%d cells", n)
	}
}

func TestReadmeColumns(t *testing.T) {
	out := t.TempDir()
	if code := Main([]string{"run", "--sandbox", "../../examples/quickstart.yaml", "--limit", "1", "--out", out}, os.Getenv, io.Discard, io.Discard); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	data, err := os.ReadFile(filepath.Join(out, "results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	header, err := csv.NewReader(bytes.NewReader(data)).Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range fences(readme(t), "") {
		if strings.HasPrefix(block, "cell,") {
			if got := strings.Split(strings.ReplaceAll(block, "\n", ""), ","); !slices.Equal(got, header) {
				t.Errorf("README: %q\nresults.csv: %q", got, header)
			}
			return
		}
	}
	t.Error("the README does not name the columns of results.csv")
}

// The columns of the statistics are named in short: those of a stage once for all.
func TestReadmeStatistics(t *testing.T) {
	out, text := t.TempDir(), readme(t)
	var stdout bytes.Buffer
	for _, args := range [][]string{{"run", "--sandbox", "../../examples/quickstart.yaml", "--limit", "1", "--out", out, "--report", "off"}, {"report", out, "--stats", "--format", "csv"}} {
		stdout.Reset()
		if code := Main(args, os.Getenv, &stdout, io.Discard); code != 0 {
			t.Fatalf("exit code %d", code)
		}
	}
	header, err := csv.NewReader(&stdout).Read()
	if err != nil {
		t.Fatal(err)
	}
	_, each, _ := strings.Cut(text, "For `*` there are ")
	each, _, _ = strings.Cut(each, ".")
	var want []string
	for _, block := range fences(text, "") {
		if strings.HasPrefix(block, "axis,") {
			for name := range strings.SplitSeq(strings.ReplaceAll(block, "\n", ""), ",") {
				stage, several := strings.CutSuffix(name, "*")
				if !several {
					want = append(want, name)
					continue
				}
				for _, figure := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(each, -1) {
					want = append(want, stage+figure[1])
				}
			}
		}
	}
	if !slices.Equal(want, header) {
		t.Errorf("README: %q\nthe CSV: %q", want, header)
	}
}

func TestReadmeTables(t *testing.T) {
	text := readme(t)
	var want strings.Builder
	want.WriteString("| code | meaning |\n|---|---|\n")
	for _, c := range codes {
		fmt.Fprintf(&want, "| %s | %s |\n", c.code, c.meaning)
	}
	if !strings.Contains(text, want.String()+"\n") {
		t.Errorf("the exit codes are not\n%s", want.String())
	}
	root := (&program{}).root()
	for _, name := range regexp.MustCompile(`(?m)^  ([A-Z_]+) `).FindAllStringSubmatch(root.Long, -1) {
		if !strings.Contains(text, "| `"+name[1]+"` |") {
			t.Errorf("the environment lacks %s", name[1])
		}
	}
	for _, c := range root.Commands() {
		if c.Name() != "help" && !strings.Contains(text, "| `wirobatch "+c.Name()) {
			t.Errorf("the commands lack %s", c.Name())
		}
	}
}

// anchor is what a link within the page calls a heading.
func anchor(heading string) string {
	heading = regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(heading, " ", "-")
}

func TestReadmeLinksAndDependencies(t *testing.T) {
	text := readme(t)
	headings := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1)
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		switch section, within := strings.CutPrefix(link[1], "#"); {
		case strings.HasPrefix(link[1], "https://"):
		case within:
			if !slices.ContainsFunc(headings, func(h []string) bool { return anchor(h[1]) == section }) {
				t.Errorf("there is no section %s", section)
			}
		default:
			if _, err := os.Stat(filepath.Join("../..", link[1])); err != nil {
				t.Error(err)
			}
		}
	}
	for _, file := range regexp.MustCompile("`(internal/[a-z/_]+\\.(?:txt|go))`").FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join("../..", file[1])); err != nil {
			t.Error(err)
		}
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1) {
		if !strings.Contains(text, "| "+line[1]+" |") {
			t.Errorf("the dependencies lack %s", line[1])
		}
	}
}
