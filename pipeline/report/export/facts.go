package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// facts are what is said of a dataset, gathered while it is planned.
type facts struct {
	left     map[string]int // files and cells that are left out, by why
	statuses map[string]int // of those that are not done
	unfound  []string       // of --ids
	notes    []string       // what a person should know
	suffixed int

	all     counts
	splits  map[string]*counts
	folders []counts
	models  map[string]int
	endings map[string]int
	media   map[string]bool // the first halves of media types
	params  []values
	kinds   map[string]int // what decided about the split

	cost     decimal.Decimal
	unpriced int
	cell     [2]string // the last one whose cost was added: it has one cost, and maybe several files
	several  bool      // one had
	wanted   map[string]bool
}

// counts are those of a part.
type counts struct {
	samples     int
	bytes       int64
	first, last time.Time // of submits and ends
}

func (c *counts) add(row journal.Row, bytes int64) {
	c.samples++
	c.bytes += bytes
	if t := row.SubmittedAt; !t.IsZero() && (c.first.IsZero() || t.Before(c.first)) {
		c.first = t
	}
	if t := row.FinishedAt; t.After(c.last) {
		c.last = t
	}
}

// values are those of a parameter, as long as they are few.
type values struct {
	count map[string]int
	order []string
	more  bool // there are more
}

const mostValues = 40

func (v *values) add(value string) {
	if v.count[value]++; v.count[value] > 1 {
		return
	}
	if len(v.order) == mostValues {
		v.more = true
		delete(v.count, value)
		return
	}
	v.order = append(v.order, value)
}

func (f *facts) begin(p *plan) {
	f.left, f.statuses, f.kinds = map[string]int{}, map[string]int{}, map[string]int{}
	f.splits, f.models, f.endings = map[string]*counts{}, map[string]int{}, map[string]int{}
	f.media = map[string]bool{}
	f.folders = make([]counts, len(p.folders.all))
	f.params = make([]values, len(p.folders.params))
	for i := range f.params {
		f.params[i].count = map[string]int{}
	}
	for _, s := range p.o.Splits {
		f.splits[s.Name] = &counts{}
	}
	f.wanted = maps.Clone(p.o.IDs)
}

func (f *facts) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

func (f *facts) leave(why string, row journal.Row) {
	f.left[why]++
	if why == notDone {
		f.statuses[row.Status()]++
	}
	delete(f.wanted, row.ID)
}

func (f *facts) add(p *plan, c candidate) {
	row := c.row
	delete(f.wanted, row.ID)
	bytes := c.file.Bytes
	if p.o.table() {
		bytes = 0
	}
	f.all.add(row, bytes)
	f.folders[c.in].add(row, bytes)
	text, kind := promptOf(row.Cell)
	if f.kinds[kind]++; len(p.o.Splits) > 0 {
		f.splits[p.o.Splits.of(text)].add(row, bytes)
	}
	f.models[row.Model]++
	if c.file.Path != "" {
		f.endings[endingOf(c.file)]++
		medium, _, _ := strings.Cut(c.file.ContentType, "/")
		f.media[medium] = true
	}
	for i, name := range p.folders.params {
		for _, param := range row.Params {
			if param.Name == name {
				f.params[i].add(param.Value)
			}
		}
	}
	if cell := [2]string{fmt.Sprint(c.in), row.ID}; cell != f.cell {
		f.cell = cell
		if row.Cost.Valid {
			f.cost = f.cost.Add(row.Cost.Decimal)
		} else if row.Attempts > 0 {
			f.unpriced++
		}
	} else {
		f.several = true
	}
}

// tasks are what the dataset is for, in the Hugging Face hub's words.
func (f *facts) tasks() (tasks []string) {
	for _, medium := range []string{"image", "video", "audio"} {
		if f.media[medium] {
			tasks = append(tasks, "text-to-"+medium)
		}
	}
	return tasks
}

// end says what else there is to say.
func (f *facts) end(p *plan) {
	if len(p.o.Splits) > 0 {
		if n := f.kinds["text parameters"]; n > 0 {
			f.note("%s without a parameter called prompt: all text among the parameters together decides about the split", english.Plural(n, "sample", ""))
		}
		if n := f.kinds["id"]; n > 0 {
			f.note("%s without any text among the parameters: the cell's id decides about the split", english.Plural(n, "sample", ""))
		}
	}
	for _, s := range p.o.Splits {
		if f.splits[s.Name].samples == 0 && f.all.samples > 0 {
			f.note("no prompt falls into %s: the fewer the prompts, the rougher the shares", s.Name)
		}
	}
	if f.suffixed > 0 {
		f.note("%s of cells that a folder before has with other bytes: the key ends in the folder's name", english.Plural(f.suffixed, "sample", ""))
	}
	if len(f.wanted) > 0 {
		f.unfound = slices.Sorted(maps.Keys(f.wanted))
		f.note("%s of --ids: no folder has such a cell, %s the first", english.Plural(len(f.unfound), "id", ""), f.unfound[0])
	}
	if other := f.all.samples - f.endings["png"]; p.o.Embed && !p.o.table() && other > 0 {
		f.note("%s in other formats than PNG: nothing is embedded in them", english.Plural(other, "file is", "files are"))
	}
}

// leftOut says what is left out and why, a line for each reason.
func (f *facts) leftOut() (lines []string) {
	for _, why := range reasons {
		n := f.left[why]
		if n == 0 {
			continue
		}
		line := fmt.Sprintf("%d %s", n, why)
		if why == notDone {
			var parts []string
			for _, status := range slices.Sorted(maps.Keys(f.statuses)) {
				parts = append(parts, fmt.Sprintf("%d %s", f.statuses[status], status))
			}
			line += " (" + strings.Join(parts, ", ") + ")"
		}
		lines = append(lines, line)
	}
	return lines
}
