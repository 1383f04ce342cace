package pipeline

import (
	"time"

	"wirobatch/manifest"
	"wirobatch/wiro"
)

// Options say what to run and how.
type Options struct {
	Manifest *manifest.Manifest
	Limits   manifest.Limits // the manifest's, with what flags override
	Client   *wiro.Client
	Out      string // output folder
	Service  string // what the folder is bound to: the base URL, or a name for an in-process sandbox
	Sandbox  bool   // the service forgets its tasks when this process ends
	Version  string // of the program, for the journal and the summary

	// Neighbours is a folder of the user's, in which the runs of one service find each other, so that what is lost and found is
	// taken by one of them; "" when there is none.
	Neighbours string

	Limit       int           // cells submitted at most, 0: no limit
	Deadline    time.Time     // zero: none
	Grace       time.Duration // for what runs after a signal or the deadline
	RetryFailed bool
	Redo        []string // ids of cells to make, and pay for, again
	OnUnknown   OnUnknown
	Watch       string // how the ends of tasks are noticed: auto (also ""), websocket, list or detail
	Checksums   bool   // of the files of done cells are checked at the start, not their sizes alone
	MinFree     int64  // bytes that stay free on the disk, 0: 200 MB, negative: the room is not watched; with less nothing is submitted, with less than an eighth of it, or 16 MB, no file is written

	Warn func(string) // told what a person should know; nil: nobody
}

// OnUnknown is what to do about submits whose answer never came.
type OnUnknown string

// What is found in Task/List is adopted in any case.
const (
	Verify   OnUnknown = "verify"   // what is proven absent is submitted anew, the rest is held
	Hold     OnUnknown = "hold"     // no absence is taken as proven
	Resubmit OnUnknown = "resubmit" // the person's word for what earlier starts held
)
