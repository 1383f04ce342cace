package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// data is what the scripts of the page read. Its keys are a contract with them, pinned by a golden test.
type data struct {
	V       int               `json:"v"`
	Name    string            `json:"name"`
	Model   string            `json:"model"`
	Made    string            `json:"made"`
	Service string            `json:"service"`
	Sandbox bool              `json:"sandbox"`
	Version string            `json:"version"`
	Runs    []run             `json:"runs"`
	Money   money             `json:"money"`
	Axes    []axis            `json:"axes"` // what varies, the outermost first
	X       string            `json:"x"`
	Y       string            `json:"y"`
	Fixed   map[string]string `json:"fixed"` // what does not vary

	Statuses []string `json:"statuses"`
	Mimes    []string `json:"mimes"`
	Errors   []string `json:"errors"`
	Cells    cells    `json:"cells"`
	Checks   []check  `json:"checks"`
}

type run struct {
	Start       *int64 `json:"start"`
	End         *int64 `json:"end"`
	Exit        *int   `json:"exit"`
	Concurrency int    `json:"concurrency"`
}

type money struct {
	Spent    string  `json:"spent"`
	Expected *string `json:"expected"` // by what was set aside for each submit
	Reserved string  `json:"reserved"`
}

type axis struct {
	Name    string   `json:"name"`
	Values  []string `json:"values"`
	Numeric bool     `json:"numeric"`
}

type check struct {
	Kind  string `json:"kind"`
	Cells []int  `json:"cells"`
	Note  string `json:"note"`
}

// cells are columns of one length, in grid order: a fraction of the size that an object a cell would have.
type cells struct {
	ID          []string  `json:"id"`
	Number      []*int    `json:"n"`
	Status      []int     `json:"status"`
	Axes        [][]int   `json:"ax"` // [axis][cell], -1: none
	Task        []string  `json:"task"`
	Attempts    []int     `json:"attempts"`
	Cost        []*string `json:"cost"`
	Source      []string  `json:"source"`
	Elapsed     []number  `json:"elapsed"`
	Queue       []number  `json:"queue"`
	Run         []number  `json:"run"`
	Postprocess []number  `json:"post"`
	Wait        []number  `json:"wait"`
	Download    []number  `json:"download"`
	Total       []number  `json:"total"`
	Submitted   []*int64  `json:"submitted"`
	Finished    []*int64  `json:"finished"`
	Polls       []int     `json:"polls"`
	Error       []int     `json:"error"` // -1: none
	Files       [][]file  `json:"files"`
}

type file struct {
	Path   string `json:"p"`
	Width  int    `json:"w"`
	Height int    `json:"h"`
	Bytes  int64  `json:"b"`
	Mime   int    `json:"m"`
	Thumb  string `json:"t"`
	SHA256 string `json:"s"`
	Inline string `json:"d,omitempty"` // the file itself, as a data: URI
	Text   string `json:"x,omitempty"` // how a text begins: a page from file:// may not read what is beside it
}

// number is a decimal that is written digit for digit, null when unknown.
type number string

func (n number) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return []byte(n), nil
}

// interned gives each text a number, in the order in which they come.
type interned struct {
	all []string
	at  map[string]int
}

func (i *interned) add(s string) int {
	n, known := i.at[s]
	if !known {
		if i.at == nil {
			i.at = map[string]int{}
		}
		n = len(i.all)
		i.at[s], i.all = n, append(i.all, s)
	}
	return n
}

// statuses are in the order in which a person wants to read them.
var statuses = []string{"done", "failed", "cancelled", "held", "pending"}

// builder takes rows in grid order.
type builder struct {
	data
	pictures      map[string][]pictures.Picture
	columns       []string
	values        []interned // of model, the columns, and repeat
	at            [][]int
	mimes, errors interned
	index         map[string]int
	expected      decimal.Decimal
	priced        int
}

func newBuilder(columns []string, looked map[string][]pictures.Picture) *builder {
	b := &builder{columns: slices.Concat([]string{"model"}, columns, []string{"repeat"}), pictures: looked, index: map[string]int{}}
	b.values, b.at = make([]interned, len(b.columns)), make([][]int, len(b.columns))
	return b
}

func (b *builder) add(row journal.Row) {
	c := &b.Cells
	b.index[row.ID] = len(c.ID)
	for i := range b.columns {
		b.at[i] = append(b.at[i], b.place(i, row))
	}
	c.ID = append(c.ID, row.ID)
	c.Number = append(c.Number, known(row.Number))
	c.Status = append(c.Status, slices.Index(statuses, row.Status()))
	c.Task = append(c.Task, row.TaskID)
	c.Attempts = append(c.Attempts, row.Attempts)
	var cost *string
	if row.Cost.Valid {
		s := row.Cost.Decimal.String()
		cost = &s
	}
	c.Cost = append(c.Cost, cost)
	c.Source = append(c.Source, row.CostSource)
	c.Elapsed = append(c.Elapsed, exact(row.Elapsed))
	c.Queue = append(c.Queue, exact(row.Queue))
	c.Run = append(c.Run, exact(row.Record.Run))
	c.Postprocess = append(c.Postprocess, exact(row.Postprocess))
	c.Wait = append(c.Wait, number(row.Wait.String()))
	c.Download = append(c.Download, number(row.Download.String()))
	c.Total = append(c.Total, number(row.Total.String()))
	c.Submitted = append(c.Submitted, moment(row.SubmittedAt))
	c.Finished = append(c.Finished, moment(row.FinishedAt))
	c.Polls = append(c.Polls, row.Polls)
	fault := -1
	if row.Error != "" {
		fault = b.errors.add(row.Error)
	}
	c.Error = append(c.Error, fault)
	c.Files = append(c.Files, b.files(row))
	if row.Reserved.IsPositive() {
		b.expected = b.expected.Add(row.Reserved)
		b.priced++
	}
}

// place is the number of the cell's value in column i, -1 where it has none.
func (b *builder) place(i int, row journal.Row) int {
	switch i {
	case 0:
		return b.values[i].add(row.Model)
	case len(b.columns) - 1:
		return b.values[i].add(strconv.Itoa(row.Repeat))
	}
	for _, p := range row.Params {
		if p.Name == b.columns[i] {
			return b.values[i].add(p.Value)
		}
	}
	return -1
}

func (b *builder) files(row journal.Row) []file {
	all := []file{}
	for _, f := range row.Files {
		if f.Path == "" { // it got lost
			continue
		}
		one := file{Path: f.Path, Width: f.Width, Height: f.Height, Bytes: f.Bytes, SHA256: f.SHA256, Mime: b.mimes.add(mime(f))}
		for _, p := range b.pictures[row.ID] {
			if p.Path == f.Path && p.SHA256 == f.SHA256 {
				one.Thumb = p.Thumb
				if p.Width > 0 {
					one.Width, one.Height = p.Width, p.Height
				}
			}
		}
		all = append(all, one)
	}
	return all
}

// whole settles what is known once all rows are in.
func (b *builder) whole(x, y string) data {
	b.V, b.Statuses, b.Mimes, b.Errors = 1, statuses, slices.Concat([]string{}, b.mimes.all), slices.Concat([]string{}, b.errors.all)
	b.Axes, b.Cells.Axes, b.Fixed = []axis{}, [][]int{}, map[string]string{}
	for i, name := range b.columns {
		v := b.values[i].all
		some := slices.Contains(b.at[i], -1)
		switch {
		case len(v) > 1 || len(v) == 1 && some:
			numeric := order(v, b.at[i])
			b.Axes = append(b.Axes, axis{Name: name, Values: v, Numeric: numeric})
			b.Cells.Axes = append(b.Cells.Axes, b.at[i])
		case len(v) == 1 && name != "repeat" && name != "model":
			b.Fixed[name] = v[0]
		}
	}
	b.X, b.Y = b.choose(x, y)
	if n := len(b.Cells.ID); b.priced > 0 {
		// Those for which nothing was set aside, or not yet, are taken for the mean of the others.
		all := b.expected.Mul(decimal.NewFromInt(int64(n))).DivRound(decimal.NewFromInt(int64(b.priced)), 8).String()
		b.Money.Expected = &all
	}
	return b.data
}

// check takes over what was found, with the places of the cells.
func (b *builder) check(found []pictures.Check) {
	b.Checks = []check{}
	for _, f := range found {
		c := check{Kind: f.Kind, Cells: []int{}, Note: f.Note}
		for _, id := range f.Cells {
			if at, ok := b.index[id]; ok {
				c.Cells = append(c.Cells, at)
			}
		}
		b.Checks = append(b.Checks, c)
	}
}

// order sorts values that are all numbers, and tells whether they are.
func order(values []string, at []int) (numeric bool) {
	type place struct {
		by  float64
		was int
	}
	places := make([]place, len(values))
	for i, v := range values {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return false
		}
		places[i] = place{f, i}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		switch {
		case a.by < b.by:
			return -1
		case a.by > b.by:
			return 1
		}
		return 0
	})
	was, now := slices.Clone(values), make([]int, len(values))
	for i, p := range places {
		values[i], now[p.was] = was[p.was], i
	}
	for i, v := range at {
		if v >= 0 {
			at[i] = now[v]
		}
	}
	return true
}

// mime is the content type without its parameters, by the name of the file where the service did not say.
func mime(f journal.File) string {
	kind, _, _ := strings.Cut(f.ContentType, ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind != "" && kind != "application/octet-stream" {
		return kind
	}
	ext := strings.ToLower(f.Path[strings.LastIndexByte(f.Path, '.')+1:])
	if known, ok := byExtension[ext]; ok {
		return known
	}
	return "application/octet-stream"
}

// byExtension does not depend on what the machine knows, as mime.TypeByExtension would.
var byExtension = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "avif": "image/avif", "svg": "image/svg+xml",
	"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "flac": "audio/flac",
	"txt": "text/plain", "md": "text/markdown", "json": "application/json",
}

func known(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

func exact(d decimal.NullDecimal) number {
	if !d.Valid {
		return ""
	}
	return number(d.Decimal.String())
}

func moment(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
