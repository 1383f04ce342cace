package export

import (
	"slices"

	"wirobatch/pipeline/journal"
)

// Why files are left out.
const (
	notDone   = "not done"
	byIDs     = "not among --ids"
	byNot     = "among --not"
	byWhere   = "--where does not hold"
	notOnDisk = "nothing is on disk"
	noPicture = "no picture"
	twice     = "the same cell and bytes as in a folder before"
	sameBytes = "the same bytes as one before"
	alike     = "looks like one before"
)

// reasons are all of them, in the order in which they are looked at.
var reasons = []string{notDone, byIDs, byNot, byWhere, notOnDisk, noPicture, twice, sameBytes, alike}

// unwanted says why a cell is not asked for. Only what is done is, but for tables of cells whose status the condition names.
func (p *plan) unwanted(row journal.Row) string {
	switch {
	case row.State != journal.Done && !(p.o.table() && p.o.Where.Names("status")):
		return notDone
	case p.o.IDs != nil && !p.o.IDs[row.ID]:
		return byIDs
	case p.o.Not[row.ID]:
		return byNot
	}
	return ""
}

// unfit says why a file is not taken.
func (p *plan) unfit(row journal.Row, file journal.File) string {
	switch {
	case !p.holds(row):
		return byWhere
	case p.o.table():
		return ""
	case file.Path == "":
		return notOnDisk
	case p.o.Format == ImageFolder && !slices.Contains(pictureEndings, endingOf(file)):
		return noPicture
	}
	return ""
}
