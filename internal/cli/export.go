package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"wirobatch/pipeline/durable"
	"wirobatch/pipeline/report/export"
	"wirobatch/pipeline/report/selection"
)

// exportFlags are those of export, as they were written.
type exportFlags struct {
	format, out, where, ids, not, dedupe, split, caption, shardSize string
	shardCount                                                      int
	embed, images, replace                                          bool
}

func (p *program) export() *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export DIR...",
		Short: "Make a dataset of the output folders of runs",
		Long: `Make a dataset of what is in the output folders of one run or several: pictures with captions
and all columns of results.csv. All of it comes from the journals and the delivered files, which
stay as they are: no network is used, no key is needed.

  imagefolder  the pictures beside a metadata.jsonl, as the Hugging Face loader reads it;
               with --split in a folder for each part
  webdataset   tar shards; a sample is KEY.png, KEY.txt (the caption) and KEY.json (all columns);
               index.json has counts, checksums and statistics of the shards
  parquet      typed columns, with the pictures in them or (--images=false) without; data/train-00000.parquet
               and so on, which DuckDB, pandas and the Hugging Face loader read
  csv, jsonl   the tables of all folders together, with columns for folder, split and caption

Each file is a sample. Only what is done and on disk is taken; csv, jsonl and parquet without
pictures also have the other cells where --where names the status. A file that is missing or damaged is left out and named, and
the exit code is 3.

The dataset is made in PATH.partial and has its name once it is whole. The same command goes on
after a stop. The same folders and flags give the same bytes.

--where takes column OP value, joined by and, or, not and parentheses. OP is =, !=, <, <=, >, >=,
~ (contains, whatever the case) or in (a, b). Text of several words stands in 'quotes'. What is
unknown is equal to '' alone.`,
		Example: `  wirobatch export out/dragons --format imagefolder
  wirobatch export out/dragons out/cats --format webdataset --split train=0.9,validation=0.05,test=0.05
  wirobatch export out/dragons --format imagefolder --where 'scale >= 4 and prompt ~ dragon' --dedupe near
  wirobatch export out/dragons --format webdataset --ids favourites.txt --caption '{prompt}, {aspectRatio}' --embed
  wirobatch export out/dragons --format parquet --images=false
  wirobatch export out/dragons out/cats --format jsonl --out all`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("DIR is missing: %s", c.UseLine())
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			o, err := f.options(c, args)
			if err != nil {
				return err
			}
			return p.makeDataset(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.format, "format", "", "`WORD`: "+strings.Join(export.Formats, ", "))
	flags.StringVar(&f.out, "out", "", "the dataset's folder `PATH` (default the first DIR with the format added)")
	flags.StringVar(&f.where, "where", "", "take the cells for which the `CONDITION` holds, such as 'scale >= 4'")
	flags.StringVar(&f.ids, "ids", "", "take the cells whose ids are in `FILE`, as the page copies them")
	flags.StringVar(&f.not, "not", "", "leave out the cells whose ids are in `FILE`")
	flags.StringVar(&f.dedupe, "dedupe", "", "`WORD`: exact leaves out files with the same bytes as one before, near also pictures that look alike")
	flags.StringVar(&f.split, "split", "", "`PARTS` such as train=0.9,validation=0.05,test=0.05; the hash of the prompt decides, so that none is in two")
	flags.StringVar(&f.caption, "caption", export.DefaultCaption, "`TEMPLATE` of captions: text with columns in braces, such as '{prompt}, {aspectRatio}'")
	flags.IntVar(&f.shardCount, "shard-count", export.DefaultShard, "samples of a shard, at most `N`; of a Parquet file, any without it")
	flags.StringVar(&f.shardSize, "shard-size", "", "bytes of a shard, at most `SIZE`, such as 1GB; of a Parquet file, 500MB without it")
	flags.BoolVar(&f.embed, "embed", false, "put the generation parameters into text chunks of the exported PNGs")
	flags.BoolVar(&f.images, "images", true, "the pictures in the Parquet files, as they were delivered")
	flags.BoolVar(&f.replace, "replace", false, "make it again in place of a dataset that is there")
	completeFlag(c, "format", export.Formats...)
	completeFlag(c, "dedupe", export.Exact, export.Near)
	return c
}

// options settles the flags. What can't be is a usage error: nothing that was asked for is ignored.
func (f *exportFlags) options(c *cobra.Command, dirs []string) (o export.Options, err error) {
	given := c.Flags().Changed
	sharded := f.format == export.WebDataset || f.format == export.Parquet
	switch {
	case f.format == "":
		return o, usage("--format is missing: %s", strings.Join(export.Formats, ", "))
	case !slices.Contains(export.Formats, f.format):
		return o, usage("--format %q is not known: %s", f.format, strings.Join(export.Formats, ", "))
	case given("dedupe") && f.dedupe != export.Exact && f.dedupe != export.Near:
		return o, usage("--dedupe %q is not known: %s or %s", f.dedupe, export.Exact, export.Near)
	case given("out") && f.out == "":
		return o, usage("--out is empty")
	case f.shardCount < 1:
		return o, usage("--shard-count must be at least 1")
	case (given("shard-count") || given("shard-size")) && !sharded:
		return o, usage("--format %s has no shards: leave --shard-count and --shard-size out", f.format)
	case given("images") && f.format != export.Parquet:
		return o, usage("--format %s: --images is for parquet", f.format)
	case f.embed && f.format == export.Parquet && !f.images:
		return o, usage("--images=false leaves no pictures to --embed something in")
	case f.embed && (f.format == export.CSV || f.format == export.JSONL):
		return o, usage("--format %s holds no pictures to --embed something in", f.format)
	}
	o = export.Options{
		Dirs: dirs, Format: f.format, Out: f.out, Dedupe: f.dedupe, Caption: f.caption, ShardCount: f.shardCount, Embed: f.embed, Images: f.images, Replace: f.replace,
	}
	if f.format == export.Parquet && !given("shard-count") {
		o.ShardCount = 0
	}
	if o.Out == "" {
		o.Out = filepath.Clean(dirs[0])
		if base := filepath.Base(o.Out); base == "." || base == ".." { // its name is not in the argument
			if o.Out, err = filepath.Abs(o.Out); err != nil {
				return o, err
			}
		}
		o.Out += "-" + f.format
	}
	if given("where") {
		if o.Where, err = selection.Parse(f.where); err != nil {
			return o, usage("--where: %w", err)
		}
	}
	if given("split") {
		if o.Splits, err = export.ParseSplits(f.split); err != nil {
			return o, usage("--split: %w", err)
		}
	}
	if given("shard-size") {
		size, err := humanize.ParseBytes(f.shardSize)
		if err != nil || size < 1 || size > 1<<50 {
			return o, usage("--shard-size %q is no size: write one such as 500MB or 1GB", f.shardSize)
		}
		o.ShardSize = int64(size)
	}
	if o.IDs, err = readIDs("--ids", f.ids, given("ids")); err != nil {
		return o, err
	}
	o.Not, err = readIDs("--not", f.not, given("not"))
	return o, err
}

// readIDs gives nil for a flag that is not given.
func readIDs(flag, name string, given bool) (map[string]bool, error) {
	if !given {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, usage("%s: %w", flag, err)
	}
	defer file.Close()
	ids, err := selection.ReadIDs(file)
	if err != nil {
		return nil, usage("%s: %s: %w", flag, name, err)
	}
	return ids, nil
}

func (p *program) makeDataset(ctx context.Context, o export.Options) error {
	ctx, release := untilSignal(ctx)
	defer release()
	s := p.screen(p.stderr)
	defer s.stop()
	o.Progress = s.show()
	r, err := export.Export(ctx, o)
	s.stop()
	if err != nil {
		if ctx.Err() != nil {
			fmt.Fprintf(p.stderr, "stopped: the same command goes on with %s\n", o.Out)
			return context.Cause(ctx)
		}
		return unexported(err)
	}
	for _, note := range r.Notes {
		s.warn(note)
	}
	for i, d := range r.Lost {
		if i == shownLost {
			break
		}
		s.warn("left out: " + d.Error())
	}
	if r.Kept != "" {
		s.warn("the dataset that was there had been changed since it was made, and is kept: " + r.Kept)
	}
	for _, line := range dataset(r) {
		fmt.Fprintln(p.stdout, line)
	}
	if r.Damaged > 0 {
		return &exit{code: codeIncomplete, hint: mended}
	}
	return nil
}

// mended is what to do about files that are missing or damaged.
const mended = "wirobatch run MANIFEST --verify mends what is missing or damaged; then the same command makes the dataset whole"

// shownLost is how many damaged files are named here; the README.md of the dataset names more.
const shownLost = 10

// dataset is what an export has made, for a person.
func dataset(r export.Result) (lines []string) {
	row := func(label, format string, args ...any) {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-8s %s", label, fmt.Sprintf(format, args...)), " "))
	}
	if r.Bytes > 0 {
		row("Samples", "%s, %s", english.Plural(r.Samples, "file", ""), humanize.Bytes(uint64(r.Bytes)))
	} else {
		row("Samples", "%s", english.Plural(r.Samples, "row", ""))
	}
	label := "Splits"
	for _, s := range r.Splits {
		row(label, "%s %d (%.1f%%)", s.Name, s.Samples, 100*float64(s.Samples)/float64(max(r.Samples, 1)))
		label = ""
	}
	label = "Left out"
	for _, line := range r.LeftOut {
		row(label, "%s", line)
		label = ""
	}
	if r.Damaged > 0 {
		row(label, "%d missing or damaged", r.Damaged)
	}
	what := ""
	if !r.Made {
		what = ", as it was: nothing to do"
	}
	row("Dataset", "%s%s", r.Path, what)
	return lines
}

// unexported gives the errors of an export their exit codes.
func unexported(err error) error {
	var (
		words  *export.WordsError
		folder *export.FolderError
		empty  *export.EmptyError
		way    *export.InTheWayError
		busy   *export.BusyError
		disk   *durable.Error
	)
	switch {
	case errors.As(err, &words), errors.As(err, &folder):
		return usage("%w", err)
	case errors.As(err, &empty) && empty.Damaged:
		return &exit{code: codeIncomplete, err: err, hint: mended}
	case errors.As(err, &empty):
		return &exit{code: codeUsage, err: err, hint: "--where, --ids and --not say what is taken; wirobatch status DIR says what is done"}
	case errors.As(err, &way) && way.Made != way.Now:
		return &exit{code: codeUsage, err: err, hint: "--replace makes it anew and keeps what is there beside it, --out PATH takes another place"}
	case errors.As(err, &way) && way.Dataset:
		return &exit{code: codeUsage, err: err, hint: "--replace makes it anew, --out PATH takes another place"}
	case errors.As(err, &way):
		return &exit{code: codeUsage, err: err, hint: "--out PATH takes another place"}
	case errors.As(err, &busy):
		return &exit{code: codeLocked, err: err}
	case errors.Is(err, export.ErrChanged):
		return &exit{code: codeLocked, err: err}
	case errors.As(err, &disk):
		return &exit{code: codeDisk, err: err, hint: "the runs are as they were: make room or mend the disk, and run the same command again, which goes on; --out PATH takes another place"}
	}
	return err
}
