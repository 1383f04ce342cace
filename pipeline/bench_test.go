package pipeline_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
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
