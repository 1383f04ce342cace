package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

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
