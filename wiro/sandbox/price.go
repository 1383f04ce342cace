package sandbox

import (
	"encoding/json"
	"strconv"

	"github.com/shopspring/decimal"
)

// price is one entry of a model's dynamicprice.
type price struct {
	Inputs []param         // the parameter values it holds for; none: all
	Amount decimal.Decimal // USD
	Extra  decimal.Decimal // USD for each further started megapixel of perPixel
	Method string
}

// Price methods (documentation of Wiro).
const (
	perRequest = "cpr"
	perSecond  = "cps"
	perOutput  = "cpo"
	perPixel   = "cp-pixel"
	perToken   = "cpt"
)

const tier = 1 << 20 // pixels that one step of perPixel covers

// price finds the entry that holds for some parameters. Models without prices are billed by time.
func (m *model) price(params []param) price {
entries:
	for _, p := range m.Prices {
		for _, in := range p.Inputs {
			if m.fallback(params, in.name) != in.value {
				continue entries
			}
		}
		return p
	}
	return price{Amount: m.CPS, Method: perSecond}
}

// cost is what a successful run is billed, exactly. Elapsed is in whole seconds, as timestamps are.
func (m *model) cost(params []param, elapsed int64, outputs int) decimal.Decimal {
	p := m.price(params)
	switch p.Method {
	case perSecond:
		return p.Amount.Mul(decimal.NewFromInt(elapsed))
	case perOutput:
		return p.Amount.Mul(decimal.NewFromInt(int64(max(outputs, 1))))
	case perPixel:
		w, _ := strconv.Atoi(m.fallback(params, "width"))
		h, _ := strconv.Atoi(m.fallback(params, "height"))
		tiers := max((w*h+tier-1)/tier, 1)
		return p.Amount.Add(p.Extra.Mul(decimal.NewFromInt(int64(tiers - 1))))
	case perToken:
		prompt := m.fallback(params, "prompt")
		return p.Amount.Mul(decimal.NewFromInt(int64(tokens(prompt) + tokens(reply(prompt)))))
	}
	return p.Amount
}

// tokens counts four bytes as one, as is the custom when no tokenizer is at hand.
func tokens(text string) int { return (len(text) + 3) / 4 }

// dynamicPrice is the price list as the API sends it: a JSON text inside of JSON.
func (m *model) dynamicPrice() string {
	type entry struct {
		Inputs map[string]string `json:"inputs"`
		Price  json.Number       `json:"price"`
		Method string            `json:"priceMethod"`
		Extra  json.Number       `json:"priceExtra,omitempty"`
	}
	list := []entry{}
	for _, p := range m.Prices {
		e := entry{Inputs: map[string]string{}, Price: json.Number(p.Amount.String()), Method: p.Method}
		for _, in := range p.Inputs {
			e.Inputs[in.name] = in.value
		}
		if !p.Extra.IsZero() {
			e.Extra = json.Number(p.Extra.String())
		}
		list = append(list, e)
	}
	if len(list) == 0 {
		return ""
	}
	text, _ := json.Marshal(list) // strings and numbers always marshal
	return string(text)
}

// byTimeOrRequest says whether a client can work out the cost without being told it.
func (m *model) byTimeOrRequest() bool {
	for _, p := range m.Prices {
		if p.Method != perRequest {
			return false
		}
	}
	return true
}
