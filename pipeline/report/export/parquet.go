package export

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"github.com/parquet-go/parquet-go"

	"wirobatch/pipeline/durable"
)

// parquetFiles are files of typed columns: data/train-00000.parquet and so on, for each split. What is in memory is a row group of
// each split, and a picture. Rows are counted by the bytes that they bring, which are known before anything is read, so that files and
// row groups end at the same rows again.
type parquetFiles struct {
	work    *Work
	columns []column
	most    int64                   // bytes of a file
	count   int                     // its samples, 0: any
	group   int64                   // bytes of a row group
	open    map[string]*parquetFile // by split
	bytes   []byte                  // of the picture that is read
}

type parquetFile struct {
	Part
	file  *durable.File
	sum   hash.Hash
	w     *parquet.GenericWriter[any]
	given int64 // bytes of its rows
	group int64 // of those, bytes of the current row group
}

const (
	parquetBytes = 500_000_000 // as the Hugging Face Hub likes files
	groupBytes   = 16 << 20    // of the row groups of all splits, with pictures
	tableBytes   = 64 << 20    // and without, before they are compressed
	dictionary   = 1 << 20     // bytes of the words of a column; beyond that it has them as they are
	pageBytes    = 64 << 10    // of a column: each of all splits has such a buffer
)

// newParquet goes on where the parts of the work end. The types have seen all rows.
func newParquet(w *Work, o Options, names, params []string, t *types) *parquetFiles {
	group := int64(tableBytes)
	if o.Images {
		group = groupBytes
	}
	return &parquetFiles{
		work: w, columns: t.columns(names, params, o.Images), most: cmp.Or(o.ShardSize, parquetBytes), count: o.ShardCount,
		group: group / int64(len(o.splitNames())), open: map[string]*parquetFile{},
	}
}

// Add adds the sample to the file of its split.
func (p *parquetFiles) Add(ctx context.Context, s Sample) error {
	row, size, err := p.row(s)
	if damaged := (*Damaged)(nil); errors.As(err, &damaged) {
		return err
	}
	if err != nil {
		return p.failed(err)
	}
	f := p.open[s.SplitName()]
	if f != nil && (f.given+size > p.most || f.Samples == p.count) {
		if err := p.finish(f); err != nil {
			return p.failed(err)
		}
		f = nil
	}
	if f == nil {
		if f, err = p.begin(s.SplitName()); err != nil {
			return p.failed(err)
		}
	}
	if f.group > 0 && f.group+size > p.group {
		if err := f.w.Flush(); err != nil {
			return p.failed(err)
		}
		f.group = 0
	}
	if _, err := f.w.WriteRows([]parquet.Row{row}); err != nil {
		return p.failed(err)
	}
	f.given, f.group = f.given+size, f.group+size
	f.Samples, f.Last = f.Samples+1, s.N
	return nil
}

// Close finishes the files.
func (p *parquetFiles) Close(context.Context) error {
	for _, split := range slices.Sorted(maps.Keys(p.open)) {
		if err := p.finish(p.open[split]); err != nil {
			return p.failed(err)
		}
	}
	return nil
}

// parquetName has the split where the Hugging Face loader looks for it.
func parquetName(split, n string) string { return "data/" + split + "-" + n + ".parquet" }

func (p *parquetFiles) begin(split string) (*parquetFile, error) {
	file, err := p.work.Create()
	if err != nil {
		return nil, err
	}
	f := &parquetFile{file: file, sum: sha256.New()}
	f.Split, f.Name = split, parquetName(split, fmt.Sprintf("%05d", len(p.work.Parts(split))))
	f.w = parquet.NewGenericWriter[any](io.MultiWriter(counter{f}, file, f.sum), p.options())
	p.open[split] = f
	return f, nil
}

func (p *parquetFiles) options() *parquet.WriterConfig {
	c := parquet.DefaultWriterConfig()
	c.Schema = schema(p.columns)
	c.CreatedBy = "wirobatch" // no version: the same bytes
	c.Compression = &parquet.Zstd
	c.DataPageVersion = 1 // which every reader knows
	c.PageBufferSize = pageBytes
	c.DictionaryMaxBytes = dictionary
	if p.columns[len(p.columns)-1].kind == asPicture {
		c.SkipPageBounds, c.SkipPageStatistics = [][]string{{"image", "bytes"}}, [][]string{{"image", "bytes"}}
		// So the Hugging Face loader knows that the struct is a picture.
		c.KeyValueMetadata = map[string]string{"huggingface": `{"info":{"features":{"image":{"_type":"Image"}}}}`}
	}
	return c
}

func (p *parquetFiles) finish(f *parquetFile) error {
	delete(p.open, f.Split)
	if err := f.w.Close(); err != nil {
		f.file.Discard()
		return err
	}
	f.SHA256 = hex.EncodeToString(f.sum.Sum(nil))
	return p.work.Finish(f.file, f.Part)
}

// failed gives up what is not finished.
func (p *parquetFiles) failed(err error) error {
	for split, f := range p.open {
		f.file.Discard()
		delete(p.open, split)
	}
	return err
}

type counter struct{ *parquetFile }

func (c counter) Write(b []byte) (int, error) { c.Bytes += int64(len(b)); return len(b), nil }

// row is the sample's, and the bytes that it brings.
func (p *parquetFiles) row(s Sample) (row parquet.Row, size int64, err error) {
	texts := s.texts(p.columns)
	for i, c := range p.columns {
		text := texts[i]
		switch {
		case c.kind == asPicture && !slices.Contains(pictureEndings, endingOf(s.File)):
			row = append(row, parquet.NullValue().Level(0, 0, len(row)))
			row = append(row, parquet.NullValue().Level(0, 0, len(row)))
		case c.kind == asPicture:
			if err := p.read(s); err != nil {
				return nil, 0, err
			}
			row = append(row, parquet.ByteArrayValue(p.bytes).Level(0, 2, len(row)))
			row = append(row, parquet.ByteArrayValue([]byte(s.File.Path)).Level(0, 2, len(row)))
			size += s.Size
		case text == nil:
			row = append(row, parquet.NullValue().Level(0, 0, len(row)))
		default:
			v, err := c.value(*text)
			if err != nil {
				return nil, 0, fmt.Errorf("cell %s in %s: %s %s: %w", s.Row.ID, s.Folder, c.name, *text, err)
			}
			row = append(row, v.Level(0, 1, len(row)))
			size += int64(len(*text))
		}
	}
	return row, size, nil
}

// read puts the picture into memory that the next one has again.
func (p *parquetFiles) read(s Sample) error {
	r, err := s.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	p.bytes = slices.Grow(p.bytes[:0], int(s.Size))[:s.Size]
	if _, err := io.ReadFull(r, p.bytes); err != nil {
		return err
	}
	switch n, err := r.Read(make([]byte, 1)); { // a large file is held against its checksum once more at its end
	case n > 0:
		return fmt.Errorf("%s of cell %s in %s grew while it was read", s.File.Path, s.Row.ID, s.Folder)
	case err != io.EOF:
		return err
	}
	return nil
}
