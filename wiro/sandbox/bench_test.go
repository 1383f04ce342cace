package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

func request(s *Sandbox, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("x-api-key", "sandbox")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// One task from Run over Detail to the download, by the handler alone; pictures are small, and the
// same hundred come again and again.
func BenchmarkTask(b *testing.B) {
	s := New(Options{Instant: true, PictureSize: 32, Shape: ShapeSeed})
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			run := request(s, http.MethodPost, "/v1/"+fast, fmt.Sprintf(`{"prompt":"A fox in the snow","seed":"%d","scale":"4.5"}`, i%100))
			_, id, _ := strings.Cut(run.Body.String(), `"taskid":"`)
			id, _, _ = strings.Cut(id, `"`)
			detail := request(s, http.MethodPost, "/v1/Task/Detail", `{"taskid":"`+id+`"}`).Body.String()
			_, url, _ := strings.Cut(detail, `"url":"`)
			url, _, _ = strings.Cut(url, `"`)
			if w := request(s, http.MethodGet, url, ""); w.Code != http.StatusOK || w.Body.Len() == 0 {
				b.Fatalf("download of %q: %d", url, w.Code)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
}

func BenchmarkRun(b *testing.B) {
	s := New(Options{Shape: ShapeSeed, Speed: 100})
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w := request(s, http.MethodPost, "/v1/"+fast, fmt.Sprintf(`{"prompt":"A fox in the snow","seed":"%d","scale":"4.5"}`, n.Add(1)))
			if w.Code != http.StatusOK {
				b.Fatal(w.Body)
			}
		}
	})
}

func BenchmarkDetail(b *testing.B) {
	s := New(Options{Instant: true, PictureSize: 32})
	request(s, http.MethodPost, "/v1/"+fast, `{"prompt":"x"}`)
	b.ReportAllocs()
	for b.Loop() {
		request(s, http.MethodPost, "/v1/Task/Detail", `{"taskid":"2221"}`)
	}
}

// The memory that a task takes, when prompts repeat as they do in a grid, and no two tasks are equal.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		s := New(Options{Instant: true})
		const tasks = 100_000
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range tasks {
			params := []param{
				{"prompt", samplePrompt + fmt.Sprint(i%100)}, {"aspectRatio", "16:9"},
				{"seed", fmt.Sprint(i)}, {"scale", "4.5"},
			}
			o := &order{model: models[0], params: params, key: keyOf(models[0], params)}
			s.mu.Lock()
			_, _, e := s.accept(o, nil)
			s.mu.Unlock()
			if e != nil {
				b.Fatal(e)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/tasks, "B/task")
		io.WriteString(io.Discard, fmt.Sprint(s.Accepted()))
	}
}

// The last frame of a task names the size of its picture, which is drawn for that; pictures are small.
func BenchmarkLastFrame(b *testing.B) {
	s := New(Options{Instant: true, PictureSize: 32})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		params := []param{{"prompt", fmt.Sprint(i)}}
		s.mu.Lock()
		_, _, e := s.accept(&order{model: models[0], params: params, key: keyOf(models[0], params)}, nil)
		if e != nil {
			b.Fatal(e)
		}
		v := s.view(i, "")
		s.mu.Unlock()
		events := v.task.events()
		if e := events[len(events)-1]; len(v.frame(e)) < 100 || e.kind != statusDone {
			b.Fatal(e)
		}
	}
}
