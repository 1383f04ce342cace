package export

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// texts are the sample's values for these columns, as results.csv spells them; nil is what is unknown.
func (s Sample) texts(columns []column) []*string {
	all := make([]*string, len(columns))
	some := func(i int, text string) {
		if text != "" {
			all[i] = &text
		}
	}
	for i, c := range columns {
		if param, known := s.param(i); known {
			all[i] = &param // which may be empty
			continue
		}
		switch {
		case i < len(s.Values):
			some(i, s.Values[i])
		case c.name == "params":
			some(i, spelled(s.Row.Params))
		case c.name == "key":
			some(i, s.Key)
		case c.name == "folder":
			some(i, s.Folder)
		case c.name == "split":
			some(i, s.Split)
		case c.name == "caption":
			some(i, s.Caption)
		}
	}
	return all
}

// spelled is an object of the parameters as they were sent: a column of numbers tells 4.50 from 4.5 no more.
func spelled(params []journal.Param) string {
	if len(params) == 0 {
		return "{}"
	}
	o := newMembers()
	for _, p := range params {
		o.add(p.Name, p.Value)
	}
	return o.b.String() + "}"
}

// value is the text in the type of the column.
func (c column) value(text string) (parquet.Value, error) {
	switch c.kind {
	case asInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		return parquet.Int64Value(n), err
	case asNumber:
		f, err := strconv.ParseFloat(text, 64)
		return parquet.DoubleValue(f), err
	case asMoney:
		d, err := decimal.NewFromString(text)
		if err != nil {
			return parquet.Value{}, err
		}
		return fixed(d, c.scale)
	case asMoment:
		t, err := time.Parse(time.RFC3339, text)
		return parquet.Int64Value(t.UnixMilli()), err
	}
	return parquet.ByteArrayValue([]byte(strings.ToValidUTF8(text, "\ufffd"))), nil
}

// fixed is the number with that many places as sixteen bytes: two's complement, the highest first.
func fixed(d decimal.Decimal, scale int) (parquet.Value, error) {
	if d.NumDigits()+int(d.Exponent())+scale > digits || int(d.Exponent()) < -scale {
		return parquet.Value{}, fmt.Errorf("%d digits, %d of them after the point, are all that a Parquet file holds", digits, scale)
	}
	n := d.Shift(int32(scale)).BigInt()
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	return parquet.FixedLenByteArrayValue(n.FillBytes(make([]byte, 16))), nil
}
