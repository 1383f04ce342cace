package wiro_test

import (
	"testing"

	"wirobatch/wiro"
)

// Words for nothing, and masks, are no tokens, and the case of one tells nothing.
func TestSameToken(t *testing.T) {
	for _, shown := range []string{"", "null", "Undefined", "***", "aB3***", "----", "aB3xY", " AB3XY "} {
		if !wiro.SameToken("aB3xY", shown) || !wiro.SameToken(shown, "aB3xY") {
			t.Errorf("%q tells of another task", shown)
		}
	}
	if wiro.SameToken("aB3xY", "aB3xZ") {
		t.Error("another token tells nothing")
	}
}
