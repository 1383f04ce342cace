package stats

import (
	"io"

	"wirobatch/pipeline/report"
)

// CSV writes a line for the whole, and one for each group of each table. safe is for spreadsheets.
func (r *Report) CSV(w io.Writer, safe bool) error {
	c := report.NewCSV(w, safe)
	header := []string{"axis", "value", "axis_2", "value_2"}
	for _, f := range r.All.figures() {
		header = append(header, f.name)
	}
	if err := c.Write(header); err != nil {
		return err
	}
	line := func(by []Axis, g Group) error {
		fields := make([]string, 4, len(header))
		for i, a := range by {
			fields[2*i], fields[2*i+1] = a.Name, g.Values[i]
		}
		for _, f := range g.figures() {
			fields = append(fields, f.value)
		}
		return c.Write(fields)
	}
	if err := line(nil, r.All); err != nil {
		return err
	}
	for _, t := range r.Tables {
		for _, g := range t.Groups {
			if err := line(t.By, g); err != nil {
				return err
			}
		}
	}
	return c.Flush()
}
