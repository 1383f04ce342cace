package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report"
)

// hostile parameters are those whose names a reader, or its language, could take for something else.
var hostile = []string{"prompt", "seed", "scale", "file", "a,b", `q"uo'te`, "dot.ted", "é ü", "Seed"}

func paramsOf(n int) []journal.Param {
	all := []journal.Param{{Name: "prompt", Value: fmt.Sprintf("A \"wave\", %d\r\nof <light> é\x00 %s", n, strings.Repeat("foam ", n%150))},
		{Name: "seed", Value: fmt.Sprint(n - 3)}, {Name: "scale", Value: "4.50"}}
	if n%3 > 0 {
		all = append(all, journal.Param{Name: "file"}, journal.Param{Name: "a,b", Value: "007"}, journal.Param{Name: `q"uo'te`, Value: "'; drop"})
	}
	return append(all, journal.Param{Name: "dot.ted", Value: "0.1"}, journal.Param{Name: "é ü", Value: "é"}, journal.Param{Name: "Seed", Value: "x"})
}

// sampleOf is one of which all is known, or, the odd ones, little. Its picture is noise.
func sampleOf(n, size int) Sample {
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(data)
	file := journal.File{Path: fmt.Sprintf("images/%d.png", n), Bytes: int64(size), SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Width: 8, Height: 9}
	row := journal.Row{Cell: journal.Cell{ID: fmt.Sprintf("%020x", n), Number: n + 1, Model: "owner/model", Repeat: 1, Params: paramsOf(n)}, Attempts: 1}
	row.State, row.Files = journal.Done, []journal.File{file}
	if n%2 == 0 {
		row.TaskID, row.Polls, row.Record.Total, row.Error = fmt.Sprint(1_000_000+n), 3, journal.Took(1234*time.Millisecond), "bad \xff byte"
		row.Elapsed = decimal.NewNullDecimal(decimal.RequireFromString("6.7000"))
		row.Cost = decimal.NewNullDecimal(decimal.RequireFromString("0.10").Add(decimal.New(1, -12)))
		row.SubmittedAt = time.Date(2026, 2, 3, 4, 5, 6, 7e6, time.UTC)
	}
	return Sample{
		N: n, Key: row.ID, Folder: "waves", Caption: "a wave", Row: row, File: file, Size: int64(size),
		Columns: report.Header(hostile), Values: report.Record(hostile, row), params: hostile,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}

func newWork(t testing.TB) *Work {
	t.Helper()
	w := &Work{dir: filepath.Join(t.TempDir(), "set"), parts: map[string][]Part{}}
	if err := os.MkdirAll(w.own("tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

// add gives the samples to a writer, but those that are in the parts that the work has.
func add(t testing.TB, w *Work, o Options, samples []Sample) *parquetFiles {
	t.Helper()
	var seen types
	for _, s := range samples {
		seen.see(s.Row)
	}
	p := newParquet(w, o, report.Header(hostile), hostile, &seen)
	if o.Images {
		p.group = 40_000
	}
	for _, s := range samples {
		if parts := w.Parts(s.SplitName()); len(parts) > 0 && s.N <= parts[len(parts)-1].Last {
			continue
		}
		if err := p.Add(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func write(t testing.TB, w *Work, o Options, samples []Sample) {
	t.Helper()
	if err := add(t, w, o, samples).Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// sums are those of all files of the dataset, by name.
func sums(t *testing.T, w *Work) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(w.dir), "data", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(w.Path(name))
		all[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ask gives DuckDB's answers to queries about the files of the dataset, which they call samples.
func ask(t *testing.T, w *Work, queries ...string) string {
	t.Helper()
	if os.Getenv("DUCKDB_JS") == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("DuckDB is needed here")
		}
		t.Skip("SKIPPED: DuckDB is needed (npm install @duckdb/node-api; DUCKDB_JS=…/node_modules/@duckdb/node-api)")
	}
	file := filepath.Join(t.TempDir(), "queries.sql")
	all := strings.ReplaceAll(strings.Join(queries, ";\n"), "samples", "'"+filepath.ToSlash(w.Path("data/*.parquet"))+"'")
	if err := os.WriteFile(file, []byte(all), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", "testdata/duckdb.js", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// The same samples make the same bytes, also where a writer goes on after another was killed.
func TestParquetIsDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves many bytes, which is slow under the race detector")
	}
	var samples []Sample
	for i := range 60 {
		s := sampleOf(i, 9_000+i)
		s.Split = []string{"train", "train", "test"}[i%3]
		samples = append(samples, s)
	}
	o := Options{Images: true, ShardSize: 100_000, Splits: Splits{{Name: "train"}, {Name: "test"}}}
	whole := newWork(t)
	write(t, whole, o, samples)
	want := sums(t, whole)
	if got := slices.Sorted(maps.Keys(want)); !slices.Equal(got, []string{
		"data/test-00000.parquet", "data/test-00001.parquet",
		"data/train-00000.parquet", "data/train-00001.parquet", "data/train-00002.parquet", "data/train-00003.parquet",
	}) {
		t.Fatal(got)
	}
	for _, parts := range whole.parts {
		for _, p := range parts {
			info, err := os.Stat(whole.Path(p.Name))
			if err != nil || info.Size() != p.Bytes || info.Size() > 140_000 || p.SHA256 != want[p.Name] {
				t.Errorf("%+v: %v", p, err)
			}
		}
	}
	for _, killed := range []int{0, 11, 30, 59} {
		w := newWork(t)
		add(t, w, o, samples[:killed]).failed(nil)
		write(t, w, o, samples)
		if got := sums(t, w); !maps.Equal(got, want) {
			t.Errorf("killed after %d: %v, not %v", killed, got, want)
		}
	}
}

// What is damaged is left out alone.
func TestParquetLeavesOutTheDamaged(t *testing.T) {
	samples := []Sample{sampleOf(0, 10), sampleOf(1, 10), sampleOf(2, 10)}
	damaged := &Damaged{Path: "images/1.png", Why: "it is gone"}
	w := newWork(t)
	p := add(t, w, Options{Images: true}, samples[:1])
	samples[1].Open = func() (io.ReadCloser, error) { return nil, damaged }
	if err := p.Add(t.Context(), samples[1]); !errors.Is(err, damaged) {
		t.Fatal(err)
	}
	if err := errors.Join(p.Add(t.Context(), samples[2]), p.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(w.Path("data/train-00000.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil || f.NumRows() != 2 || w.Parts("train")[0].Samples != 2 || w.Parts("train")[0].Last != 2 {
		t.Errorf("%v, %d rows, %+v", err, f.NumRows(), w.Parts("train"))
	}
}

// What changes while it is read gets into no file: that is only known at its end.
func TestParquetReadsToTheEnd(t *testing.T) {
	changed := errors.New("changed")
	for name, rest := range map[string]io.Reader{"it grew": strings.NewReader("x"), "its checksum differs": iotest.ErrReader(changed)} {
		w := newWork(t)
		p := add(t, w, Options{Images: true}, nil)
		s := sampleOf(0, 10)
		s.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("0123456789"), rest)), nil
		}
		if err := p.Add(t.Context(), s); err == nil || name == "its checksum differs" && !errors.Is(err, changed) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(w.own("tmp")); len(left) > 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
}

// DuckDB reads what was written: names, types, values, and the bytes of the pictures.
func TestDuckDBReadsParquet(t *testing.T) {
	var samples []Sample
	for i := range 300 {
		samples = append(samples, sampleOf(i, 1_000+i))
	}
	w := newWork(t)
	write(t, w, Options{Images: true, ShardSize: 200_000}, samples)
	got := ask(t, w,
		"select count(*), sum(cost_usd), count(cost_usd), count(task_id), count(error), count(queue_s), count(split), max(total_s), min(elapsed_s) from samples",
		"select bool_and(sha256(image.bytes) = sha256), bool_and(octet_length(image.bytes) = bytes), bool_and(image.path = file), sum(bytes) from samples",
		"select submitted_at = timestamptz '2026-02-03 04:05:06.007+00', error from samples where cell = 1",
		`select min(seed), max(seed), max(scale), count("param_file"), max("param_file"), max("a,b"), max("q""uo'te"), max("dot.ted"), max("é ü") from samples`,
		`select json_extract_string(params, '$.scale'), json_extract_string(params, '$."a,b"'), prompt = json_extract_string(params, '$.prompt') from samples where cell = 2`,
		"select max(row_group_num_rows) < 150, count(distinct row_group_id) > 1 from parquet_metadata(samples)",
		"select distinct decode(value) from parquet_kv_metadata(samples) where decode(key) = 'huggingface'",
		"select string_agg(distinct created_by) from parquet_file_metadata(samples)",
		"select string_agg(column_name || ' ' || column_type, ', ') from (describe select * from samples)",
	)
	want := `300|15.000000000150|150|150|150|0|0|1.234|6.7
true|true|true|344850
true|bad ` + "\ufffd" + ` byte
-3|296|4.5|200||007|'; drop|0.1|é
4.50|007|true
true|true
{"info":{"features":{"image":{"_type":"Image"}}}}
wirobatch
cell BIGINT, id VARCHAR, status VARCHAR, model VARCHAR, repeat BIGINT, prompt VARCHAR, seed BIGINT, scale DOUBLE, param_file VARCHAR, a,b VARCHAR, q"uo'te VARCHAR, dot.ted DOUBLE, é ü VARCHAR, Seed_1 VARCHAR, task_id VARCHAR, attempts BIGINT, cost_usd DECIMAL(38,12), cost_source VARCHAR, elapsed_s DOUBLE, queue_s DOUBLE, run_s DOUBLE, postprocess_s DOUBLE, wait_s DOUBLE, download_s DOUBLE, total_s DOUBLE, submitted_at TIMESTAMP WITH TIME ZONE, finished_at TIMESTAMP WITH TIME ZONE, polls BIGINT, file VARCHAR, bytes BIGINT, width BIGINT, height BIGINT, sha256 VARCHAR, error VARCHAR, params VARCHAR, key VARCHAR, folder VARCHAR, split VARCHAR, caption VARCHAR, image STRUCT(bytes BLOB, path VARCHAR)
`
	if got != want {
		t.Errorf("DuckDB read\n%s\nnot\n%s", got, want)
	}
}

// Without pictures there is no column of them; words that are too many for a dictionary are all there.
func TestDuckDBReadsParquetWithoutImages(t *testing.T) {
	var samples []Sample
	for i := range 8_000 {
		samples = append(samples, sampleOf(i, 1))
	}
	w := newWork(t)
	write(t, w, Options{}, samples)
	got := ask(t, w,
		"select count(*), count(distinct prompt), bool_and(prompt = json_extract_string(params, '$.prompt')), sum(cost_usd) from samples",
		"select count(*) from (describe select * from samples) where column_name = 'image'",
		"select max(total_compressed_size) < 3000000, string_agg(distinct encodings) from parquet_metadata(samples) where path_in_schema = 'prompt'",
	)
	if want := "8000|8000|true|400.000000004000\n0\ntrue|PLAIN, RLE, RLE_DICTIONARY\n"; got != want {
		t.Errorf("DuckDB read\n%s\nnot\n%s", got, want)
	}
}
