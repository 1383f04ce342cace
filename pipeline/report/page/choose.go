package page

// choose settles the axes that the page begins with: numeric ones before texts, and of equals those that vary fastest.
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
	for _, numeric := range []bool{true, false} {
		for i := len(b.Axes) - 1; i >= 0; i-- {
			a := b.Axes[i]
			// What is different in nearly every cell makes no grid: a drawn seed, say.
			if a.Numeric != numeric || a.Name == "repeat" || a.Name == x || a.Name == y || len(a.Values) > 12 && len(a.Values)*2 > len(b.Cells.ID) {
				continue
			}
			if x == "" {
				x = a.Name
			} else if y == "" {
				y = a.Name
			}
		}
	}
	return x, y
}
