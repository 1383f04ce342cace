package pictures

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"wirobatch/pipeline/durable"
)

// seen is a line of the index: what a file with these bytes looks like.
type seen struct {
	SHA256 string `json:"sha256"`
	Thumb  string `json:"thumb,omitempty"` // its name in the folder
	Size   int64  `json:"size,omitempty"`  // of the small picture: a shorter one is what a power cut left
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Hash   string `json:"hash,omitempty"` // 16 hex digits
	Blank  bool   `json:"blank,omitempty"`
	Err    string `json:"error,omitempty"`
	Rules  int    `json:"v"`

	image image.Image // to be written
	used  bool
}

// rules counts the ways of looking: what an older one saw is looked at again.
const rules = 1

// index is thumbs/index.jsonl, one line added for each file that was looked at. Its lines are not synced: what is lost is made again.
type index struct {
	dir  string
	f    *os.File // nil: the folder can't be written, and what is seen is not kept
	of   map[string]*seen
	sure bool // the file has one line for each of these
}

var ourName = regexp.MustCompile(`^[0-9a-f]{24}\.(jpg|png)$`)

func openIndex(out string) (*index, error) {
	x := &index{dir: filepath.Join(out, Folder), of: map[string]*seen{}, sure: true}
	name := filepath.Join(x.dir, indexFile)
	err := durable.MkdirAll(x.dir)
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	}
	if unwritable(err) {
		if f, err := os.Open(name); err == nil {
			defer f.Close()
			x.read(f)
		}
		return x, nil
	}
	if err != nil {
		return nil, durable.NewError("open", name, err)
	}
	x.f = f
	x.read(f)
	// The line that comes next does not go on with a torn one.
	if !x.sure {
		if _, err := f.WriteString("\n"); err != nil {
			f.Close()
			return nil, durable.NewError("write", name, err)
		}
	}
	return x, nil
}

// unwritable tells of a folder that is somebody else's, or on a disk that is only read.
func unwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, durable.ErrInTheWay)
}

// read takes the lines that are whole, and whose small picture is there.
func (x *index) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		e := &seen{}
		if json.Unmarshal(lines.Bytes(), e) != nil || !e.sound() || x.of[e.SHA256] != nil {
			x.sure = false // torn by a crash, older, or not ours
			continue
		}
		if info, err := os.Lstat(filepath.Join(x.dir, e.Thumb)); e.Thumb != "" && (err != nil || !info.Mode().IsRegular() || info.Size() != e.Size) {
			x.sure = false
			continue
		}
		x.of[e.SHA256] = e
	}
	if lines.Err() != nil { // such as a line without end
		x.sure = false
	}
}

func (e *seen) sound() bool {
	_, err := strconv.ParseUint(cmp.Or(e.Hash, "0"), 16, 64)
	return e.Rules == rules && wholeSum.MatchString(e.SHA256) && err == nil &&
		(e.Thumb == "" || ourName.MatchString(e.Thumb) && e.Thumb[:24] == e.SHA256[:24])
}

func (x *index) knows(sum string) bool { return x.of[sum] != nil }

// add writes the small picture, and after it the line that says so.
func (x *index) add(out string, e *seen) error {
	if x.f == nil {
		e.image = nil
		x.of[e.SHA256] = e
		return nil
	}
	if e.image != nil {
		if err := x.save(out, e); err != nil {
			return err
		}
		e.image = nil
	}
	e.Rules = rules
	line, err := json.Marshal(e)
	if err == nil {
		_, err = x.f.Write(append(line, '\n'))
	}
	x.of[e.SHA256] = e
	return durable.NewError("write", x.f.Name(), err)
}

// save does not sync: thousands of syncs would take longer than all else, and a small picture that a power cut spoilt is known by its size and made again.
func (x *index) save(out string, e *seen) error {
	tmp := filepath.Join(out, ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return err
	}
	counted := &counter{f: f}
	w := bufio.NewWriterSize(counted, 1<<16)
	e.Thumb = e.SHA256[:24] + ".jpg"
	if opaque(e.image) {
		err = jpeg.Encode(w, e.image, &jpeg.Options{Quality: 85})
	} else {
		e.Thumb = e.SHA256[:24] + ".png"
		err = png.Encode(w, e.image)
	}
	if err = cmp.Or(err, w.Flush()); err != nil {
		f.Discard()
		return err
	}
	e.Size = counted.n
	return f.Place(filepath.Join(x.dir, e.Thumb))
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

// fill puts what is known into a picture.
func (x *index) fill(p *Picture) {
	e := x.of[p.SHA256]
	if e == nil || p.Err != "" {
		return
	}
	e.used = true
	p.Width, p.Height, p.Blank, p.Err = e.Width, e.Height, e.Blank, e.Err
	if e.Thumb != "" {
		p.Thumb = Folder + "/" + e.Thumb
	}
	if e.Hash != "" {
		p.Hash, _ = strconv.ParseUint(e.Hash, 16, 64) // sound
		p.Hashed = true
	}
}

// close drops, where all of what is used is known, what no file has any more.
func (x *index) close(all bool) error {
	if x.f == nil {
		return nil
	}
	if err := x.f.Close(); err != nil || !all {
		return durable.NewError("close", x.f.Name(), err)
	}
	keep := map[string]bool{}
	for sum, e := range x.of {
		if keep[e.Thumb] = keep[e.Thumb] || e.used; !e.used {
			delete(x.of, sum)
			x.sure = false
		}
	}
	files, err := os.ReadDir(x.dir)
	if err != nil {
		return durable.NewError("read", x.dir, err)
	}
	for _, f := range files {
		if ourName.MatchString(f.Name()) && !keep[f.Name()] {
			if err := os.Remove(filepath.Join(x.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return durable.NewError("remove", filepath.Join(x.dir, f.Name()), err)
			}
		}
	}
	if x.sure {
		return nil
	}
	return x.rewrite()
}
