// Package compare sets two runs side by side: what they took, what they cost, what failed, and whether the pictures of the same cell are the
// same. It reads the journals and the delivered files, and reports as text, Markdown, JSON, and a page that shows the pairs.
package compare

import (
	"context"
	"errors"
	"slices"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
	"wirobatch/pipeline/report/stats"
)

// Folder is the output folder of a run, with its journal. It is read as it stands, also while a run is at work in it.
type Folder struct {
	Dir     string
	Journal *journal.Journal
}

// Options of Compare.
type Options struct {
	Where      func(journal.Row) bool // which cells are meant; nil: all
	By         []string               // axes whose values get figures of their own
	Confidence float64                // of intervals; 1 less it is what p is held against
	KeepCold   bool                   // times of the first task of an unused model count too
	Looks      bool                   // the pictures are looked at even where nothing has changed, for the page
	Progress   func(dir string, done, total int)
}

// Result is the two runs side by side.
type Result struct {
	A, B       Side
	Pairs      Pairing
	Confidence float64
	Cold       [2]int  // first tasks of an unused model that the times leave out, of A and of B
	Figures    []Group // the first is of all the cells that have a partner, or of all where none has; the others of each value
	Failures   Failures
	Pictures   Looks
	Drift      Drift
	Thresholds []Verdict

	pairs  []pair
	shown  []shown
	naming naming
}

// ErrNothing says that no cell is meant: without it a condition that holds nowhere would pass for two runs that are the same.
var ErrNothing = errors.New("there is nothing to compare")

// Compare reads both folders. It makes the small pictures of them, where any differ and they are missing.
func Compare(ctx context.Context, a, b Folder, o Options) (*Result, error) {
	r := &Result{Confidence: o.Confidence}
	var all [2][]journal.Row
	var cold [2]map[string]bool
	for i, f := range []Folder{a, b} {
		var err error
		if all[i], err = rows(ctx, f.Journal); err != nil {
			return nil, err
		}
		if *[]*Side{&r.A, &r.B}[i], err = sideOf(ctx, f, all[i]); err != nil {
			return nil, err
		}
		if o.KeepCold {
			continue
		}
		if cold[i], err = stats.Cold(each(all[i])); err != nil {
			return nil, err
		}
	}
	by, err := axes(ctx, a.Journal, b.Journal, o.By)
	if err != nil {
		return nil, err
	}
	pairs, ignored, fixed := pairUp(all[0], all[1])
	if r.pairs, r.Pairs = meant(pairs, o.Where); len(r.pairs) == 0 {
		return nil, ErrNothing
	}
	r.Pairs.Ignored, r.Pairs.Fixed = ignored, fixed
	r.naming = namingOf(r.pairs, fixed)
	r.figure(by, cold)
	r.fail()
	return r, r.look(ctx, [2]Folder{a, b}, all, o)
}

// look sets the pictures side by side.
func (r *Result) look(ctx context.Context, folders [2]Folder, all [2][]journal.Row, o Options) error {
	var seen [2]sight
	if o.Looks || slices.ContainsFunc(r.pairs, differs) {
		for i, f := range folders {
			var err error
			if seen[i], err = seeAll(ctx, f, all[i], o.Progress); err != nil {
				return err
			}
		}
	}
	for i := range r.pairs {
		p := &r.pairs[i]
		of := outputs(p, seen)
		if len(of) == 0 {
			r.Pictures.Neither++
		}
		for k, s := range of {
			if s.look == Alike && recoloured(folders, s) {
				s.look, s.recolour = Changed, true
				of[k] = s
			}
			r.Pictures.add(s)
			r.Drift.add(s)
		}
		r.shown = append(r.shown, of...)
	}
	return nil
}

// differs tells of a pair with two files of other bytes in one place: only then there is something to look at.
func differs(p pair) bool {
	return slices.ContainsFunc(outputs(&p, [2]sight{}), func(s shown) bool { return s.look == Other })
}

// seeAll looks at the files of a folder that nobody has looked at. Where there are none, nothing is written to the folder.
func seeAll(ctx context.Context, f Folder, all []journal.Row, progress func(dir string, done, total int)) (sight, error) {
	known, err := pictures.ReadKnown(f.Dir)
	if err != nil {
		return nil, err
	}
	unseen := func(row journal.Row) bool {
		return slices.ContainsFunc(delivered(&row, known.Of), func(o output) bool { return o.seen == nil })
	}
	if !slices.ContainsFunc(all, unseen) {
		return known.Of, nil
	}
	seen, err := pictures.Update(ctx, f.Dir, each(all), func(done, total int) {
		if progress != nil {
			progress(f.Dir, done, total)
		}
	})
	return func(cell string, f journal.File) (pictures.Picture, bool) {
		for _, p := range seen[cell] {
			if p.N == f.N {
				return p, true
			}
		}
		return pictures.Picture{}, false
	}, err
}

// Drift is about the same cell in both folders: same model, same parameters, and a seed that should bring the same picture.
type Drift struct {
	Checked  int `json:"pictures"`
	Differ   int `json:"other_bytes"`
	Unseeded int `json:"without_seed"` // not counted: other pictures are what chance is for
}

func (d *Drift) add(s shown) {
	switch {
	case s.pair.how != cell || s.a == nil || s.b == nil:
	case pictures.SeedOf(s.pair.a.Params) == "":
		d.Unseeded++
	default:
		d.Checked++
		if s.look != Same {
			d.Differ++
		}
	}
}
