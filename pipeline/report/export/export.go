package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dustin/go-humanize/english"
)

// A Result is what an export has made.
type Result struct {
	Path    string
	Made    bool   // false: it was there already
	Kept    string // where the dataset that was replaced is now, for somebody had changed it
	Samples int
	Bytes   int64 // of the delivered files in it; tables have none
	Splits  []Count
	LeftOut []string // how many, and why
	Notes   []string // what a person should know
	Damaged int
	Lost    []Damaged // the first of them
}

// Count is how many samples a split has.
type Count struct {
	Name    string
	Samples int
	Bytes   int64
}

// mostLost is how many damaged files are named.
const mostLost = 100

// Export makes the dataset, or goes on with one that was not finished. Errors: *FolderError, *WordsError, *EmptyError, *InTheWayError,
// *BusyError, ErrChanged, those of the journal, and *durable.Error.
func Export(ctx context.Context, o Options) (r Result, err error) {
	fs, err := openFolders(ctx, o.Dirs)
	if err != nil {
		return r, err
	}
	defer fs.close()
	p, err := newPlan(o, fs)
	if err != nil {
		return r, err
	}
	release, err := lock(o.Out)
	if err != nil {
		return r, err
	}
	defer release()
	if err := p.make(ctx); err != nil {
		return r, err
	}
	if len(p.prints) == 0 {
		return r, &EmptyError{Why: empty(p.facts.leftOut())}
	}
	r.Path, r.LeftOut, r.Notes = o.Out, p.facts.leftOut(), p.facts.notes
	whole, err := standing(o.Out, p.id(), o.Replace)
	if err != nil {
		return r, err
	}
	if whole {
		r.count(p, nil)
		return r, nil
	}
	if finished(o.Out+".partial", p.id()) {
		r.count(p, nil)
		r.Made = true
		r.Kept, err = takeName(o.Out+".partial", o.Out)
		return r, err
	}
	w, err := openWork(o.Out, p.id())
	if err != nil {
		return r, err
	}
	lost, err := p.write(ctx, w)
	if err != nil {
		return r, err
	}
	if r.count(p, lost); r.Samples == 0 {
		return r, &EmptyError{fmt.Sprintf("%s; the first: %v", english.Plural(len(lost), "file that is missing or damaged", "files that are missing or damaged"), &lost[0].Damaged), true}
	}
	if err := p.describe(w, r); err != nil {
		return r, err
	}
	r.Made = true
	r.Kept, err = w.place(o.Out)
	return r, err
}

func empty(left []string) string {
	if len(left) == 0 {
		return "the folders have no cells"
	}
	return english.OxfordWordSeries(left, "and")
}

// writers are those of the formats.
func (p *plan) writer(w *Work) (Writer, error) {
	switch p.o.Format {
	case ImageFolder:
		return newImageFolder(w, p.o)
	case WebDataset:
		return newWebDataset(w, p.o)
	case Parquet:
		return newParquet(w, p.o, p.folders.columns, p.folders.params, &p.types), nil
	case CSV, JSONL:
		return &tables{w, p.o, p.folders.csvSafe, map[string]*tableFile{}}, nil
	}
	return nil, fmt.Errorf("there is no format %q", p.o.Format)
}

// write gives the samples to the writer, and what is damaged back.
func (p *plan) write(ctx context.Context, w *Work) (gone []lost, err error) {
	out, err := p.writer(w)
	if err != nil {
		return nil, err
	}
	if gone, err = w.lostBefore(); err != nil {
		return nil, err
	}
	covered := map[string]int{} // by parts of an export before
	for _, split := range p.o.splitNames() {
		covered[split] = w.covered(split)
	}
	wanted := func(s Sample) bool { return !p.o.table() && s.N > covered[s.SplitName()] }
	at := Progress{Doing: "written", Total: len(p.prints)}
	for s, err := range ahead(ctx, p.samples(ctx), wanted) {
		if err != nil {
			return nil, err
		}
		if s.N > covered[s.SplitName()] {
			err = out.Add(ctx, s)
		}
		if damaged := (*Damaged)(nil); errors.As(err, &damaged) {
			l := lost{s.N, s.Split, s.File.Bytes, *damaged}
			gone, w.lost = append(gone, l), append(w.lost, l)
		} else if err != nil {
			return nil, err
		}
		if at.Done++; !p.o.table() {
			at.Bytes += s.File.Bytes
		}
		if p.o.Progress != nil {
			p.o.Progress(at)
		}
	}
	return gone, out.Close(ctx)
}

// lostBefore gives the damaged files of parts that are finished. The others are looked at again.
func (w *Work) lostBefore() (gone []lost, err error) {
	all, err := noted[lost](w, lostFile)
	seen := map[int]bool{}
	for _, l := range all {
		if s := (Sample{Split: l.Split}); l.N <= w.covered(s.SplitName()) && !seen[l.N] {
			gone, seen[l.N] = append(gone, l), true
		}
	}
	return gone, err
}

// splitNames are those of the files, in order.
func (o Options) splitNames() (names []string) {
	for _, s := range o.Splits {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		names = []string{Sample{}.SplitName()}
	}
	return names
}

// count counts what is in the dataset: all that was planned but for what is gone.
func (r *Result) count(p *plan, gone []lost) {
	r.Samples, r.Bytes = p.facts.all.samples, p.facts.all.bytes
	for _, s := range p.o.Splits {
		c := p.facts.splits[s.Name]
		r.Splits = append(r.Splits, Count{s.Name, c.samples, c.bytes})
	}
	for i, l := range gone {
		r.Samples--
		r.Bytes -= l.Bytes
		for k := range r.Splits {
			if r.Splits[k].Name == l.Split {
				r.Splits[k].Samples--
				r.Splits[k].Bytes -= l.Bytes
			}
		}
		if r.Damaged++; i < mostLost {
			r.Lost = append(r.Lost, l.Damaged)
		}
	}
}

// describe adds what is said about the dataset.
func (p *plan) describe(w *Work, r Result) error {
	if err := w.whole("README.md", p.card(r)); err != nil {
		return err
	}
	content, err := contentOf(w.dir)
	if err != nil {
		return err
	}
	data, err := json.Marshal(mark{p.id(), p.o.Format, r.Samples, r.Damaged, content})
	if err != nil {
		return err
	}
	return w.whole(markFile, append(data, '\n'))
}

// whole writes a file of the dataset.
func (w *Work) whole(name string, data []byte) error {
	f, err := w.Create()
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Discard()
		return err
	}
	return f.Commit(w.Path(name))
}
