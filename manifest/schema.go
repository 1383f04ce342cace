package manifest

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of the manifest, for completion and
// checks in editors. Parse knows more: it sees places, duplicates, and what the
// parts of a manifest mean together.
func Schema() []byte { return slices.Clone(schema) }
