package pipeline_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro/sandbox"
)

// Results without their journal, as a copy that left hidden files behind has them, are neither paid for again nor written over.
func TestResultsWithoutTheirJournal(t *testing.T) {
	for why, spoil := range map[string]func(journal string) error{
		"left behind": func(journal string) error { return os.RemoveAll(filepath.Dir(journal)) },
		"removed":     os.Remove,
		"emptied":     func(journal string) error { return os.Truncate(journal, 0) },
	} {
		t.Run(why, func(t *testing.T) {
			in(t, sandbox.Options{Timing: sevenSeconds}, func(p *place) {
				p.run(three)
				before := p.rows()
				if err := spoil(filepath.Join(p.out, ".wirobatch", "journal.db")); err != nil {
					t.Fatal(err)
				}
				_, err := p.try(context.Background(), nil, three)
				if _, is := as[*pipeline.StrayError](err); !is || p.sandbox.Accepted() != 3 || len(p.rows()) != len(before) {
					t.Errorf("%v, %d tasks", err, p.sandbox.Accepted())
				}
				m, err := manifest.Parse("test.yaml", []byte(three))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := pipeline.MakePlan(context.Background(), m, p.out); err == nil {
					t.Error("the plan sees nothing of it")
				}
				if err := os.Rename(filepath.Join(p.out, "results.csv"), filepath.Join(p.out, "old.csv")); err != nil {
					t.Fatal(err)
				}
				if r := p.run(three); r.ExitCode() != 0 || p.sandbox.Accepted() != 6 {
					t.Errorf("then: exit %d, %d tasks", r.ExitCode(), p.sandbox.Accepted())
				}
			})
		})
	}
}
