package grids

import (
	"cmp"
	"math"

	"wirobatch/pipeline/report/pictures"
)

// The sides of the box that a picture is fitted into: the small pictures' own where the sheet has room for it, and never so small that
// nothing is seen.
const (
	largest  = pictures.Side
	smallest = 160
)

// block is a rectangle of the grid with the labels of its columns above it.
type block struct{ x0, x1, y0, y1 int }

// sheet is one picture: blocks one below the other.
type sheet struct {
	*page
	name   string
	n, of  int // of the sheets of the page
	blocks []block
	box    int
	widths []int // of the columns
	tall   []int // of the rows
	m      measures
	title  []string // of all sheets
	same   []pair
}

// measures follow from the box: type is to be read also when the whole sheet is seen at once.
type measures struct {
	text, small float64 // sizes of type
	pad, gap    int     // around all, and between pictures
	side        int     // width of the labels of the rows
}

// sheets lays a page out, in as few sheets as the limits allow.
func (p *page) sheets(limitW, limitH int) (all []*sheet, err error) {
	wrapped := p.yName == "" && len(p.xs) > 8 // one row of many: as on a contact sheet
	across := len(p.xs)
	if wrapped {
		across = int(math.Ceil(math.Sqrt(float64(len(p.xs)) * 1.5)))
	}
	var s sheet
	for _, box := range []int{largest, 288, 256, 224, 192, smallest} {
		s = sheet{page: p, box: box}
		if err := s.measure(across, limitW, limitH); err != nil {
			return nil, err
		}
		w, h := s.size(block{0, min(across, len(p.xs)), 0, len(p.ys)})
		if rows := (len(p.xs) + across - 1) / across; wrapped {
			h *= rows
		}
		if w <= limitW && h+s.head() <= limitH {
			break
		}
	}
	roomW, roomH := limitW-2*s.m.pad-s.m.side, limitH-s.head()-s.m.pad
	var columns, rows [][2]int
	if wrapped {
		columns = s.split(s.widths, min(roomW, across*(s.box+s.m.gap)), across)
	} else {
		columns = s.split(s.widths, roomW, len(p.xs))
	}
	rows = s.split(s.tall, roomH-s.above(), len(p.ys))
	var groups [][]block
	if wrapped {
		used := 0
		for _, c := range columns {
			b := block{c[0], c[1], 0, 1}
			_, h := s.size(b)
			if len(groups) == 0 || used+h > roomH {
				groups, used = append(groups, nil), 0
			}
			used += h
			groups[len(groups)-1] = append(groups[len(groups)-1], b)
		}
	} else {
		for _, r := range rows {
			for _, c := range columns {
				groups = append(groups, []block{{c[0], c[1], r[0], r[1]}})
			}
		}
	}
	for i, blocks := range groups {
		one := s
		one.blocks, one.n, one.of = blocks, i+1, len(groups)
		one.name = sheetName(p.name, one.n, one.of)
		all = append(all, &one)
	}
	return all, nil
}

// split makes as few parts as there is room for, of about as many each.
func (s *sheet) split(sizes []int, room, most int) [][2]int {
	n := len(s.fill(sizes, room, most))
	return s.fill(sizes, room, min(most, (len(sizes)+n-1)/n))
}

func (s *sheet) fill(sizes []int, room, most int) (parts [][2]int) {
	for from := 0; from < len(sizes); {
		to, used := from, 0
		for to < len(sizes) && to-from < most && (to == from || used+sizes[to] <= room) {
			used += sizes[to] + s.m.gap
			to++
		}
		parts = append(parts, [2]int{from, to})
		from = to
	}
	return parts
}

// measure sizes the columns, the rows and the type.
func (s *sheet) measure(across, limitW, limitH int) error {
	s.widths, s.tall = make([]int, len(s.xs)), make([]int, len(s.ys))
	for y, row := range s.tiles {
		for x, one := range row {
			if one != nil && one.width > 0 {
				w, h := pictures.Fit(one.width, one.height, s.box, s.box)
				s.widths[x], s.tall[y] = max(s.widths[x], w, s.box*2/5), max(s.tall[y], h, s.box*2/5)
			}
		}
	}
	bare(s.widths, s.box*2/5)
	bare(s.tall, s.box*2/5)
	whole := 0
	for _, w := range s.widths[:min(across, len(s.widths))] {
		whole += w
	}
	whole = min(whole, limitW)
	text := math.Round(min(max(15, float64(s.box)/18, float64(whole)/110), float64(s.box)/6))
	s.m = measures{text: text, small: math.Round(text * 0.82), pad: max(28, int(text*1.8)), gap: max(6, s.box/40)}
	t, err := newTypeface(regular, text)
	if err != nil {
		return err
	}
	for _, l := range s.ys {
		s.m.side = max(s.m.side, t.width(t.plain(shownValue(l.value)))+int(text))
		for _, more := range l.more {
			s.m.side = max(s.m.side, t.width(t.plain(more))+int(text))
		}
	}
	if s.m.side = min(s.m.side, max(s.box*9/10, int(text*9))); s.yName == "" {
		s.m.side = 0
	} else {
		s.m.side = max(s.m.side, t.width(t.plain(s.yName))+int(text))
		s.m.side = min(s.m.side, s.box*3/2)
	}
	return nil
}

// bare gives columns or rows without any picture as much as the least of the others, or what is given.
func bare(sizes []int, otherwise int) {
	least := 0
	for _, v := range sizes {
		if v > 0 && (least == 0 || v < least) {
			least = v
		}
	}
	for i, v := range sizes {
		if v == 0 {
			sizes[i] = cmp.Or(least, otherwise)
		}
	}
}

func (s *sheet) size(b block) (w, h int) {
	for _, v := range s.widths[b.x0:b.x1] {
		w += v + s.m.gap
	}
	for _, v := range s.tall[b.y0:b.y1] {
		h += v + s.m.gap
	}
	return w - s.m.gap + s.m.side + 2*s.m.pad, h + s.above()
}

// The heights of the title and of the labels above the columns, by the number of lines that they may have.
func (s *sheet) head() int {
	return s.m.pad + int(s.m.text*1.5*1.32) + (3*(len(s.fixed)+1)+2)*int(s.m.text*1.32+1)
}
func (s *sheet) above() int { return int(4*s.m.text*1.32) + int(s.m.text*1.32) + s.m.gap }
