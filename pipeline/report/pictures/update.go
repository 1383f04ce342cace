package pictures

import (
	"cmp"
	"context"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// Update makes the small pictures that are missing, one after the other, and drops those that no file has any more. It can be stopped at any
// moment and goes on from there. The result is by cell id, in the order of the outputs. progress, which may be nil, hears how many of the files that
// were not known yet have been looked at.
func Update(ctx context.Context, out string, rows iter.Seq2[journal.Row, error], progress func(done, all int)) (map[string][]Picture, error) {
	root, err := os.OpenRoot(out) // no name leads out of it, nor any link
	if err != nil {
		return nil, durable.NewError("open", out, err)
	}
	defer root.Close()
	x, err := openIndex(out)
	if err != nil {
		return nil, err
	}
	all, missing, err := list(root, x, rows)
	if err == nil && len(missing) > 0 {
		err = lowly(func() error { return look(ctx, root, out, x, all, missing, progress) })
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, cmp.Or(err, x.close(false))
	}
	for _, cell := range all {
		for i := range cell {
			x.fill(&cell[i])
		}
	}
	return all, x.close(true)
}

// place is where a picture stands in the result.
type place struct {
	cell string
	i    int
}

var wholeSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// list gives the delivered files, and those of them that nothing is known of.
func list(root *os.Root, x *index, rows iter.Seq2[journal.Row, error]) (all map[string][]Picture, missing []place, err error) {
	all = map[string][]Picture{}
	for row, err := range rows {
		if err != nil {
			return nil, nil, err
		}
		for _, f := range row.Files {
			if f.Path == "" {
				continue
			}
			p := Picture{Cell: row.ID, N: f.N, Path: f.Path, SHA256: f.SHA256}
			if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
				p.Path, p.SHA256, p.Err = "", "", "its name in the journal leads out of the folder"
			} else if !wholeSum.MatchString(p.SHA256) {
				if p.SHA256, err = sumOf(root, f.Path); err != nil {
					p.Err = unopened(err)
				}
			}
			all[row.ID] = append(all[row.ID], p)
			if p.Err == "" && !x.knows(p.SHA256) {
				missing = append(missing, place{row.ID, len(all[row.ID]) - 1})
			}
		}
	}
	return all, missing, nil
}

// look decodes what is missing. What was seen of whole files is kept; what was wrong with a file as it lies there is not, for it
// may be mended.
func look(ctx context.Context, root *os.Root, out string, x *index, all map[string][]Picture, missing []place, progress func(done, all int)) error {
	for done, at := range missing {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p := &all[at.cell][at.i]; !x.knows(p.SHA256) { // it may have been seen under another name
			e, passing := inspect(root, p.Path, p.SHA256)
			if passing != "" {
				p.Err = passing
			} else if err := x.add(out, e); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(done+1, len(missing))
		}
	}
	return nil
}

// lowly runs do on a thread of its own that yields to all others, where the system has such. The thread ends with it: Go never
// gives one that is still locked to anybody else.
func lowly(do func() error) error {
	ended := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		yieldToOthers()
		ended <- do()
	}()
	return <-ended
}
