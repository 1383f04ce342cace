package export

import (
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

// A Parquet writes files of typed columns: data/train-00000.parquet and so on, for each split. What it keeps in memory is a row
// group of each split, and a picture. Rows are counted by the bytes that they bring, which are known before anything is read, so
// that files and row groups end at the same rows again.
type Parquet struct {
	work    *Work
	columns []column
	schema  *parquet.Schema
	most    int64                   // bytes of a file
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

// ParquetOptions is what a file has, and how large it gets.
type ParquetOptions struct {
	Columns []string // as the samples have them
	Params  []string // the parameters among them, by their own names
	Types   *Types   // has seen all rows
	Images  bool     // with the bytes of the pictures
	Bytes   int64    // a file ends before it has more; 0: 500 MB, as the Hugging Face Hub likes them
	Splits  int      // how many there are, which share the memory
}

const (
	parquetBytes = 500_000_000
	groupBytes   = 32 << 20 // of the row groups of all splits, before they are compressed
	dictionary   = 1 << 20  // bytes of the words of a column; beyond that it has them as they are
)

// NewParquet goes on where the parts of the work end.
func NewParquet(work *Work, o ParquetOptions) *Parquet {
	columns := o.Types.columns(o.Columns, o.Params, o.Images)
	p := &Parquet{
		work: work, columns: columns, schema: schema(columns), most: o.Bytes, group: groupBytes / int64(max(o.Splits, 1)),
		open: map[string]*parquetFile{},
	}
	if p.most == 0 {
		p.most = parquetBytes
	}
	return p
}

// Add adds the sample to the file of its split.
func (p *Parquet) Add(ctx context.Context, s Sample) error {
	row, size, err := p.row(s)
	if damaged := (*Damaged)(nil); errors.As(err, &damaged) {
		return err
	}
	if err != nil {
		return p.failed(err)
	}
	f := p.open[s.SplitName()]
	if f != nil && f.given+size > p.most {
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
func (p *Parquet) Close(context.Context) error {
	for _, split := range slices.Sorted(maps.Keys(p.open)) {
		if err := p.finish(p.open[split]); err != nil {
			return p.failed(err)
		}
	}
	return nil
}

func (p *Parquet) begin(split string) (*parquetFile, error) {
	file, err := p.work.Create()
	if err != nil {
		return nil, err
	}
	f := &parquetFile{file: file, sum: sha256.New()}
	f.Split, f.Name = split, fmt.Sprintf("data/%s-%05d.parquet", split, len(p.work.Parts(split)))
	f.w = parquet.NewGenericWriter[any](io.MultiWriter(counter{f}, file, f.sum), p.options())
	p.open[split] = f
	return f, nil
}

func (p *Parquet) options() *parquet.WriterConfig {
	c := parquet.DefaultWriterConfig()
	c.Schema = p.schema
	c.CreatedBy = "wirobatch" // no version: the same bytes
	c.Compression = &parquet.Zstd
	c.DataPageVersion = 1 // which every reader knows
	c.DictionaryMaxBytes = dictionary
	c.SkipPageBounds, c.SkipPageStatistics = [][]string{{"image", "bytes"}}, [][]string{{"image", "bytes"}}
	// So the Hugging Face loader knows that the struct is a picture.
	c.KeyValueMetadata = map[string]string{"huggingface": `{"info":{"features":{"image":{"_type":"Image"}}}}`}
	return c
}

func (p *Parquet) finish(f *parquetFile) error {
	delete(p.open, f.Split)
	if err := f.w.Close(); err != nil {
		f.file.Discard()
		return err
	}
	f.SHA256 = hex.EncodeToString(f.sum.Sum(nil))
	return p.work.Finish(f.file, f.Part)
}

// failed gives up what is not finished.
func (p *Parquet) failed(err error) error {
	for split, f := range p.open {
		f.file.Discard()
		delete(p.open, split)
	}
	return err
}

type counter struct{ *parquetFile }

func (c counter) Write(b []byte) (int, error) { c.Bytes += int64(len(b)); return len(b), nil }

// row is the sample's, and the bytes that it brings.
func (p *Parquet) row(s Sample) (row parquet.Row, size int64, err error) {
	texts, err := s.texts(p.columns)
	if err != nil {
		return nil, 0, err
	}
	for i, c := range p.columns {
		text := texts[i]
		switch {
		case c.kind == picture:
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
func (p *Parquet) read(s Sample) error {
	r, err := s.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	p.bytes = slices.Grow(p.bytes[:0], int(s.Size))[:s.Size]
	_, err = io.ReadFull(r, p.bytes)
	return err
}
