package manifest

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the messages of testdata/bad anew")

func files(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p] = data
	}
	return out
}

// A good file says in its first line how many cells it has.
func TestGood(t *testing.T) {
	for path, data := range files(t, "testdata/good/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			m, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			line, _, _ := strings.Cut(string(data), "\n")
			want, err := strconv.Atoi(strings.TrimPrefix(line, "# cells: "))
			if err != nil {
				t.Fatalf("the first line must be `# cells: N`: %v", err)
			}
			if got := m.Grid().Len(); got != want {
				t.Errorf("%d cells, want %d", got, want)
			}
			checkGrid(t, m)
		})
	}
}

// checkGrid holds a grid against what every grid promises.
func checkGrid(t *testing.T, m *Manifest) {
	t.Helper()
	g := m.Grid()
	columns := g.Columns()
	seen := map[string]bool{}
	i := 0
	for c := range g.All() {
		if i++; i > 2000 {
			break
		}
		if c.Number != i || c.Model != m.Model || c.Repeat != 1+(i-1)/(g.Len()/m.Repeat) {
			t.Fatalf("cell %d is %+v", i, c)
		}
		if id := CellID(c.Model, c.Params, c.Repeat); id != c.ID {
			t.Fatalf("cell %d has id %s, and CellID says %s", i, c.ID, id)
		}
		at := 0
		for _, p := range c.Params { // in the order of the columns, each once
			for at < len(columns) && columns[at] != p.Name {
				at++
			}
			if at++; at > len(columns) {
				t.Fatalf("cell %d has its parameters %v out of order %v", i, c.Params, columns)
			}
		}
		name, err := FileName(m.Output.Files, c, 0, "png")
		if err != nil {
			t.Fatal(err)
		}
		if seen[name] && !seen[c.ID] {
			t.Fatalf("two cells have the name %s", name)
		}
		seen[name], seen[c.ID] = true, true
	}
}

var wants = regexp.MustCompile(`(?m)^# want: .*\n`)

// A bad file ends with its messages, one `# want:` line each.
func TestBad(t *testing.T) {
	for path, data := range files(t, "testdata/bad/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text := wants.ReplaceAllString(string(data), "")
			_, err := Parse("bad.yaml", []byte(text))
			var ms Mistakes
			if !errors.As(err, &ms) || len(ms) == 0 {
				t.Fatalf("no mistakes but %v", err)
			}
			var got strings.Builder
			for _, line := range strings.Split(err.Error(), "\n") {
				got.WriteString("# want: " + strings.TrimPrefix(line, "bad.yaml:") + "\n")
			}
			if *update {
				if err := os.WriteFile(path, []byte(text+got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := strings.Join(wants.FindAllString(string(data), -1), ""); got.String() != want {
				t.Errorf("got\n%swant\n%s", got.String(), want)
			}
		})
	}
}
