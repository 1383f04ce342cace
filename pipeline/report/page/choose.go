package page

import "wirobatch/pipeline/report/grids"

// choose settles the axes that the page begins with: those that are asked for, else as the grid pictures have them.
func (b *builder) choose(x, y string) (string, string) {
	has := func(name string) bool {
		for _, a := range b.Axes {
			if a.Name == name {
				return true
			}
		}
		return false
	}
	if !has(x) {
		x = ""
	}
	if !has(y) || y == x {
		y = ""
	}
	var open []grids.Axis
	for _, a := range b.Axes {
		// What is different in nearly every cell makes no grid: a drawn seed, say.
		if many := len(a.Values) > 12 && len(a.Values)*2 > len(b.Cells.ID); a.Name != x && a.Name != y && !many {
			open = append(open, grids.Axis{Name: a.Name, Values: len(a.Values), Numeric: a.Numeric})
		}
	}
	cx, cy := grids.Choose(open)
	switch {
	case x == "" && y == "":
		return cx, cy
	case x == "" && cx != "":
		x = cx
	case x == "":
		x = cy
	case y == "" && cy != "":
		y = cy
	case y == "":
		y = cx
	}
	return x, y
}
