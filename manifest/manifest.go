// Package manifest reads the YAML that says what to generate, and spans the
// grid of cells that it stands for. It is pure: no network, no clock, and of
// the file system only Load.
package manifest

import (
	"fmt"
	"io"
	"os"
)

// A Manifest is a checked manifest.
type Manifest struct {
	Path    string // as given to Load or Parse
	Source  []byte // as read
	Version int    // of the format; there is only 1
	Name    string // safe as the name of a folder; by default the file's, without its ending
	Model   string // "owner/name"
	Watch   string // one of WatchModes, by default WatchAuto
	Limits  Limits
	Output  Output
	Report  Report
	Order   Order
	Repeat  int // passes over the grid, at least 1

	grid *Grid
}

// Grid gives the cells of the manifest.
func (m *Manifest) Grid() *Grid { return m.grid }

// Load reads and checks a manifest. An error about its content is Mistakes;
// any other comes from the file system.
func Load(path string) (*Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the manifest: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the manifest: %w", err)
	}
	return Parse(path, data)
}

// Parse checks a manifest that was read already. The name goes into messages
// and gives the manifest its default name. The error, if any, is Mistakes: all
// of them at once.
func Parse(name string, data []byte) (*Manifest, error) {
	d := &decoder{file: name}
	m := &Manifest{Path: name, Source: data, Version: 1, Order: InGrid, Repeat: 1}
	if top := d.parseYAML(data); top != nil {
		d.manifest(m, top)
	}
	if len(d.mistakes) > 0 {
		return nil, d.mistakes.sorted()
	}
	return m, nil
}
