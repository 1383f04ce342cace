// Package pictures looks at what a run delivered: small pictures of it for people, and the checks that eyes miss. Names come
// from the journal, and bytes from a service: neither is trusted.
package pictures

// Picture is what is known of one delivered file by looking at it.
type Picture struct {
	Cell          string // id
	N             int    // number of the output
	Path          string // as the journal has it; "" where that name leads out of the folder
	SHA256        string // in hex
	Thumb         string // "thumbs/….jpg", or ".png" where it is transparent; "" where none can be made: video, audio, text, unreadable
	Width, Height int    // 0: unknown
	Hash          uint64 // perceptual: few of its bits differ between pictures that look alike
	Hashed        bool   // not of what is blank, where any hash is chance
	Blank         bool   // one colour, or nearly
	Err           string // why it could not be read
}

// Folder holds the small pictures, within the output folder.
const Folder = "thumbs"

// Side is the longest side of a small picture.
const Side = 320

// indexFile says what was seen, so that nothing is decoded twice.
const indexFile = "index.jsonl"
