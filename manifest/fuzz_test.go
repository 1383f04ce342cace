package manifest

import (
	"errors"
	"path"
	"strings"
	"testing"
)

// Whatever is in a file, it is refused with places in it, or it has cells.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml"} {
		for _, data := range files(f, pattern) {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		checkMarks(t, data)
		m, err := Parse("fuzz.yaml", data)
		if err != nil {
			var ms Mistakes
			if !errors.As(err, &ms) || len(ms) == 0 {
				t.Fatalf("an error without mistakes: %v", err)
			}
			lines := 2
			for _, r := range string(data) {
				if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) {
					lines++
				}
			}
			for _, m := range ms {
				if m.Line < 1 || m.Line > lines || m.Column < 1 || m.What == "" || len(m.What) > 2000 {
					t.Errorf("a mistake out of place: %+v", m)
				}
			}
			return
		}
		g := m.Grid()
		if g.Len() < 1 || g.Len() > maxCells {
			t.Fatalf("%d cells", g.Len())
		}
		for _, i := range []int{0, g.Len() / 2, g.Len() - 1} {
			c := g.At(i)
			if c.Number != i+1 || c.ID != CellID(c.Model, c.Params, c.Repeat) {
				t.Errorf("cell %d is %+v", i, c)
			}
			name, err := FileName(m.Output.Files, c, 1, "png")
			if err != nil || !strings.Contains(name, c.ID) || path.IsAbs(name) || strings.Contains(name, "..") {
				t.Errorf("cell %d has the name %q, %v", i, name, err)
			}
		}
	})
}

func FuzzRange(f *testing.F) {
	for _, s := range []string{"1..4", "10..1 step 3", "2.0..6.0 step 0.5", "-1..1", "0..999999999999999999 step 99999999999", "1...4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok, err := parseRange(s)
		if !ok || err != nil {
			return
		}
		if p.n < 1 || p.n > maxCells {
			t.Fatalf("%s has %d values", s, p.n)
		}
		from, rest, _ := strings.Cut(s, "..")
		a, ad, _ := units(from)
		if v, d, ok := units(p.at(0)); !ok || d < ad || v != a*pow10(d-ad) {
			t.Errorf("%s begins with %s", s, p.at(0))
		}
		for _, i := range []int{0, p.n / 2, p.n - 1} {
			if at, ok := p.position(p.at(i)); !ok || at != i && p.step != 0 {
				t.Errorf("%s: value %d is %s, which is found at %d", s, i, p.at(i), at)
			}
		}
		if to, _, step := strings.Cut(rest, " "); !step {
			b, bd, _ := units(to)
			v, d, _ := units(p.at(p.n - 1))
			if gap := abs(v*pow10(max(0, bd-d)) - b*pow10(max(0, d-bd))); gap >= pow10(max(d, bd)) {
				t.Errorf("%s ends with %s", s, p.at(p.n-1))
			}
		}
	})
}

func pow10(n int) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}
