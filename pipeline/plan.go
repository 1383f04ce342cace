package pipeline

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"

	"wirobatch/manifest"
	"wirobatch/pipeline/journal"
)

// A Plan is what a run of a manifest would do in a folder, without doing any of it.
type Plan struct {
	Name     string `json:"name"`
	Model    string `json:"model"`
	Out      string `json:"out"`
	Axes     []Axis `json:"axes"`
	Repeat   int    `json:"repeat"`
	Order    string `json:"order"`    // in which cells run: grid, shuffle, stratified
	Cells    int    `json:"cells"`    // places in the grid
	Distinct int    `json:"distinct"` // cells that differ: equal ones run once
	Done     int    `json:"done"`
	Failed   int    `json:"failed"`   // left as they are without --retry-failed
	Held     int    `json:"held"`     // looked up again
	Running  int    `json:"running"`  // have a task, or may have one: taken up again, not paid again
	Left     int    `json:"left"`     // to be submitted
	Unlisted int    `json:"unlisted"` // in the folder, but not in the manifest
}

// Axis is one of the matrix, with the number of its values.
type Axis struct {
	Name   string `json:"name"`
	Values int    `json:"values"`
}

// MakePlan holds a manifest against what the folder's journal knows. It only reads.
func MakePlan(ctx context.Context, m *manifest.Manifest, out string) (Plan, error) {
	g := m.Grid()
	p := Plan{Name: m.Name, Model: m.Model, Out: out, Repeat: m.Repeat, Order: string(m.Order), Cells: g.Len()}
	for _, a := range g.Axes() {
		p.Axes = append(p.Axes, Axis{a.Name, a.Len})
	}
	states, err := known(ctx, out)
	if err != nil {
		return p, err
	}
	seen := make(map[packed]struct{}, min(g.Len(), 1<<20))
	for c := range g.All() {
		if seen[pack(c.ID)] = struct{}{}; len(seen) == p.Distinct {
			continue
		}
		p.Distinct++
		switch states[pack(c.ID)] {
		case journal.Done:
			p.Done++
		case journal.Failed:
			p.Failed++
		case journal.Held, journal.Unknown:
			p.Held++
		case journal.Intended, journal.Submitted:
			p.Running++
		default: // pending, cancelled, or never seen
			p.Left++
		}
	}
	for id := range states {
		if _, listed := seen[id]; !listed {
			p.Unlisted++
		}
	}
	return p, nil
}

// packed is a cell's id in half the bytes and without a pointer: a million of them are held at once.
type packed [10]byte

func pack(id string) (p packed) {
	_, _ = hex.Decode(p[:], []byte(id)) // 20 hexadecimal digits
	return p
}

// PlanRows gives each cell of the grid with its status in the folder.
func PlanRows(ctx context.Context, m *manifest.Manifest, out string) (iter.Seq2[manifest.Cell, string], error) {
	states, err := known(ctx, out)
	if err != nil {
		return nil, err
	}
	return func(yield func(manifest.Cell, string) bool) {
		for c := range m.Grid().All() {
			state, ok := states[pack(c.ID)]
			if !ok {
				state = journal.Pending
			}
			if !yield(c, journal.Row{Record: journal.Record{State: state}}.Status()) {
				return
			}
		}
	}, nil
}

// known gives the state of each cell that the folder has.
func known(ctx context.Context, out string) (map[packed]journal.State, error) {
	states := map[packed]journal.State{}
	j, err := journal.OpenReadOnly(ctx, filepath.Join(out, ".wirobatch"))
	if errors.Is(err, fs.ErrNotExist) {
		return states, stray(out)
	}
	if err != nil {
		return nil, err
	}
	defer j.Close()
	return states, j.States(ctx, func(id string, s journal.State) { states[pack(id)] = s })
}
