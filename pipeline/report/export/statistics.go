package export

import (
	"encoding/json"

	"github.com/shopspring/decimal"
)

// statistics are those of a shard.
type statistics struct {
	Files    map[string]int  `json:"files"` // by their ending
	Bytes    extent          `json:"bytes"` // of a delivered file
	Width    extent          `json:"width"`
	Height   extent          `json:"height"`
	Captions extent          `json:"caption_bytes"`
	Models   map[string]int  `json:"models"`
	Cost     decimal.Decimal `json:"cost_usd"` // of the cells, for each of its files
	Unpriced int             `json:"without_cost"`
}

func (t *statistics) add(s Sample) {
	if t.Files == nil {
		t.Files, t.Models = map[string]int{}, map[string]int{}
	}
	t.Files[endingOf(s.File)]++
	t.Models[s.Row.Model]++
	t.Bytes.add(s.File.Bytes)
	t.Captions.add(int64(len(s.Caption)))
	if s.File.Width > 0 && s.File.Height > 0 {
		t.Width.add(int64(s.File.Width))
		t.Height.add(int64(s.File.Height))
	}
	if s.Row.Cost.Valid {
		t.Cost = t.Cost.Add(s.Row.Cost.Decimal)
	} else {
		t.Unpriced++
	}
}

// extent is what numbers lie between, null of none.
type extent struct{ n, least, most, sum int64 }

func (e *extent) add(v int64) {
	if e.n == 0 {
		e.least, e.most = v, v
	}
	e.n++
	e.least, e.most, e.sum = min(e.least, v), max(e.most, v), e.sum+v
}

func (e extent) MarshalJSON() ([]byte, error) {
	if e.n == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		Min int64 `json:"min"`
		Max int64 `json:"max"`
		Sum int64 `json:"sum"`
	}{e.least, e.most, e.sum})
}
