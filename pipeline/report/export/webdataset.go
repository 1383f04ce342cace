package export

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"time"

	"wirobatch/pipeline/durable"
)

// webDataset is tar files of samples: KEY.png, KEY.txt with the caption, KEY.json with all columns.
type webDataset struct {
	w    *Work
	o    Options
	open map[string]*shard // by split
}

// indexFile names all shards.
const indexFile = "index.json"

func newWebDataset(w *Work, o Options) (Writer, error) {
	return &webDataset{w, o, map[string]*shard{}}, nil
}

// A shard is being written.
type shard struct {
	f     *durable.File
	b     *bufio.Writer
	sum   hash.Hash
	tar   *tar.Writer
	part  Part
	stats statistics
}

// Tar is in blocks, with two empty ones at the end.
const (
	block = 512
	ends  = 2 * block
)

func inBlocks(n int64) int64 { return block + (n+block-1)/block*block }

func (d *webDataset) Add(ctx context.Context, s Sample) error {
	body, err := s.Open() // nothing is begun for what is damaged
	if err != nil {
		return err
	}
	defer body.Close()
	ending := endingOf(s.File)
	if ending == "txt" || ending == "json" {
		ending = "output." + ending // the others are ours
	}
	columns := append(object(s, [2]string{"key", s.Key}, [2]string{"caption", s.Caption}, [2]string{"folder", s.Folder}, [2]string{"split", s.SplitName()}), '\n')
	size := inBlocks(s.Size) + inBlocks(int64(len(s.Caption))) + inBlocks(int64(len(columns)))
	h, err := d.shard(s.SplitName(), size)
	if err != nil {
		return err
	}
	if err := h.add(s.Key+"."+ending, s.Size, body); err != nil {
		return err
	}
	for _, text := range []struct {
		ending string
		data   []byte
	}{{"txt", []byte(s.Caption)}, {"json", columns}} {
		if err := h.tar.WriteHeader(header(s.Key+"."+text.ending, int64(len(text.data)))); err != nil {
			return err
		}
		if _, err := h.tar.Write(text.data); err != nil {
			return err
		}
	}
	h.part.Samples++
	h.part.Bytes += size
	h.part.Last = s.N
	h.stats.add(s)
	return nil
}

// header is the same whenever and by whomever it is made.
func header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0)}
}

func (h *shard) add(name string, size int64, body io.Reader) error {
	if err := h.tar.WriteHeader(header(name, size)); err != nil {
		return err
	}
	_, err := io.Copy(h.tar, body)
	return err
}

// shard gives the one that a sample goes into, after it has ended one that is full.
func (d *webDataset) shard(split string, size int64) (*shard, error) {
	h := d.open[split]
	if h != nil && (h.part.Samples == d.o.ShardCount || d.o.ShardSize > 0 && h.part.Bytes+size > d.o.ShardSize) {
		if err := d.finish(h); err != nil {
			return nil, err
		}
		h = nil
	}
	if h == nil {
		f, err := d.w.Create()
		if err != nil {
			return nil, err
		}
		h = &shard{f: f, sum: sha256.New(), part: Part{Split: split, Name: fmt.Sprintf("%s-%06d.tar", split, len(d.w.Parts(split))), Bytes: ends}}
		h.b = bufio.NewWriterSize(io.MultiWriter(f, h.sum), 1<<18)
		h.tar = tar.NewWriter(h.b)
		d.open[split] = h
	}
	return h, nil
}

func (d *webDataset) finish(h *shard) (err error) {
	delete(d.open, h.part.Split)
	if err := h.tar.Close(); err != nil {
		return err
	}
	if err := h.b.Flush(); err != nil {
		return err
	}
	h.part.SHA256 = hex.EncodeToString(h.sum.Sum(nil))
	if h.part.Statistics, err = json.Marshal(h.stats); err != nil {
		return err
	}
	return d.w.Finish(h.f, h.part)
}

// Close ends the last shards, and writes the index.
func (d *webDataset) Close(context.Context) error {
	for _, split := range slices.Sorted(maps.Keys(d.open)) {
		if err := d.finish(d.open[split]); err != nil {
			return err
		}
	}
	index := struct {
		Format string  `json:"format"`
		Shards []entry `json:"shards"`
	}{Format: WebDataset, Shards: []entry{}}
	for _, split := range d.o.splitNames() {
		for _, p := range d.w.Parts(split) {
			index.Shards = append(index.Shards, entry{p.Name, p.Split, p.Samples, p.Bytes, p.SHA256, p.Statistics})
		}
	}
	data, err := json.MarshalIndent(index, "", "  ")
	if err != nil {
		return err
	}
	return d.w.whole(indexFile, append(data, '\n'))
}

// entry is a shard in the index.
type entry struct {
	Name       string          `json:"name"`
	Split      string          `json:"split"`
	Samples    int             `json:"samples"`
	Bytes      int64           `json:"bytes"`
	SHA256     string          `json:"sha256"`
	Statistics json.RawMessage `json:"statistics"`
}
