package export

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"iter"
	"slices"
	"strings"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// A plan is what the dataset will consist of. A few bytes are kept of each sample, so that any number can be planned.
type plan struct {
	o       Options
	folders *folders
	caption caption
	holds   func(journal.Row) bool

	prints []uint64 // of the samples, in order; the last bit: the key gets the name of its folder
	digest hash.Hash
	facts  facts
	types  types
}

// candidate is a file that is asked for.
type candidate struct {
	in    int // folder
	row   journal.Row
	file  journal.File
	line  []string
	print [sha256.Size]byte
}

func newPlan(o Options, fs *folders) (*plan, error) {
	p := &plan{o: o, folders: fs, digest: sha256.New()}
	header := report.Header(fs.params)
	var err error
	if p.holds, err = o.Where.Bind(fs.params); err != nil {
		return nil, &WordsError{"--where", err}
	}
	if o.Caption == DefaultCaption && !slices.Contains(header, "prompt") {
		p.facts.note("no folder has a parameter called prompt: captions are empty; --caption says what they are made of")
	} else if p.caption, err = parseCaption(o.Caption, header); err != nil {
		return nil, &WordsError{"--caption", err}
	}
	return p, nil
}

// candidates gives the files that are asked for, in the order of the folders and their grids. What is left out is told, with why.
func (p *plan) candidates(ctx context.Context, leave func(why string, row journal.Row)) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		for in, f := range p.folders.all {
			for row, err := range f.j.Rows(ctx) {
				if err != nil {
					yield(candidate{}, err)
					return
				}
				why := p.unwanted(row)
				if why == "" && len(row.Files) == 0 && p.o.table() {
					row.Files = []journal.File{{}}
				}
				if why == "" && len(row.Files) == 0 {
					why = notOnDisk
				}
				if why != "" {
					leave(why, row)
					continue
				}
				for _, file := range row.Files {
					one := row
					one.Files = []journal.File{file}
					if file == (journal.File{}) {
						one.Files = nil
					}
					if why := p.unfit(one, file); why != "" {
						leave(why, one)
						continue
					}
					if !yield(p.candidate(in, one, file), nil) {
						return
					}
				}
			}
			if err := ctx.Err(); err != nil {
				yield(candidate{}, err)
				return
			}
		}
	}
}

func (p *plan) candidate(in int, row journal.Row, file journal.File) candidate {
	c := candidate{in: in, row: row, file: file, line: report.Record(p.folders.params, row)}
	h := sha256.New()
	fmt.Fprintln(h, p.folders.all[in].label, file.N, file.ContentType)
	for _, field := range c.line {
		fmt.Fprintf(h, "%d %s\n", len(field), field)
	}
	for _, param := range row.Params { // one that is empty is another than one that is not there
		fmt.Fprintf(h, "%d %s\n", len(param.Name), param.Name)
	}
	h.Sum(c.print[:0])
	return c
}

// make looks at all cells, and keeps a print of each sample.
func (p *plan) make(ctx context.Context) error {
	seen := duplicates{dedupe: p.o.Dedupe}
	defer seen.close()
	columns, err := json.Marshal([][]string{p.folders.columns, p.folders.params})
	if err != nil {
		return err
	}
	p.digest.Write(p.o.told())
	p.digest.Write(columns)
	p.facts.begin(p)
	looked := 0
	leave := func(why string, row journal.Row) {
		p.types.see(row)
		p.facts.leave(why, row)
	}
	for c, err := range p.candidates(ctx, leave) {
		if err != nil {
			return err
		}
		p.types.see(c.row)
		suffixed, why, err := seen.look(c, p.folders)
		if err != nil {
			return err
		}
		if looked++; p.o.Progress != nil && looked%64 == 0 {
			p.o.Progress(Progress{Doing: "looked at", Done: looked})
		}
		if why != "" {
			p.facts.leave(why, c.row)
			continue
		}
		print := binary.BigEndian.Uint64(c.print[:]) &^ 1
		if suffixed {
			print |= 1
			p.facts.suffixed++
		}
		p.prints = append(p.prints, print)
		p.digest.Write(c.print[:])
		p.digest.Write([]byte{byte(print & 1)})
		p.facts.add(p, c)
	}
	p.facts.end(p)
	if p.o.Format == Parquet { // what is not chosen decides there, too
		fmt.Fprint(p.digest, p.types.columns(p.folders.columns, p.folders.params, p.o.Images))
	}
	return nil
}

// id is the same for the same dataset.
func (p *plan) id() string { return hex.EncodeToString(p.digest.Sum(nil)) }

// samples gives what was planned, from the journals as they are now. What is new in them since is left for the next export.
func (p *plan) samples(ctx context.Context) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		n := 0
		for c, err := range p.candidates(ctx, func(string, journal.Row) {}) {
			if err != nil {
				yield(Sample{}, err)
				return
			}
			if n == len(p.prints) {
				return
			}
			if p.prints[n]&^1 != binary.BigEndian.Uint64(c.print[:])&^1 {
				continue
			}
			if !yield(p.sample(n, c), nil) {
				return
			}
			n++
		}
		if n < len(p.prints) {
			yield(Sample{}, ErrChanged)
		}
	}
}

func (p *plan) sample(n int, c candidate) Sample {
	f := p.folders.all[c.in]
	text, _ := promptOf(c.row.Cell)
	s := Sample{
		N: n, Key: keyOf(c), Split: p.o.Splits.of(text), Caption: p.caption.of(c.line), Folder: f.label, Dir: f.dir,
		Row: c.row, File: c.file, Columns: p.folders.columns, Values: c.line, Size: c.file.Bytes,
	}
	if p.prints[n]&1 == 1 {
		s.Key += "-" + strings.ToLower(f.label)
	}
	s.params, s.root = p.folders.params, f.root
	if p.o.Embed && !p.o.table() && isPNG(s) {
		s.text = embedded(s)
		s.Size += int64(len(s.text))
	}
	return s
}
