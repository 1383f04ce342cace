package page

// data is what the scripts of the page read. Its keys are a contract with them, pinned by a golden test.
type data struct {
	V       int               `json:"v"`
	Name    string            `json:"name"`
	Model   string            `json:"model"`
	Made    string            `json:"made"`
	Service string            `json:"service"`
	Sandbox bool              `json:"sandbox"`
	Version string            `json:"version"`
	Runs    []run             `json:"runs"`
	Money   money             `json:"money"`
	Axes    []axis            `json:"axes"` // what varies, the outermost first
	X       string            `json:"x"`
	Y       string            `json:"y"`
	Fixed   map[string]string `json:"fixed"` // what does not vary

	Statuses []string `json:"statuses"`
	Mimes    []string `json:"mimes"`
	Errors   []string `json:"errors"`
	Cells    cells    `json:"cells"`
	Checks   []check  `json:"checks"`
}

type run struct {
	Start       *int64 `json:"start"`
	End         *int64 `json:"end"`
	Exit        *int   `json:"exit"`
	Concurrency int    `json:"concurrency"`
}

type money struct {
	Spent    string  `json:"spent"`
	Expected *string `json:"expected"` // by what was set aside for each submit
	Reserved string  `json:"reserved"`
}

type axis struct {
	Name    string   `json:"name"`
	Values  []string `json:"values"`
	Numeric bool     `json:"numeric"`
}

type check struct {
	Kind  string `json:"kind"`
	Cells []int  `json:"cells"`
	Note  string `json:"note"`
}

// cells are columns of one length, in grid order: a fraction of the size that an object a cell would have.
type cells struct {
	ID          []string  `json:"id"`
	Number      []*int    `json:"n"`
	Status      []int     `json:"status"`
	Axes        [][]int   `json:"ax"` // [axis][cell], -1: none
	Task        []string  `json:"task"`
	Attempts    []int     `json:"attempts"`
	Cost        []*string `json:"cost"`
	Source      []string  `json:"source"`
	Elapsed     []number  `json:"elapsed"`
	Queue       []number  `json:"queue"`
	Run         []number  `json:"run"`
	Postprocess []number  `json:"post"`
	Wait        []number  `json:"wait"`
	Download    []number  `json:"download"`
	Total       []number  `json:"total"`
	Submitted   []*int64  `json:"submitted"`
	Finished    []*int64  `json:"finished"`
	Polls       []int     `json:"polls"`
	Error       []int     `json:"error"` // -1: none
	Files       [][]file  `json:"files"`
}

type file struct {
	Path   string `json:"p"`
	Width  int    `json:"w"`
	Height int    `json:"h"`
	Bytes  int64  `json:"b"`
	Mime   int    `json:"m"`
	Thumb  string `json:"t"`
	SHA256 string `json:"s"`
	Inline string `json:"d,omitempty"` // the file itself, as a data: URI
	Text   string `json:"x,omitempty"` // how a text begins: a page from file:// may not read what is beside it
}

// number is a decimal that is written digit for digit, null when unknown.
type number string

func (n number) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return []byte(n), nil
}

// interned gives each text a number, in the order in which they come.
type interned struct {
	all []string
	at  map[string]int
}

func (i *interned) add(s string) int {
	n, known := i.at[s]
	if !known {
		if i.at == nil {
			i.at = map[string]int{}
		}
		n = len(i.all)
		i.at[s], i.all = n, append(i.all, s)
	}
	return n
}
