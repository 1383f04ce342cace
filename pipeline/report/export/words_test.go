package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"wirobatch/pipeline/journal"
	"wirobatch/pipeline/report/export"
)

func TestParseSplits(t *testing.T) {
	if got := splits(t, " train = 0.9,validation=0.05 , test=.05").String(); got != "train=0.9,validation=0.05,test=0.05" {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"":                         "no part with its share",
		"train":                    "no part with its share",
		"train=0.9":                "come to 0.9, and not to 1",
		"train=0.9,test=0.2":       "come to 1.1, and not to 1",
		"train=1,test=0":           "share of test must be a number above 0",
		"train=1.5,test=-0.5":      "share of test must be",
		"train=0.5,Train=0.5":      "two parts called Train",
		"../x=1":                   "no part with its share",
		"train=x":                  "share of train must be a number",
		"train=1e-9999999,test=1":  "share of train must be",
		"train=0.5;validation=0.5": `not "0.5;validation=0.5"`,
	} {
		if _, err := export.ParseSplits(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A prompt is in one split alone, and where it is does not depend on what else there is.
func TestAPromptNeverCrosses(t *testing.T) {
	var cells []cell
	for i := range 600 {
		cells = append(cells, done(fmt.Sprintf("prompt number %d", i%200), "1:1", i))
	}
	rand.Shuffle(len(cells), func(i, k int) { cells[i], cells[k] = cells[k], cells[i] })
	where := map[string]string{} // split of each prompt
	for _, n := range []int{150, 600} {
		o := options(export.JSONL, filepath.Join(t.TempDir(), "set"), run(t, filepath.Join(t.TempDir(), "run"), cells[:n]...))
		o.Splits = splits(t, "train=0.8,validation=0.1,test=0.1")
		r := makes(t, o)
		for name, data := range tree(t, o.Out) {
			for line := range strings.Lines(data) {
				var one struct{ Split, Caption string }
				if filepath.Ext(name) != ".jsonl" || json.Unmarshal([]byte(line), &one) != nil {
					continue
				}
				if one.Split+".jsonl" != name {
					t.Errorf("%s has a sample of %s", name, one.Split)
				}
				if before, known := where[one.Caption]; known && before != one.Split {
					t.Errorf("%q is in %s and in %s", one.Caption, before, one.Split)
				}
				where[one.Caption] = one.Split
			}
		}
		for i, share := range []float64{0.8, 0.1, 0.1} { // 200 prompts: three standard deviations are 0.085 and 0.064
			if got := float64(r.Splits[i].Samples) / float64(n); got < share-0.1 || got > share+0.1 {
				t.Errorf("%s has %.3f of %d samples", r.Splits[i].Name, got, n)
			}
		}
	}
}

func TestWithoutAPrompt(t *testing.T) {
	numbers := cell{state: journal.Done, params: []param{{Name: "seed", Value: "1"}}}.with("images/a.png", aPNG("a"))
	texts := cell{state: journal.Done, params: []param{{Name: "inputImage", Value: "in.png"}, {Name: "seed", Value: "2"}}}.with("images/b.png", aPNG("b"))
	o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), run(t, filepath.Join(t.TempDir(), "run"), numbers, texts))
	o.Splits = splits(t, "train=0.5,test=0.5")
	said := strings.Join(makes(t, o).Notes, "\n")
	for _, want := range []string{"captions are empty", "1 sample without a parameter called prompt: all text", "1 sample without any text among the parameters: the cell's id"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in\n%s", want, said)
		}
	}
}

func TestEmbeddedParameters(t *testing.T) {
	for _, prompt := range append([]string{"a dragon"}, hostile...) {
		picture := gradient(2, 0)
		c := cell{state: journal.Done, params: []param{{Name: "prompt", Value: prompt}, {Name: "negativePrompt", Value: "rain"}, {Name: "seed", Value: "7"},
			{Name: "aspectRatio", Value: "16:9"}, {Name: "scale", Value: "4.50"}}}.with("images/a.png", picture).with("images/b.jpg", []byte("\xff\xd8 no PNG"))
		o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), run(t, filepath.Join(t.TempDir(), "run"), c))
		o.Embed = true
		r := makes(t, o)
		if !strings.Contains(strings.Join(r.Notes, ""), "1 file is in other formats than PNG") {
			t.Errorf("%q", r.Notes)
		}
		all := tree(t, o.Out)
		if all[c.id()+"_1.jpg"] != "\xff\xd8 no PNG" {
			t.Error("what is no PNG is changed")
		}
		got := []byte(all[c.id()+".png"])
		before, err := png.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		after, err := png.Decode(bytes.NewReader(got)) // it checks each chunk's sum
		if err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
			t.Fatalf("%q: the picture is another, or none: %v", prompt, err)
		}
		texts, rest := chunks(t, got)
		if !bytes.Equal(rest, picture) {
			t.Error("more than text was added")
		}
		want := strings.ReplaceAll(prompt, "\x00", "\ufffd") + "\nNegative prompt: rain\nSeed: 7, aspectRatio: \"16:9\", CFG scale: 4.50, Size: 16x9, Model: owner/model"
		if texts["parameters"] != want {
			t.Errorf("parameters are %q, want %q", texts["parameters"], want)
		}
		var whole struct{ Params map[string]string }
		if err := json.Unmarshal([]byte(texts["wirobatch"]), &whole); err != nil || whole.Params["prompt"] != prompt || whole.Params["scale"] != "4.50" {
			t.Errorf("%q: %v", texts["wirobatch"], err)
		}
	}
}

// chunks gives the texts of a PNG, and it without them.
func chunks(t *testing.T, data []byte) (texts map[string]string, rest []byte) {
	t.Helper()
	texts, rest = map[string]string{}, data[:8:8]
	for at := 8; at < len(data); {
		n := int(data[at])<<24 | int(data[at+1])<<16 | int(data[at+2])<<8 | int(data[at+3])
		kind, body := string(data[at+4:at+8]), data[at+8:at+8+n]
		switch keyword, text, _ := bytes.Cut(body, []byte{0}); kind {
		case "tEXt":
			runes := make([]rune, len(text))
			for i, b := range text {
				runes[i] = rune(b)
			}
			texts[string(keyword)] = string(runes)
		case "iTXt":
			texts[string(keyword)] = string(text[4:])
		default:
			rest = append(rest, data[at:at+12+n]...)
		}
		at += 12 + n
	}
	return texts, rest
}

func TestDuplicates(t *testing.T) {
	picture := func(name string, data []byte) cell {
		return cell{state: journal.Done, params: []param{{Name: "prompt", Value: name}}}.with("images/"+name+".png", data)
	}
	first := run(t, filepath.Join(t.TempDir(), "first"), picture("a", gradient(2, 0)), picture("b", gradient(5, 0)), picture("same", gradient(2, 0)), picture("near", gradient(2, 9)), picture("none", []byte("no picture")))
	second := run(t, filepath.Join(t.TempDir(), "second"), picture("again", gradient(5, 200)), picture("equal", gradient(5, 0)), picture("other", gradient(3, 0)))
	for dedupe, want := range map[string]struct {
		samples int
		left    string
	}{
		"":           {8, ""},
		export.Exact: {6, "2 the same bytes as one before"},
		export.Near:  {4, "2 the same bytes as one before, 2 looks like one before"},
	} {
		o := options(export.ImageFolder, filepath.Join(t.TempDir(), "set"), first, second)
		o.Dedupe = dedupe
		r := makes(t, o)
		if got := strings.Join(r.LeftOut, ", "); r.Samples != want.samples || got != want.left {
			t.Errorf("%q: %d samples, left out %q; want %v", dedupe, r.Samples, got, want)
		}
		all := tree(t, o.Out)
		for name, wanted := range map[string]bool{"a": true, "b": true, "other": true, "none": true, "same": dedupe == "", "near": dedupe != export.Near} {
			if _, there := all[picture(name, nil).id()+".png"]; there != wanted {
				t.Errorf("%q: %s is there: %t", dedupe, name, there)
			}
		}
	}
}
