package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms are the packages that each room may import of the project. The direction is the design: what is not here is a
// mistake, even when it compiles.
var rooms = map[string][]string{
	"":                          {"internal/cli"},
	"internal/cli":              {"pipeline", "pipeline/durable", "pipeline/journal", "pipeline/report", "pipeline/report/compare", "pipeline/report/export", "pipeline/report/grids", "pipeline/report/page", "pipeline/report/pictures", "pipeline/report/selection", "pipeline/report/stats", "manifest", "wiro", "wiro/sandbox"},
	"manifest":                  {},
	"wiro":                      {},
	"wiro/sandbox":              {"wiro/sandbox/picture"},
	"wiro/sandbox/picture":      {},
	"pipeline":                  {"manifest", "wiro", "pipeline/durable", "pipeline/journal", "pipeline/report", "pipeline/watch"},
	"pipeline/durable":          {},
	"pipeline/journal":          {},
	"pipeline/report":           {"pipeline/durable", "pipeline/journal"},
	"pipeline/report/compare":   {"pipeline/durable", "pipeline/journal", "pipeline/report/page", "pipeline/report/pictures", "pipeline/report/stats"},
	"pipeline/report/export":    {"pipeline/durable", "pipeline/journal", "pipeline/report", "pipeline/report/pictures", "pipeline/report/selection"},
	"pipeline/report/grids":     {"pipeline/durable", "pipeline/journal", "pipeline/report/pictures"},
	"pipeline/report/page":      {"pipeline/durable", "pipeline/journal", "pipeline/report/grids", "pipeline/report/pictures"},
	"pipeline/report/pictures":  {"pipeline/durable", "pipeline/journal"},
	"pipeline/report/selection": {"pipeline/journal", "pipeline/report"},
	"pipeline/report/stats":     {"pipeline/journal", "pipeline/report", "pipeline/report/pictures", "pipeline/report/selection"},
	"pipeline/simulation":       {}, // tests alone
	"pipeline/watch":            {"wiro"},
}

func TestRoomsImportInOneDirection(t *testing.T) {
	for _, pkg := range listPackages(t) {
		allowed, known := rooms[pkg.room()]
		if !known {
			t.Errorf("%s is a room that the design does not have: name it here, with what it may import", pkg.ImportPath)
		}
		for _, imported := range pkg.Imports {
			room, ours := strings.CutPrefix(imported, "wirobatch/")
			if ours && !slices.Contains(allowed, room) {
				t.Errorf("%s imports %s: the design does not let it", pkg.ImportPath, imported)
			}
		}
		for _, part := range strings.Split(pkg.room(), "/") {
			if slices.Contains([]string{"util", "common", "types", "mock", "helpers"}, part) {
				t.Errorf("%s: a package is named for what it does", pkg.ImportPath)
			}
		}
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func (p goPackage) room() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "wirobatch"), "/")
}

func listPackages(t *testing.T) (all []goPackage) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			if len(all) < len(rooms) {
				t.Fatalf("go list names %d packages, the design has %d rooms", len(all), len(rooms))
			}
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
