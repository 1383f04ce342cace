package pipeline_test

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

// Bubbles make much garbage and keep little of it: collected less often, the tests take a sixth less of the processor.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("GOGC") == "" && flag.Lookup("test.bench").Value.String() == "" {
		debug.SetGCPercent(800)
	}
	os.Exit(m.Run())
}
