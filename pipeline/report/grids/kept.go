package grids

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"wirobatch/pipeline/durable"
)

// made is a line of grids/index.jsonl: a sheet of ours, and what it was made of.
type made struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

// kept are the sheets that were made before. Lines are added as sheets are made; the last of a name counts.
type kept struct {
	dir  string
	of   map[string]made
	used map[string]bool
	f    *os.File
}

var ourName = regexp.MustCompile(`^[a-z0-9_-]{1,200}\.png$`)

func sheetName(page string, n, of int) string {
	if of > 1 {
		page += fmt.Sprintf("_%0*d", len(fmt.Sprint(of)), n)
	}
	return page + ".png"
}

func openKept(out string) (*kept, error) {
	k := &kept{dir: filepath.Join(out, Folder), of: map[string]made{}, used: map[string]bool{}}
	if err := durable.MkdirAll(k.dir); err != nil {
		return nil, err
	}
	name := filepath.Join(k.dir, "index.jsonl")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, durable.NewError("open", name, err)
	}
	k.f = f
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var m made
		if json.Unmarshal(lines.Bytes(), &m) == nil && ourName.MatchString(m.Name) {
			k.of[m.Name] = m
		}
	}
	return k, nil
}

// has tells whether the sheet is there as it was made, and from then on keeps it.
func (k *kept) has(name, digest string) bool {
	k.used[name] = true
	m, known := k.of[name]
	info, err := os.Lstat(filepath.Join(k.dir, name))
	return known && m.Digest == digest && err == nil && info.Mode().IsRegular() && info.Size() == m.Size
}

func (k *kept) add(m made) error {
	k.of[m.Name] = m
	line, err := json.Marshal(m)
	if err == nil {
		_, err = k.f.Write(append(append([]byte("\n"), line...), '\n')) // the line before may be torn
	}
	return durable.NewError("write", k.f.Name(), err)
}

// close removes the sheets of ours that are none any more, and leaves one line for each that is.
func (k *kept) close() error {
	if err := k.f.Close(); err != nil {
		return durable.NewError("close", k.f.Name(), err)
	}
	var text []byte
	for name, m := range k.of {
		if !k.used[name] {
			if err := os.Remove(filepath.Join(k.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return durable.NewError("remove", filepath.Join(k.dir, name), err)
			}
			continue
		}
		line, err := json.Marshal(m)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	tmp := filepath.Join(filepath.Dir(k.dir), ".wirobatch", "tmp")
	if err := durable.MkdirAll(tmp); err != nil {
		return err
	}
	f, err := durable.Create(tmp)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		f.Discard()
		return err
	}
	return f.Place(filepath.Join(k.dir, "index.jsonl"))
}
