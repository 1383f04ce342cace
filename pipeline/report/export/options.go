package export

import (
	"encoding/json"
	"maps"
	"slices"

	"wirobatch/pipeline/report/selection"
)

// The formats.
const (
	ImageFolder = "imagefolder"
	WebDataset  = "webdataset"
	Parquet     = "parquet"
	CSV         = "csv"
	JSONL       = "jsonl"
)

// Formats are those that there are.
var Formats = []string{ImageFolder, WebDataset, Parquet, CSV, JSONL}

// What --dedupe may be.
const (
	Exact = "exact" // of files with the same bytes one stays
	Near  = "near"  // and of pictures that look alike
)

// DefaultCaption is the template of captions.
const DefaultCaption = "{prompt}"

// DefaultShard is how many samples a shard has at most.
const DefaultShard = 10_000

// Options say what is exported, and how.
type Options struct {
	Dirs   []string // output folders of runs
	Format string
	Out    string // the dataset's folder

	Where    selection.Where
	IDs, Not map[string]bool // nil: all, none
	Dedupe   string          // "", Exact, Near
	Splits   Splits
	Caption  string // a template

	ShardCount int   // samples of a shard or Parquet file at most, 0: any
	ShardSize  int64 // its bytes at most, 0: any; of a Parquet file 500 MB
	Embed      bool  // parameters in PNG text chunks
	Images     bool  // the pictures in Parquet files
	Replace    bool  // a dataset that is there already

	Progress func(Progress)
}

// Progress is where an export stands.
type Progress struct {
	Doing       string // what is done to them, such as "written"
	Done, Total int    // samples; Total is 0 while it is not known
	Bytes       int64  // of those done
}

// table tells whether the format holds what is known of the files, but not the files.
func (o Options) table() bool {
	return o.Format == CSV || o.Format == JSONL || o.Format == Parquet && !o.Images
}

// told is what of the options makes a difference to the dataset.
func (o Options) told() []byte {
	data, _ := json.Marshal(struct { // strings and numbers always encode
		Rules      int
		Format     string
		Where      string
		Dedupe     string
		Splits     string
		Caption    string
		ShardCount int
		ShardSize  int64
		Embed      bool
		Images     bool `json:",omitempty"`
		IDs, Not   []string
	}{rules, o.Format, o.Where.String(), o.Dedupe, o.Splits.String(), o.Caption, o.ShardCount, o.ShardSize, o.Embed, o.Images && o.Format == Parquet,
		slices.Sorted(maps.Keys(o.IDs)), slices.Sorted(maps.Keys(o.Not))})
	return data
}

// rules counts the ways of making datasets: one of an older way is another.
const rules = 3
