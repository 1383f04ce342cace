package export

import (
	"reflect"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// kind is the type of a column.
type kind int

const (
	text    kind = iota // that hardly repeats
	word                // text that repeats: a dictionary
	integer             // INT64
	number              // DOUBLE
	money               // DECIMAL(38, s): exact
	moment              // TIMESTAMP, milliseconds of UTC
	picture             // STRUCT(bytes, path), as the Hugging Face loader has its images
)

// kinds are those of the columns of results.csv that are not text.
var kinds = map[string]kind{
	"cell": integer, "repeat": integer, "attempts": integer, "polls": integer, "bytes": integer, "width": integer, "height": integer,
	"elapsed_s": number, "queue_s": number, "run_s": number, "postprocess_s": number, "wait_s": number, "download_s": number, "total_s": number,
	"cost_usd": money, "submitted_at": moment, "finished_at": moment,
	"status": word, "model": word, "cost_source": word, "error": word,
}

// digits of a cost, the most that readers take; places is the usual part of them after the point.
const digits, places = 38, 12

// A column of the file. All may be null, which is what is unknown.
type column struct {
	name  string
	kind  kind
	param string // the parameter that it has, by its own name
	scale int    // of money
}

// columns are those that samples have, and those that only a dataset has.
func (t *Types) columns(names, params []string, images bool) (all []column) {
	first := slices.Index(names, "repeat") + 1
	for i, name := range names {
		c := column{name: name, kind: kinds[name], scale: min(max(places, t.places), digits)}
		if n := i - first; 0 <= n && n < len(params) {
			c.param, c.kind = params[n], t.of(params[n])
		}
		all = append(all, c)
	}
	all = append(all, column{name: "params"}, column{name: "key"}, column{name: "folder", kind: word}, column{name: "split", kind: word}, column{name: "caption", kind: word})
	if images {
		all = append(all, column{name: "image", kind: picture})
	}
	return all
}

// schema is that of a file with these columns, in this order.
func schema(columns []column) *parquet.Schema {
	var root record
	for _, c := range columns {
		root.fields = append(root.fields, field{parquet.Optional(c.node()), c.name})
	}
	return parquet.NewSchema("samples", root)
}

func (c column) node() parquet.Node {
	switch c.kind {
	case word:
		return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case integer:
		return parquet.Int(64)
	case number:
		return parquet.Leaf(parquet.DoubleType)
	case money:
		return parquet.Decimal(c.scale, digits, parquet.FixedLenByteArrayType(16))
	case moment:
		return parquet.Timestamp(parquet.Millisecond)
	case picture: // they are compressed already
		return record{fields: []parquet.Field{
			field{parquet.Optional(parquet.Compressed(parquet.Encoded(parquet.Leaf(parquet.ByteArrayType), &parquet.Plain), &parquet.Uncompressed)), "bytes"},
			field{parquet.Optional(parquet.Encoded(parquet.String(), &parquet.Plain)), "path"},
		}}
	}
	return parquet.Encoded(parquet.String(), &parquet.Plain)
}

// A record is a group whose fields keep their order, and may have any name.
type record struct {
	parquet.Group // what is the same of every group
	fields        []parquet.Field
}

func (r record) Fields() []parquet.Field { return r.fields }
func (r record) GoType() reflect.Type    { return reflect.TypeFor[parquet.Row]() } // rows are all that is written

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string                          { return f.name }
func (f field) Value(row reflect.Value) reflect.Value { return row }
