package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/report/export"
)

// readBack is what another program finds in a dataset: names and checksums of pictures, captions, and a column.
const readBack = `
import csv, glob, hashlib, io, json, os, sys, tarfile
kind, path = sys.argv[1:]
def say(key, data, caption, columns):
    print(json.dumps([key, hashlib.sha256(data).hexdigest() if data is not None else None, caption, columns["id"], columns["bytes"]], ensure_ascii=True))
if kind == "webdataset":
    index = json.load(open(os.path.join(path, "index.json"), encoding="utf-8"))
    for shard in index["shards"]:
        name = os.path.join(path, shard["name"])
        whole = open(name, "rb").read()
        assert len(whole) == shard["bytes"] and hashlib.sha256(whole).hexdigest() == shard["sha256"], name
        samples = {}
        with tarfile.open(name, "r:") as tar:
            for member in tar:
                key, ending = member.name.split(".", 1)
                samples.setdefault(key, {})[ending] = tar.extractfile(member).read()
        assert len(samples) == shard["samples"], name
        for key, parts in samples.items():
            columns = json.loads(parts.pop("json"))
            caption = parts.pop("txt").decode("utf-8")
            (data,) = parts.values()
            assert columns["caption"] == caption and columns["key"] == key and columns["split"] == shard["split"]
            say(key, data, caption, columns)
elif kind == "imagefolder":
    for name in sorted(glob.glob(os.path.join(path, "*", "metadata.jsonl"))):
        for line in open(name, encoding="utf-8", newline="\n"):
            columns = json.loads(line)
            file = os.path.join(os.path.dirname(name), columns["file_name"])
            say(columns["file_name"].split(".")[0], open(file, "rb").read(), columns["caption"], columns)
elif kind == "csv":
    csv.field_size_limit(1 << 30)
    for name in sorted(glob.glob(os.path.join(path, "*.csv"))):
        for columns in csv.DictReader(open(name, encoding="utf-8", newline="")):
            columns["bytes"] = int(columns["bytes"])
            say("", None, columns["caption"], columns)
else:
    for name in sorted(glob.glob(os.path.join(path, "*.jsonl"))):
        for line in open(name, encoding="utf-8", newline="\n"):
            columns = json.loads(line)
            columns["bytes"] = columns["files"][0]["bytes"]
            say("", None, columns["caption"], columns)
`

// Python's own tarfile, json and csv read what was written: the pictures are those that were delivered, the captions have all their characters.
func TestPythonReadsIt(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err == nil { // what is called minimal has half of the library
		err = exec.Command(python, "-I", "-c", "import csv, glob, hashlib, json, tarfile").Run()
	}
	if err != nil {
		t.Skip("python3 with its library is not there: nobody else reads the datasets")
	}
	var cells []cell
	for i, prompt := range append([]string{"plain"}, hostile...) {
		cells = append(cells, done(prompt, "1:1", i))
	}
	out := run(t, filepath.Join(t.TempDir(), "run"), cells...)
	for _, format := range []string{export.ImageFolder, export.WebDataset, export.CSV, export.JSONL} { // DuckDB reads Parquet
		o := options(format, filepath.Join(t.TempDir(), "set"), out)
		o.Splits, o.ShardCount = splits(t, "train=0.6,test=0.4"), 2
		makes(t, o)
		c := exec.Command(python, "-I", "-c", readBack, format, o.Out)
		c.Env = []string{"PYTHONIOENCODING=utf-8", "LC_ALL=C.UTF-8"}
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", format, err, said)
		}
		for _, c := range cells {
			sha, key := `"`+sum(c.files[0].data)+`"`, c.id()
			if format == export.CSV || format == export.JSONL {
				sha, key = "null", ""
			}
			if want := line(key, sha, c.params[0].Value, c.id(), len(c.files[0].data)); !strings.Contains(string(said), want+"\n") {
				t.Errorf("%s: it does not find\n%s\nin\n%.3000s", format, want, said)
			}
		}
		if n := strings.Count(string(said), "\n"); n != len(cells) {
			t.Errorf("%s: %d samples of %d", format, n, len(cells))
		}
	}
}

// line is what the reader says of a sample, as Python writes JSON.
func line(key, sha, caption, id string, bytes int) string {
	return fmt.Sprintf(`["%s", %s, %s, "%s", %d]`, key, sha, ascii(caption), id, bytes)
}

// ascii is a text as JSON in ASCII.
func ascii(text string) string {
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)
	var b strings.Builder
	for _, r := range strings.TrimSuffix(plain.String(), "\n") {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
