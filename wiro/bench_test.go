package wiro

import (
	"bytes"
	"os"
	"testing"
)

func BenchmarkSign(b *testing.B) {
	var n nonces
	b.ReportAllocs()
	for b.Loop() {
		signature("a-key-of-thirty-two-characters-x", "a-secret-of-thirty-two-character", n.next())
	}
}

func BenchmarkDecodeDetail(b *testing.B) {
	body, err := os.ReadFile("testdata/seed-detail.json")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkDecode(b, body, 1)
}

func BenchmarkDecodeBroken(b *testing.B) {
	body, err := os.ReadFile("testdata/seed-kill.json.broken")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkDecode(b, body, 1)
}

func BenchmarkDecodeList100(b *testing.B) {
	body, err := os.ReadFile("testdata/seed-detail.json")
	if err != nil {
		b.Fatal(err)
	}
	start, end := bytes.IndexByte(body, '['), bytes.LastIndexByte(body, ']')
	start += bytes.IndexByte(body[start+1:], '[') + 1 // errors come first
	task := body[start+1 : end]
	page := append([]byte(`{"result":true,"total":"100","tasklist":[`), bytes.Join(bytes.Fields(bytes.Repeat(append(bytes.TrimSpace(task), ", "...), 100)), nil)...)
	page = append(bytes.TrimSuffix(page, []byte(",")), "]}"...)
	benchmarkDecode(b, page, 100)
}

func benchmarkDecode(b *testing.B, body []byte, tasks int) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		e, err := decode(body)
		if err != nil || len(e.Tasks) != tasks {
			b.Fatalf("%d tasks, %v", len(e.Tasks), err)
		}
		for _, w := range e.Tasks {
			if t := w.task(); t.ID != "2221" && t.ID != "534574" {
				b.Fatalf("task %+v", t)
			}
		}
	}
}
