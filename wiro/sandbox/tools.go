package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// toolDetail describes one model.
func (s *Sandbox) toolDetail(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	m := s.catalog.find(f.get("slugowner"), f.get("slugproject"))
	if m == nil {
		return errNoModel
	}
	j := &jsonText{}
	j.open('{')
	j.raw("result", "true")
	j.raw("errors", "[]")
	j.name("tool").open('[')
	s.tool(j, m, f.get("summary") != "true")
	j.close(']')
	j.close('}')
	s.send(w, r, http.StatusOK, j.b, s.toolMishap(m.slug()))
	return nil
}

// toolList describes the models that a search finds.
func (s *Sandbox) toolList(w http.ResponseWriter, r *http.Request, f *form) *refusal {
	start, limit := whole(f.get("start"), 0), min(whole(f.get("limit"), listDefault), listMost)
	search, owner, categories := strings.ToLower(f.get("search")), f.get("slugowner"), f.all("categories")
	var found []*model
	for _, m := range s.catalog {
		switch {
		case !strings.Contains(strings.ToLower(m.slug()+" "+m.Description), search):
		case owner != "" && !strings.EqualFold(owner, m.Owner):
		case len(categories) > 0 && !slices.ContainsFunc(categories, func(c string) bool { return slices.Contains(m.Categories, c) }):
		default:
			found = append(found, m)
		}
	}
	j := &jsonText{}
	j.open('{')
	j.raw("result", "true")
	j.raw("errors", "[]")
	j.num("total", strconv.Itoa(len(found)), s.o.Shape == ShapeSeed)
	j.name("tool").open('[')
	for _, m := range found[min(start, len(found)):min(start+limit, len(found))] {
		s.tool(j, m, f.get("summary") != "true")
	}
	j.close(']')
	j.close('}')
	s.send(w, r, http.StatusOK, j.b, s.toolMishap(""))
	return nil
}

// toolMishap counts the calls about one model, so that a call asked again can go well.
func (s *Sandbox) toolMishap(slug string) mishap {
	key := fold(fnvOffset, "tool "+slug)
	s.mu.Lock()
	seen := s.seen[key]
	seen.asked++
	s.seen[key] = seen
	s.mu.Unlock()
	return s.mishap("tool", key, uint64(seen.asked), badGateway, html, drop)
}

// tool renders a model. Bounds and defaults have two spellings among the public sources.
func (s *Sandbox) tool(j *jsonText, m *model, whole bool) {
	clients := s.o.Shape == ShapeSeed || s.o.Shape == ShapeMixed && s.hash("tool", fold(fnvOffset, m.slug()), 0)&1 == 1
	j.open('{')
	j.str("id", m.ID)
	j.str("title", m.Project)
	j.str("slugowner", m.Owner)
	j.str("slugproject", m.Project)
	j.str("cleanslugowner", strings.ToLower(m.Owner))
	j.str("cleanslugproject", strings.ToLower(m.Project))
	j.str("description", m.Description)
	j.str("image", "https://cdn.wiro.ai/uploads/models/"+m.Owner+"-"+m.Project+"-cover.png")
	j.str("computingtime", "6 seconds")
	j.name("categories").open('[')
	for _, c := range m.Categories {
		j.text(c)
	}
	j.close(']')
	j.raw("tags", "[]")
	j.raw("marketplace", "1")
	j.str("onlymembers", "1")
	if price := m.dynamicPrice(); price != "" {
		j.str("dynamicprice", price)
	} else {
		j.raw("dynamicprice", "null")
	}
	j.num("cps", m.CPS.StringFixed(12), clients)
	j.num("approximatelycost", m.cost(nil, 6, 1).StringFixed(12), clients)
	j.str("averagepoint", "5.00")
	j.name("taskstat").open('{')
	s.mu.Lock()
	runs := s.perModel[m]
	s.mu.Unlock()
	j.raw("runcount", strconv.Itoa(runs))
	j.close('}')
	if whole {
		j.name("inspire").open('[')
		for _, prompt := range m.Inspire {
			j.open('{')
			j.str("prompt", prompt)
			j.close('}')
		}
		j.close(']')
		j.name("parameters").open('[')
		j.open('{')
		j.str("title", "Input")
		j.name("items").open('[')
		for _, in := range m.Inputs {
			in.write(j, clients)
		}
		j.close(']')
		j.close('}')
		j.close(']')
	} else {
		j.raw("parameters", "null")
	}
	j.close('}')
}

// write renders a parameter: in the spelling of Wiro's own clients, or of its documentation.
func (in input) write(j *jsonText, clients bool) {
	names := [5]string{"default", "min", "max", "step", "label"}
	if clients {
		names = [5]string{"defaultvalue", "minvalue", "maxvalue", "incrementby", "text"}
	}
	j.open('{')
	j.str("id", in.ID)
	j.str("type", in.Type)
	j.str("label", in.Label)
	j.raw("required", strconv.FormatBool(in.Required))
	j.str("note", in.ID+"-help")
	if _, err := decimal.NewFromString(in.Default); in.isNumber() && err == nil {
		j.num(names[0], in.Default, clients)
	} else {
		j.str(names[0], in.Default)
	}
	for i, bound := range []string{in.Min, in.Max, in.Step} {
		if bound != "" {
			j.num(names[1+i], bound, clients)
		}
	}
	if len(in.Options) > 0 {
		j.name("options").open('[')
		for _, o := range in.Options {
			j.open('{')
			j.str("value", o)
			j.str(names[4], o)
			j.close('}')
		}
		j.close(']')
	}
	j.close('}')
}
