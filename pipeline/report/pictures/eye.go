package pictures

import (
	"errors"
	"math/bits"
	"os"
	"path/filepath"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/journal"
)

// An Eye looks at the delivered files of a folder, one after the other. What it has seen is in the folder's index, as after Update.
type Eye struct {
	out  string
	root *os.Root
	x    *index
}

// OpenEye opens the eye on the output folder out.
func OpenEye(out string) (*Eye, error) {
	root, err := os.OpenRoot(out)
	if err != nil {
		return nil, durable.NewError("open", out, err)
	}
	x, err := openIndex(out)
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Eye{out, root, x}, nil
}

// Look gives the look of a file, and none of what is no picture, blank, or not as it was delivered.
func (e *Eye) Look(f journal.File) (l Look, ok bool, err error) {
	if !filepath.IsLocal(filepath.FromSlash(f.Path)) || !wholeSum.MatchString(f.SHA256) {
		return l, false, nil
	}
	if !e.x.knows(f.SHA256) {
		seen, passing := inspect(e.root, f.Path, f.SHA256)
		if passing != "" {
			return l, false, nil
		}
		if err := e.x.add(e.out, seen); err != nil {
			return l, false, err
		}
	}
	p := Picture{SHA256: f.SHA256}
	e.x.fill(&p)
	return Look{likenessOf(p)}, p.Hashed, nil
}

// Close drops nothing of the index.
func (e *Eye) Close() error { return errors.Join(e.x.close(false), e.root.Close()) }

// Look is what a picture looks like.
type Look struct{ likeness }

// Looks are those of pictures of which no two look alike, some bytes for each.
type Looks struct {
	all     []likeness
	buckets [bands]map[uint16][]int32
}

// Add takes a look in, unless one that looks like it is there.
func (s *Looks) Add(l Look) (added bool) {
	for n := range bands {
		for _, i := range s.buckets[n][band(l.hash, n)] {
			if k := s.all[i]; k.shape == l.shape && bits.OnesCount64(l.hash^k.hash) <= NearBits {
				return false
			}
		}
	}
	for n := range bands {
		if s.buckets[n] == nil {
			s.buckets[n] = map[uint16][]int32{}
		}
		s.buckets[n][band(l.hash, n)] = append(s.buckets[n][band(l.hash, n)], int32(len(s.all)))
	}
	s.all = append(s.all, l.likeness)
	return true
}
