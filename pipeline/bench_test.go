package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wirobatch/manifest"
	"wirobatch/pipeline"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// BenchmarkRun is a whole run over a real loopback connection and a real disk, against tasks that take no time:
// what is left is our own cost. One op is one cell.
func BenchmarkRun(b *testing.B) {
	s := sandbox.New(sandbox.Options{Instant: true, PictureSize: 16})
	defer s.Close()
	server := httptest.NewServer(s)
	defer server.Close()
	c, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret("sandbox"), Connections: 128})
	if err != nil {
		b.Fatal(err)
	}
	// Replicates of one picture: the sandbox draws it once.
	yaml := fmt.Sprintf("{version: 1, name: b, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a]}, repeat: %d, limits: {concurrency: 64}}", b.N)
	m, err := manifest.Parse("b.yaml", []byte(yaml))
	if err != nil {
		b.Fatal(err)
	}
	o := pipeline.Options{Manifest: m, Limits: m.Limits, Client: c, Out: filepath.Join(b.TempDir(), "out"), Service: "b"}
	b.ReportAllocs()
	b.ResetTimer()
	r, err := pipeline.Open(context.Background(), o)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	begun := time.Now()
	result, err := r.Do(context.Background(), nil)
	if err != nil || result.ExitCode() != 0 {
		b.Fatal(err, result.Reasons)
	}
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "cells/s")
}

// BenchmarkRefill is what a free slot waits for: from the answer that shows the end of a task to the next submit, over a
// real loopback connection and a real disk. The intent's commit is in it. One op is one cell.
func BenchmarkRefill(b *testing.B) {
	const slots = 8
	tenth := sandbox.Timing{Run: sandbox.Exactly(0.1)}
	s := sandbox.New(sandbox.Options{Timing: tenth, PictureSize: 16})
	defer s.Close()
	server := httptest.NewServer(s)
	defer server.Close()
	seen := &clerk{RoundTripper: &http.Transport{MaxIdleConnsPerHost: 64}}
	c, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret("sandbox"), Transport: seen})
	if err != nil {
		b.Fatal(err)
	}
	r := open(b, c, filepath.Join(b.TempDir(), "out"), fmt.Sprintf("repeat: %d, watch: detail, limits: {concurrency: %d}", b.N+slots, slots))
	defer r.Close()
	b.ResetTimer()
	if result, err := r.Do(context.Background(), nil); err != nil || result.ExitCode() != 0 {
		b.Fatal(err, result.Reasons)
	}
	var empty []time.Duration
	for k := range b.N {
		empty = append(empty, seen.submits[slots+k].Sub(seen.ends[k]))
	}
	slices.Sort(empty)
	b.ReportMetric(float64(empty[len(empty)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(empty[len(empty)*99/100].Microseconds())/1000, "99%-ms")
}
