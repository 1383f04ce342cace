package watch

import "slices"

const (
	pageRows = 100 // at most (Wiro's own clients)
	// pageStep is how many of them are new where pages overlap.
	pageStep = 80
	// A page is asked for some rows more on both sides, so many at least and at most: where a task stands is a guess.
	spareLeast, spareMost = 5, 20
)

// standing is where a task is likely to stand in the list. looks: a page that shows it is a look at it; due: it is to be shown now.
type standing struct {
	v          *watched
	row        int
	due, looks bool
}

// nextPage gives the first page that is to be asked for, of tasks in the order of the list: from which row on, how many, the looks
// that it is, how many tasks it shows, and what is left for the next pages. It begins and ends where looks are wished for, for other
// rows would only be read in vain, but begins with the list where that shows all of them.
func nextPage(all []standing, spare int) (start, rows int, looks []standing, shown int, rest []standing) {
	first := slices.IndexFunc(all, func(s standing) bool { return s.due })
	if first < 0 {
		return 0, 0, nil, 0, nil
	}
	width := pageRows - 2*spare
	due := all[first].row
	last := due // of the looks that are due
	for _, s := range all[first:] {
		if s.due && s.row < due+width {
			last = s.row
		}
	}
	for i := first - 1; i >= 0 && last-all[i].row < width; i-- {
		if all[i].looks {
			first = i
		}
	}
	begin := all[first].row
	if last < pageRows-spare {
		begin = 0
	}
	start = max(0, begin-spare)
	if start == 0 {
		first = 0
	}
	for rest = all[first:]; len(rest) > 0 && rest[0].row < start+pageRows-spare; rest = rest[1:] {
		if s := rest[0]; s.looks {
			last = max(last, s.row)
		}
	}
	looks = all[first : len(all)-len(rest)]
	at := func(row int) int {
		i, _ := slices.BinarySearchFunc(all, row, func(s standing, row int) int { return s.row - row })
		return i
	}
	shown = at(start+pageRows-spare) - at(start)
	rows = min(pageRows, last-start+(last-begin)/2+spare)
	if left := pageRows - rows; left > 0 {
		least := max(0, all[0].row-spare)
		back := min(left, max(0, start-least))
		start, rows = start-back, rows+back
		if most := all[len(all)-1].row + spare; most > start+rows {
			rows = min(pageRows, most-start)
		}
	}
	return start, rows, looks, shown, rest
}

// newestMost is how far from its place by its id a task may enter: as many are submitted at once, answered in any order.
const newestMost = 2048

// enrol gives a task its place among all that have entered: that of its id, which is its place in the list. The caller
// holds the lock.
func (k *looks) enrol(v *watched) {
	if len(k.newest) == 2*newestMost {
		k.newest = append(k.newest[:0], k.newest[newestMost:]...)
	}
	k.entered++
	v.place = k.entered
	k.newest = append(k.newest, v)
	for i := len(k.newest) - 1; i > 0 && older(v.ID, k.newest[i-1].ID); i-- {
		k.newest[i-1], k.newest[i] = v, k.newest[i-1]
		k.newest[i].place, v.place = v.place, k.newest[i].place
	}
}

// row is where the list is likely to show a task when so many have come: each that came after it stands before it, and
// with it those of others on the account.
func (k *looks) row(v *watched, entered int) int {
	return int(k.ahead + float64(entered-v.place)*k.crowd)
}

// spare is how many rows where a task stands may be wrong by.
func (k *looks) spare() int { return min(spareLeast+int(1.5*k.stray), spareMost) }

// sightings are what a page tells of where tasks stand: the nearest and the furthest that it has shown, how many of ours came after
// each, and its row.
type sightings struct {
	entered int // tasks by when the page was asked for
	guess   func(v *watched, entered int) int

	any           bool
	near, nearRow int
	far, farRow   int
	stray         int // the most that a guess was wrong by
}

func (s *sightings) add(v *watched, row int) {
	before := s.entered - v.place
	if before < 0 {
		return // it has entered since
	}
	if !s.any || before < s.near {
		s.near, s.nearRow = before, row
	}
	if !s.any || before > s.far {
		s.far, s.farRow = before, row
	}
	s.any = true
	wrong := row - s.guess(v, s.entered)
	s.stray = max(s.stray, wrong, -wrong)
}

const (
	crowdMost = 50
	// crowdFrom is how far apart two tasks must stand to tell how many rows of others are between them.
	crowdFrom = 8
)

// stood learns from a page where tasks stand. Those that came together need not stand in the order in which we know of them: the
// furthest tells most.
func (k *looks) stood(s sightings) {
	if !s.any {
		return
	}
	if span := s.far - s.near; span >= crowdFrom {
		k.crowd += (max(1, min(float64(s.farRow-s.nearRow)/float64(span), crowdMost)) - k.crowd) / 4
	}
	k.ahead += (max(0, float64(s.nearRow)-float64(s.near)*k.crowd) - k.ahead) / 4
	k.stray += (float64(s.stray) - k.stray) / 4
}

// width is how many rows there may be from those that were seen to the last of the tasks that were not.
func (s *sightings) width(unseen []*watched, crowd float64) int {
	most := 0
	for _, v := range unseen {
		before := s.entered - v.place
		most = max(most, before-s.far, s.near-before)
	}
	return int(1.5 * float64(most) * crowd)
}
