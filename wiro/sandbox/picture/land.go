package picture

// ground fills the canvas below a line of heights, given for quarters of a
// pixel column in 256ths of a pixel, so that steep flanks keep a soft edge.
// paint gets the depth below the line in pixels. Rows from bottom on are left: what
// stands nearer covers them.
func (a *artist) ground(line func(x int) int, bottom int, paint func(x, y, depth int, under rgb) rgb) {
	type column struct{ row, top, solid int }
	columns, heights := make([]column, a.w), make([][4]int, a.w)
	first := bottom
	for x := range columns {
		t := &heights[x]
		for i := range t {
			t[i] = line(x<<8 + 32 + 64*i)
		}
		columns[x] = column{
			row:   min(t[0], t[1], t[2], t[3]) >> 8,
			top:   (t[0] + t[1] + t[2] + t[3]) / 4,
			solid: max(t[0], t[1], t[2], t[3])>>8 + 1,
		}
		first = min(first, columns[x].row)
	}
	for y := max(first, 0); y < min(bottom, a.h); y++ {
		row := a.pix[y*a.w : (y+1)*a.w]
		for x := range row {
			c := &columns[x]
			if y < c.row {
				continue
			}
			colour := paint(x, y, max(y-c.top>>8, 0), row[x])
			if y < c.solid {
				cover := 0
				for _, t := range heights[x] {
					cover += clamp(y<<8+256-t, 0, 256)
				}
				colour = mix(row[x], colour, cover<<2)
			}
			row[x] = colour
		}
	}
}

// cells turns 256ths of a pixel into a noise coordinate.
func (a *artist) cells(x, cells int) int { return x * cells * (one / 256) / a.span }

// mountainRange paints one range of mountains: its crest, and rock lit from the lamp's side.
func (a *artist) mountainRange(name string, base, height, bottom, peaks int, colour, mist rgb, snow int) {
	n := a.noise(name)
	if a.folds.values == nil {
		a.folds = a.rockFolds()
	}
	octaves := 5
	crest := func(x int) int {
		shape := mul(n.crags(a.cells(x, peaks), octaves), one/2+n.curve(a.cells(x, 1)+one/3)/2)
		return base - height*shape>>16
	}
	side := a.span / 30
	slopes := make([]int, a.w)
	for x := range slopes {
		left, right := crest((x-side)<<8), crest((x+side)<<8)
		slopes[x] = clamp((left-right)*one/(side<<9+1), -one, one)
		slopes[x] = mul(slopes[x], clamp((a.lamp.x-x<<8)*one/a.size(300), -one, one))
	}
	bright := mix(colour, a.mood.light, opaque/4)
	dark := mix(colour, a.mood.near, opaque/3)
	capColour := mix(a.mood.light, a.mood.sky[1], opaque/6)
	snowLine := base - height*snow>>16
	fade := max(height>>8, 1)
	shift := int(n & 63)
	a.ground(crest, bottom, func(x, y, depth int, _ rgb) rgb {
		if depth >= fade {
			return mist
		}
		rough := a.folds.at(x, y+shift)
		light := one/2 - slopes[x]/3 + (rough - one/2)
		c := mix(dark, bright, share(light))
		if snow > 0 {
			cold := step(-one/6, one/8, (snowLine-y<<8)*one/(height+1)+(rough-one/2)/2)
			c = mix(c, lit(capColour, one*6/10+clamp(light, 0, one)*4/10), share(cold))
		}
		return mix(c, mist, share(smooth(clamp(depth*one/fade, 0, one))))
	})
}

// rockFolds are the slanting creases that all ranges of a picture share.
func (a *artist) rockFolds() field {
	n := a.noise("rock folds")
	return newField(a.w, a.h, a.span/96, func(x, y int) int {
		return n.clouds(a.coord(x+y/2, 8), a.coord(y, 8), 3)
	})
}
