package sandbox

// Shape says how tasks and their numbers look on the wire, where the public sources differ.
type Shape int

const (
	// ShapeMixed gives each task a shape of its own, drawn from the seed: numbers as strings or
	// numbers, null or "0" or "" for what is not there yet, parameters as an object or as JSON text,
	// with or without the fields of money.
	ShapeMixed Shape = iota
	// ShapeSeed is the sample of the model page: strings everywhere, no pexit, cps or totalcost but in
	// the answers of Kill and Cancel, and every error with HTTP status 200 (but 401 and unknown paths).
	ShapeSeed
	// ShapeDocumentation has pexit, cps and totalcost, numbers as numbers, parameters as JSON text, the
	// websocket's newer frames, and an HTTP status of its own for each kind of error.
	ShapeDocumentation
)

// String is the name by which command lines know a shape.
func (s Shape) String() string {
	switch s {
	case ShapeSeed:
		return "seed"
	case ShapeDocumentation:
		return "documentation"
	}
	return "mixed"
}

// style is the shape of one task.
type style struct {
	money      bool   // pexit, cps, totalcost and the other fields of the sample of Kill
	text       uint64 // one bit a field: sent as a string
	paramsText bool   // parameters are JSON inside of a string
	nulls      bool   // what is not there is null
	list       bool   // categories are a list
	zeroCancel bool   // canceltime stays "0" even when cancelled, as in the sample
	rawObject  bool   // the content of a text is an object
	newFrames  bool   // websocket frames without tasktoken, with success, terminal and exitCode
	slugError  bool   // "task-not-founded"
}

// style is drawn from the key of a task.
func (s *Sandbox) style(key uint64, m *model) style {
	switch s.o.Shape {
	case ShapeSeed:
		return style{text: ^uint64(0), zeroCancel: true}
	case ShapeDocumentation:
		return style{money: true, paramsText: true, list: true, rawObject: true, newFrames: true}
	}
	h := s.hash("shape", key, 0)
	bit := func(i int) bool { return h>>i&1 == 1 }
	return style{
		// a client must be able to work out the cost: by the price, or by being told
		money: bit(0) || m != nil && !m.byTimeOrRequest(),
		text:  s.hash("text", key, 0) | s.hash("text", key, 1), paramsText: bit(1), nulls: bit(2),
		list: bit(3), zeroCancel: bit(4), rawObject: bit(5), newFrames: bit(6), slugError: bit(7),
	}
}

// usesStatus says whether an error is sent with an HTTP status of its own.
func (s *Sandbox) usesStatus(e *refusal) bool {
	switch s.o.Shape {
	case ShapeSeed:
		return false
	case ShapeDocumentation:
		return true
	}
	return s.hash("status", fold(fnvOffset, e.message), 0)&1 == 1
}
