package export

import (
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// kind is the type of a column.
type kind int

const (
	asText    kind = iota // that hardly repeats
	asWord                // text that repeats: a dictionary
	asInteger             // INT64
	asNumber              // DOUBLE
	asMoney               // DECIMAL(38, s): exact
	asMoment              // TIMESTAMP, milliseconds of UTC
	asPicture             // STRUCT(bytes, path), as the Hugging Face loader has its images
)

// kinds are those of the columns of results.csv that are not text.
var kinds = map[string]kind{
	"cell": asInteger, "repeat": asInteger, "attempts": asInteger, "polls": asInteger, "bytes": asInteger, "width": asInteger, "height": asInteger,
	"elapsed_s": asNumber, "queue_s": asNumber, "run_s": asNumber, "postprocess_s": asNumber, "wait_s": asNumber, "download_s": asNumber, "total_s": asNumber,
	"cost_usd": asMoney, "submitted_at": asMoment, "finished_at": asMoment,
	"status": asWord, "model": asWord, "cost_source": asWord, "error": asWord,
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
func (t *types) columns(names, params []string, images bool) (all []column) {
	for i, name := range names {
		c := column{name: name, kind: kinds[name], scale: min(max(places, t.places), digits)}
		if n := i - firstParam; 0 <= n && n < len(params) {
			c.param, c.kind = params[n], t.of(params[n])
		}
		all = append(all, c)
	}
	all = append(all, column{name: "params"}, column{name: "key"}, column{name: "folder", kind: asWord}, column{name: "split", kind: asWord}, column{name: "caption", kind: asWord})
	if images {
		all = append(all, column{name: "image", kind: asPicture})
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
	case asWord:
		return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case asInteger:
		return parquet.Int(64)
	case asNumber:
		return parquet.Leaf(parquet.DoubleType)
	case asMoney:
		return parquet.Decimal(c.scale, digits, parquet.FixedLenByteArrayType(16))
	case asMoment:
		return parquet.Timestamp(parquet.Millisecond)
	case asPicture: // they are compressed already
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
