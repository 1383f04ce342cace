package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
)

// One prompt for every scene.
var prompts = []string{
	"A mystical dragon hovering above a sparkling waterfall under a starry sky.",
	"Painting on vellum, a lone woman with elongated limbs, swirling pastel background, vibrant reds and blues",
	"A mountain climber hangs from a cliff edge, sunset sky behind",
	"ice cream sculpture on clay pedestal, geometric facets, sepia light wash",
	"A ballerina leaps across the stage, spotlight casting dramatic shadows",
	"a bone china cat sculpture, soft pastel washes",
	"A surfer rides a towering wave, sunlight piercing through water",
	"mountain lake in the snow", "dunes of the desert", "autumn forest", "a boat at sea",
	"neon city", "abstract pattern", "castle under an aurora", "green hills and a valley",
}

func draw(t *testing.T, p Params) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(&b)
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	if size := m.Bounds().Size(); size.X != p.Width || size.Y != p.Height {
		t.Fatalf("%+v: drawn as %v", p, size)
	}
	return m
}

// pixels are the channels of a picture, a byte each.
func pixels(m image.Image) (out []byte) {
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			r, g, b, _ := m.At(x, y).RGBA()
			out = append(out, byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	return out
}

// distance is the mean difference of two pictures' channels, 0 to 255.
func distance(a, b image.Image) float64 {
	p, q, sum := pixels(a), pixels(b), 0.0
	for i := range p {
		sum += math.Abs(float64(p[i]) - float64(q[i]))
	}
	return sum / float64(len(p))
}

func TestSamePixelsEverywhere(t *testing.T) {
	golden := map[string]string{
		"A mystical dragon hovering above a sparkling waterfall under a starry sky.":                                "0526b82eff25372a",
		"Painting on vellum, a lone woman with elongated limbs, swirling pastel background, vibrant reds and blues": "9dd786e19e4ad8bf",
		"A mountain climber hangs from a cliff edge, sunset sky behind":                                             "9b142571459afde0",
		"ice cream sculpture on clay pedestal, geometric facets, sepia light wash":                                  "37f2933ac9afc180",
		"A ballerina leaps across the stage, spotlight casting dramatic shadows":                                    "600966b3f0c113f7",
		"a bone china cat sculpture, soft pastel washes":                                                            "0a00a56f596b125c",
		"A surfer rides a towering wave, sunlight piercing through water":                                           "713baae5e218d62d",
		"mountain lake in the snow": "46c6dc5f92cd713a",
		"dunes of the desert":       "20f66c8095c266ef",
		"autumn forest":             "e4991183826bcb94",
		"a boat at sea":             "87b86ecc887e261e",
		"neon city":                 "f1db349176a262bd",
		"abstract pattern":          "7227cf5d19827421",
		"castle under an aurora":    "8ca4adaa9669d4ca",
		"green hills and a valley":  "7995647321838663",
	}
	for i, prompt := range prompts {
		m := draw(t, Params{prompt, "42", float64(1 + i%9), 160, 90})
		sum := sha256.Sum256(pixels(m))
		if got := hex.EncodeToString(sum[:8]); got != golden[prompt] {
			t.Errorf("\t\t%q: %q,", prompt, got)
		}
	}
}

func TestSameBytesAtOnce(t *testing.T) {
	want := make([][]byte, len(prompts))
	for i, prompt := range prompts {
		var b bytes.Buffer
		if err := Write(&b, Params{prompt, "7", 9, 120 - i, 60 + i}); err != nil {
			t.Fatal(err)
		}
		want[i] = b.Bytes()
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i, prompt := range prompts {
				var b bytes.Buffer
				if err := Write(&b, Params{prompt, "7", 9, 120 - i, 60 + i}); err != nil || !bytes.Equal(b.Bytes(), want[i]) {
					t.Errorf("%q: other bytes than before (error %v)", prompt, err)
				}
			}
		})
	}
	group.Wait()
}

func TestEachAxisShows(t *testing.T) {
	if testing.Short() {
		t.Skip("it draws, in one goroutine, what is slow under the race detector")
	}
	for i, prompt := range prompts {
		base := Params{prompt, "1", 4.5, 160, 90}
		m := draw(t, base)
		for _, row := range []struct {
			what   string
			change func(p *Params)
			least  float64
		}{
			{"another seed moves things", func(p *Params) { p.Seed = "2" }, 5},
			{"an empty seed is a seed too", func(p *Params) { p.Seed = "" }, 5},
			{"low guidance is hazy", func(p *Params) { p.Scale = 1 }, 8},
			{"high guidance is crisp", func(p *Params) { p.Scale = 9 }, 4},
			{"half a step of guidance is still visible", func(p *Params) { p.Scale = 4 }, 0.5},
			{"another prompt is another picture", func(p *Params) { p.Prompt = prompts[(i+1)%len(prompts)] }, 15},
			{"one more word is another picture", func(p *Params) { p.Prompt += " indeed" }, 3},
		} {
			p := base
			row.change(&p)
			if d := distance(m, draw(t, p)); d < row.least {
				t.Errorf("%q: %s: mean distance %.2f, want at least %v", prompt, row.what, d, row.least)
			}
		}
	}
}

func spread(m image.Image) (contrast, saturation float64) {
	p := pixels(m)
	var sum, squares, colour float64
	for i := 0; i < len(p); i += 3 {
		r, g, b := float64(p[i]), float64(p[i+1]), float64(p[i+2])
		v := (r + g + b) / 3
		sum, squares = sum+v, squares+v*v
		colour += max(r, g, b) - min(r, g, b)
	}
	n := float64(len(p) / 3)
	return math.Sqrt(squares/n - sum/n*sum/n), colour / n
}

func TestGuidanceGivesContrastAndColour(t *testing.T) {
	for _, prompt := range prompts {
		var last, lastColour float64
		for _, scale := range []float64{1, 4.5, 9} {
			contrast, colour := spread(draw(t, Params{prompt, "3", scale, 160, 90}))
			if contrast < last || colour < lastColour || contrast < 8 {
				t.Errorf("%q at %v: contrast %.1f after %.1f, saturation %.1f after %.1f", prompt, scale, contrast, last, colour, lastColour)
			}
			last, lastColour = contrast, colour
		}
	}
}

func TestEverySizeIsDrawn(t *testing.T) {
	for _, prompt := range prompts {
		for _, size := range [][2]int{{1, 1}, {1, 2}, {2, 1}, {3, 5}, {7, 4}, {1, 512}, {512, 1}, {64, 2}, {31, 64}} {
			for _, seed := range []string{"1", "2", "3"} {
				draw(t, Params{prompt, seed, 12, size[0], size[1]})
			}
		}
	}
	draw(t, Params{prompts[0], "1", 4.5, MaxSide, MaxSide})
}

// Tiny pictures have no scene, and differ all the same.
func TestTinyPicturesDiffer(t *testing.T) {
	seen := map[string]Params{}
	for _, side := range []int{8, 16, 32} {
		for _, prompt := range prompts {
			for seed := range 20 {
				p := Params{prompt, fmt.Sprint(seed), 4.5, side, side}
				bytes := string(pixels(draw(t, p)))
				if other, same := seen[bytes]; same {
					t.Errorf("%v is drawn as %v is", p, other)
				}
				seen[bytes] = p
			}
		}
	}
}

func TestOddInputIsDrawn(t *testing.T) {
	for _, p := range []Params{
		{"", "", 0, 64, 36},
		{strings.Repeat("wave cat ", 1<<17), strings.Repeat("9", 1<<16), 4.5, 64, 36},
		{"日本の山 \xff\x00", "\x00", -5, 64, 36},
		{"sea", "1", math.Inf(1), 64, 36},
		{"sea", "1", math.Inf(-1), 64, 36},
	} {
		draw(t, p)
	}
	if distance(draw(t, Params{"sea", "1", math.NaN(), 64, 36}), draw(t, Params{"sea", "1", 4.5, 64, 36})) != 0 {
		t.Error("a scale that is no number is not drawn as the neutral one")
	}
}

func TestSizeOutOfRange(t *testing.T) {
	for _, size := range [][2]int{{0, 9}, {9, 0}, {-1, 9}, {513, 9}, {9, 513}, {1 << 40, 1 << 40}} {
		var b bytes.Buffer
		err := Write(&b, Params{"sea", "1", 4.5, size[0], size[1]})
		if err == nil || !strings.Contains(err.Error(), "512") || b.Len() > 0 {
			t.Errorf("%v: error %v, %d bytes", size, err, b.Len())
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterFails(t *testing.T) {
	if err := Write(full{}, Params{"sea", "1", 4.5, 16, 9}); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

func TestSize(t *testing.T) {
	for ratio, want := range map[string][2]int{
		"16:9": {512, 288}, "9:16": {288, 512}, "1:1": {512, 512}, "4:3": {512, 384}, "3:4": {384, 512},
		"3:2": {512, 342}, "2:3": {342, 512}, "21:9": {512, 220}, " 2 : 1 ": {512, 256},
		"1000:1": {512, 2}, "1:1000000": {2, 512}, // never nothing
		"": {512, 512}, "16/9": {512, 512}, "0:1": {512, 512}, "-4:3": {512, 512}, "4:x": {512, 512},
		"1:2:3": {512, 512}, "9223372036854775807:1": {512, 512}, // no overflow
	} {
		if w, h := Size(ratio); w != want[0] || h != want[1] {
			t.Errorf("Size(%q) = %d, %d, want %v", ratio, w, h, want)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, prompt := range prompts {
		b.Run(prompt[:min(len(prompt), 20)], func(b *testing.B) {
			benchmark(b, Params{prompt, "42", 4.5, 512, 288})
		})
	}
	b.Run("crisp", func(b *testing.B) { benchmark(b, Params{prompts[0], "42", 9, 512, 288}) })
	b.Run("thumbnail", func(b *testing.B) { benchmark(b, Params{prompts[0], "42", 4.5, 64, 36}) })
}

func benchmark(b *testing.B, p Params) {
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, p); err != nil {
			b.Fatal(err)
		}
	}
}
