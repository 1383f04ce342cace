// Package grids makes pictures of a whole grid: one for each combination of the axes that are not X and Y, with labelled rows and columns.
package grids

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/pictures"
)

// Folder holds the pictures, within the output folder.
const Folder = "grids"

// Options say how a grid is laid out.
type Options struct {
	X, Y                string // names of axes; "": chosen
	MaxWidth, MaxHeight int    // of a sheet, in pixels; 0: 4096. A sheet is never less than one picture with its labels.
}

// Write makes the sheets of the grid as it stands, and removes those of its own that are none any more. What has not changed is kept. The names are
// relative to out, with slashes.
func Write(ctx context.Context, out string, j *journal.Journal, o Options) (names []string, err error) {
	shown, err := pictures.Update(ctx, out, j.Rows(ctx), nil)
	if err != nil {
		return nil, err
	}
	grid, err := j.Grid(ctx)
	if err != nil {
		return nil, err
	}
	t, err := read(ctx, j, shown)
	if err != nil {
		return nil, err
	}
	x, y := t.choose(o.X, o.Y)
	kept, err := openKept(out)
	if err != nil {
		return nil, err
	}
	defer kept.f.Close()
	pages, same := t.pages(x, y)
	for i := range pages {
		sheets, err := pages[i].sheets(cmp.Or(o.MaxWidth, 4096), cmp.Or(o.MaxHeight, 4096))
		if err != nil {
			return nil, err
		}
		for _, s := range sheets {
			s.title, s.same = []string{cmp.Or(grid.Name, "grid"), grid.Model}, same
			names = append(names, Folder+"/"+s.name)
			if digest := s.digest(); !kept.has(s.name, digest) {
				size, err := s.write(ctx, out)
				if err == nil {
					err = kept.add(made{s.name, digest, size})
				}
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return names, kept.close()
}

// look counts the ways of drawing: a sheet that was drawn otherwise is drawn again.
const look = 2

// digest is of all that a sheet shows.
func (s *sheet) digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q %q %d %d %d %q %q %v %v\n", look, s.title, s.fixed, s.same, s.n, s.of, s.box, s.xName, s.yName, s.m, s.widths)
	for _, b := range s.blocks {
		fmt.Fprintf(h, "%v %q %q %v\n", b, s.xs[b.x0:b.x1], s.ys[b.y0:b.y1], s.tall[b.y0:b.y1])
		for _, row := range s.tiles[b.y0:b.y1] {
			for _, one := range row[b.x0:b.x1] {
				if one != nil {
					fmt.Fprintf(h, "%q %q %q %q %d", one.status, one.err, one.thumb, one.sha, one.outputs)
				}
				fmt.Fprintln(h)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// write does not wait for the disk: what a power cut spoilt is known by its size, and drawn again.
func (s *sheet) write(ctx context.Context, out string) (size int64, err error) {
	tmp := filepath.Join(out, ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return 0, err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return 0, err
	}
	c := &counter{f: f}
	w := bufio.NewWriterSize(c, 1<<16)
	if err = s.encode(ctx, out, w); err == nil {
		err = w.Flush()
	}
	if err != nil {
		f.Discard()
		return 0, err
	}
	return c.n, f.Place(filepath.Join(out, Folder, s.name))
}

type counter struct {
	f *durable.File
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.f.Write(p)
	c.n += int64(n)
	return n, err
}
