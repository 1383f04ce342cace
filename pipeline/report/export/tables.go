package export

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"wirobatch/pipeline/report"
)

// tables are files with a line for each sample: one, or one for each split. The delivered files stay where they are.
type tables struct {
	w    *Work
	o    Options
	safe bool
	open map[string]*tableFile // by split
}

type tableFile struct {
	*lines
	csv *report.CSV
}

// tableName is that of the file of a split.
func tableName(split, format string) string { return cmp.Or(split, "data") + "." + format }

func (t *tables) Add(_ context.Context, s Sample) error {
	f := t.open[s.Split]
	if f == nil {
		l, err := t.w.lines(tableName(s.Split, t.o.Format))
		if err != nil {
			return err
		}
		f = &tableFile{lines: l}
		t.open[s.Split] = f
		if t.o.Format == CSV {
			f.csv = report.NewCSV(l, t.safe)
			if err := f.csv.Write(append([]string{"folder", "split", "caption"}, s.Columns...)); err != nil {
				return err
			}
		}
	}
	if f.csv != nil {
		return f.csv.Write(append([]string{s.Folder, s.Split, s.Caption}, s.Values...))
	}
	e := json.NewEncoder(f)
	e.SetEscapeHTML(false)
	var split *string
	if s.Split != "" {
		split = &s.Split
	}
	return e.Encode(struct {
		Folder  string  `json:"folder"`
		Split   *string `json:"split"`
		Caption string  `json:"caption"`
		report.Line
	}{s.Folder, split, s.Caption, report.LineOf(s.Row)})
}

func (t *tables) Close(context.Context) error {
	for _, split := range slices.Sorted(maps.Keys(t.open)) {
		f := t.open[split]
		if f.csv != nil {
			if err := f.csv.Flush(); err != nil {
				return err
			}
		}
		if err := f.close(t.w); err != nil {
			return err
		}
	}
	return nil
}
