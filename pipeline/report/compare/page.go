package compare

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/page"
	"wirobatch/pipeline/report/pictures"
)

// MostPairs is how many pictures a page shows: a browser holds no more of them with ease.
const MostPairs = 50_000

// TooManyError means that there are more pairs than a page shows.
type TooManyError struct{ Pairs int }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("the page is not made: it would show %d pairs, and %d are the most; --where leaves some out, --format json has them all", e.Pairs, MostPairs)
}

var (
	//go:embed web/compare.css
	style string
	//go:embed web/compare.js
	script string
)

// Page writes a page that shows the pairs, whole or not at all. It finds the pictures by their way from the page to the two folders.
func (r *Result) Page(file string) error {
	d, err := r.pageData(file)
	if err != nil {
		return err
	}
	if n := len(d.Items); n > MostPairs {
		return &TooManyError{n}
	}
	folder := filepath.Dir(file)
	if err := durable.MkdirAll(folder); err != nil {
		return err
	}
	f, err := durable.Create(folder)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err := cmp.Or(page.Render(w, d.Title, style, script, d), w.Flush()); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(file)
}

// pageData is what the script of the page reads.
type pageData struct {
	Title  string      `json:"title"`
	Sides  [2]sideData `json:"sides"`
	Notes  []string    `json:"notes"`
	Said   [][2]string `json:"said"` // name and sentence
	Tables []tableData `json:"tables"`
	Failed []string    `json:"failed"`
	Judged []Verdict   `json:"judged"`
	Tags   []string    `json:"tags"`
	Items  []itemData  `json:"items"` // those that a person wants to see first come first
	Alike  int         `json:"alike"` // bits
}

type sideData struct {
	Base   string   `json:"base"` // the way to its folder, ends in /
	Dir    string   `json:"dir"`
	Facts  []string `json:"facts"`
	Warned bool     `json:"play"`
}

type tableData struct {
	Head []string   `json:"head"`
	Rows [][]string `json:"rows"`
	Sure []bool     `json:"sure"` // of each row: the difference is significant
}

// itemData is one output of a pair, or a pair without any.
type itemData struct {
	Place  int          `json:"i"` // in the order of the grid
	ID     [2]string    `json:"id"`
	Number int          `json:"n"`
	Output int          `json:"o"`
	Values [][2]string  `json:"v"` // what tells the cell from others
	Look   Look         `json:"look"`
	Colour bool         `json:"hue"` // it is changed by its colours alone
	Bits   *int         `json:"bits"`
	Tags   []int        `json:"t"`
	Files  [2]*fileData `json:"f"`
	Cells  [2]*cellData `json:"c"`
}

type fileData struct {
	Path   string `json:"p"` // "" where the name leads out of the folder
	Thumb  string `json:"s"`
	Kind   string `json:"k"` // image, video, audio or other
	Width  int    `json:"w"`
	Height int    `json:"h"`
	Bytes  int64  `json:"b"`
	Fault  string `json:"e"` // why it cannot be shown
}

type cellData struct {
	Status string `json:"s"`
	Cost   string `json:"c"` // exact
	Total  string `json:"t"` // seconds
	Run    string `json:"r"`
	Error  string `json:"e"`
}

// tags are what the page filters by.
var tags = []string{"changed", "alike", "same", "failed", "missing"}

func (r *Result) pageData(file string) (d pageData, err error) {
	d = pageData{
		Title: r.title(),
		Notes: append([]string{}, r.Notes()...), Failed: append([]string{}, r.failedCells()...), Judged: append([]Verdict{}, r.Thresholds...), Tags: tags, Items: []itemData{}, Alike: pictures.NearBits,
	}
	for i, s := range []Side{r.A, r.B} {
		if d.Sides[i], err = sideDataOf(s, filepath.Dir(file)); err != nil {
			return d, err
		}
	}
	d.Said = [][2]string{{"Pairs", r.pairing()}, {"Figures", r.about()}, {"Failures", r.failed()}, {"Pictures", r.looked()}}
	if drift := r.drifted(); drift != "" {
		d.Said = append(d.Said, [2]string{"Drift", drift})
	}
	d.Tables = append(d.Tables, r.Figures[0].table().data())
	for _, t := range r.by() {
		d.Tables = append(d.Tables, t.data())
	}
	r.items(&d)
	return d, nil
}

// title names the folders by the ends of their ways, where these differ.
func (r *Result) title() string {
	a, b := filepath.Base(filepath.Clean(r.A.Dir)), filepath.Base(filepath.Clean(r.B.Dir))
	if a == b {
		a, b = r.A.Dir, r.B.Dir
	}
	return plain(a) + " against " + plain(b)
}

func sideDataOf(s Side, from string) (d sideData, err error) {
	d = sideData{Dir: plain(s.Dir), Facts: s.facts(), Warned: s.Sandbox}
	d.Base, err = way(from, s.Dir)
	return d, err
}

// way is the address of a folder as seen from another: relative, where there is such a way. Links on it are left as they are: a browser takes ..
// from the address that it was given.
func way(from, to string) (string, error) {
	absFrom, err := filepath.Abs(from)
	if err != nil {
		return "", err
	}
	absTo, err := filepath.Abs(to)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(absFrom, absTo)
	if err != nil { // another volume
		return "file:///" + encoded(strings.TrimPrefix(filepath.ToSlash(absTo), "/")) + "/", nil
	}
	if rel == "." {
		return "./", nil
	}
	return "./" + encoded(filepath.ToSlash(rel)) + "/", nil
}

func encoded(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

func (s sheet) data() tableData { return tableData{Head: s.head, Rows: s.rows, Sure: s.sure} }

// items puts the pictures in the order in which a person wants to see them, and after them the pairs without any.
func (r *Result) items(d *pageData) {
	with := map[*pair]bool{}
	for i := range r.shown {
		s := &r.shown[i]
		with[s.pair] = true
		d.Items = append(d.Items, r.item(s, len(d.Items)))
	}
	for i := range r.pairs {
		if p := &r.pairs[i]; !with[p] {
			d.Items = append(d.Items, r.item(&shown{pair: p, distance: unmeasured}, len(d.Items)))
		}
	}
	slices.SortStableFunc(d.Items, func(a, b itemData) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(valueOr(b.Bits, unmeasured), valueOr(a.Bits, unmeasured)))
	})
}

// rank is how soon a person wants to see it.
func (i itemData) rank() int {
	return slices.Index([]Look{Changed, Resized, Other, OnlyA, OnlyB, "", Alike, Same}, i.Look)
}

func (r *Result) item(s *shown, place int) itemData {
	p := s.pair
	one := itemData{Place: place, Output: s.n, Look: s.look, Colour: s.recolour, Tags: []int{}, Values: [][2]string{}}
	if s.distance != unmeasured {
		one.Bits = &s.distance
	}
	row := p.a
	if row == nil {
		row = p.b
	}
	one.Number = row.Number
	for _, v := range r.naming.of(*row) {
		one.Values = append(one.Values, [2]string{v.Name, v.Value})
	}
	for i, side := range []struct {
		row *journal.Row
		out *output
	}{{p.a, s.a}, {p.b, s.b}} {
		if side.row != nil {
			one.ID[i] = side.row.ID
			one.Cells[i] = cellDataOf(*side.row)
		}
		if side.out != nil {
			one.Files[i] = fileDataOf(*side.out)
		}
	}
	for i, is := range []bool{
		s.look == Changed || s.look == Resized || s.look == Other, s.look == Alike, s.look == Same,
		state(p.a) == journal.Failed || state(p.b) == journal.Failed, s.look == OnlyA || s.look == OnlyB,
	} {
		if is {
			one.Tags = append(one.Tags, i)
		}
	}
	return one
}

func cellDataOf(row journal.Row) *cellData {
	c := &cellData{Status: row.Status(), Total: row.Total.String(), Error: plain(row.Error)}
	if row.Cost.Valid {
		c.Cost = row.Cost.Decimal.String()
	}
	if row.Record.Run.Valid {
		c.Run = row.Record.Run.Decimal.String()
	}
	return c
}

// fileDataOf takes no name that leads out of the folder.
func fileDataOf(o output) *fileData {
	f := &fileData{Path: o.Path, Kind: "other", Width: o.Width, Height: o.Height, Bytes: o.Bytes}
	kind, _, _ := strings.Cut(strings.ToLower(o.ContentType), "/")
	if kind == "image" || kind == "video" || kind == "audio" {
		f.Kind = kind
	}
	if seen := o.seen; seen != nil {
		f.Thumb, f.Fault = seen.Thumb, seen.Err
		if seen.Width > 0 {
			f.Kind, f.Width, f.Height = "image", seen.Width, seen.Height
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(o.Path)) || slices.Contains(strings.Split(o.Path, "/"), "..") {
		f.Path, f.Thumb, f.Fault = "", "", "its name in the journal leads out of the folder"
	}
	return f
}
