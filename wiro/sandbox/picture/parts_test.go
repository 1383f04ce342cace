package picture

import (
	"math"
	"testing"
)

func TestSine(t *testing.T) {
	for turn := -2 * one; turn < 2*one; turn += 97 {
		want := math.Sin(2 * math.Pi * float64(turn) / one)
		if got := float64(sine(turn)) / one; math.Abs(got-want) > 0.0005 {
			t.Fatalf("sine(%d) = %v, want %v", turn, got, want)
		}
	}
}

func TestRoot(t *testing.T) {
	for _, v := range []int{-4, 0, 1, 2, 3, 4, 8, 9, 15, 16, 1 << 20, 1<<40 - 1, 1 << 40, 1<<62 - 1} {
		r := root(v)
		if v <= 0 && r != 0 || v > 0 && (r*r > v || (r+1)*(r+1) <= v) {
			t.Errorf("root(%d) = %d", v, r)
		}
	}
}

func blank(w, h int) *canvas {
	c := new(canvas)
	c.resize(w, h)
	clear(c.pix)
	return c
}

// covered is the area, in pixels, that a shape paints.
func covered(c *canvas) float64 {
	sum := 0.0
	for _, p := range c.pix {
		sum += float64(p.g) / white
	}
	return sum
}

func TestFillCoversTheArea(t *testing.T) {
	square := func(x, y, side int) []pt { return []pt{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}} }
	turned := square(512, 512, 1024)
	turned[1], turned[3] = turned[3], turned[1]
	for _, row := range []struct {
		what string
		s    shape
		want float64
	}{
		{"on the grid", shape{square(512, 512, 1024)}, 16},
		{"between pixels", shape{square(600, 700, 1024)}, 16},
		{"less than a pixel", shape{square(600, 700, 64)}, 1.0 / 16},
		{"slanted", shape{{{512, 512}, {2560, 512}, {512, 2560}}}, 32},
		{"two that overlap unite", shape{square(512, 512, 1024), square(512, 1024, 1024)}, 24},
		{"either way round", shape{turned, square(512, 1024, 1024)}, 24},
		{"cut off at every edge", shape{square(-5120, -5120, 20480)}, 20 * 30},
		{"cut off at the left", shape{square(-512, 512, 1024)}, 8},
		{"cut off at the right", shape{square(20<<8-512, 512, 1024)}, 8},
		{"outside", shape{square(25<<8, 512, 1024), square(512, -4096, 1024)}, 0},
		{"round", shape{circle(pt{2560, 2560}, 2048)}, math.Pi * 64 * 0.9836}, // a polygon of 20 sides
	} {
		c := blank(20, 30)
		c.fill(row.s, flat(rgb{white, white, white}, one))
		if got := covered(c); math.Abs(got-row.want) > 0.02*row.want+0.02 {
			t.Errorf("%s: %.3f pixels covered, want %.3f", row.what, got, row.want)
		}
	}
}

func TestDiscCoversTheArea(t *testing.T) {
	for _, radius := range []int{256, 700, 2048} {
		c := blank(20, 30)
		c.disc(pt{2600, 2700}, radius, flat(rgb{white, white, white}, one))
		want := math.Pi * float64(radius*radius) / (256 * 256)
		if got := covered(c); math.Abs(got-want) > 0.12*want+0.15 {
			t.Errorf("radius %d: %.3f pixels covered, want %.3f", radius, got, want)
		}
	}
}

func TestBlurKeepsTheLight(t *testing.T) {
	c := blank(41, 41)
	c.pix[20*41+20] = rgb{white, white, white}
	c.blur(3)
	c.pix = c.soft
	if got := covered(c); math.Abs(got-1) > 0.01 {
		t.Errorf("%.3f pixels of light after the blur of 1", got)
	}
	if c.pix[17*41+17].g == 0 || c.pix[16*41+20].g != 0 {
		t.Error("the light is not spread over the radius")
	}
}

func TestTurnHue(t *testing.T) {
	grey := hex24(0x808080)
	if turned := turnHue(grey, one/5); max(turned.r-grey.r, grey.r-turned.r) > 300 {
		t.Errorf("grey turned into %v", turned)
	}
	// A third of a turn takes red to green.
	if got := turnHue(hex24(0xff0000), one/3); got.g < white*9/10 || got.r > white/10 {
		t.Errorf("red turned into %v", got)
	}
}

func TestPromptsFindTheirScene(t *testing.T) {
	a, b := read("THE SURFER'S WAVES"), read("cats")
	if !a.mentions("surfer") || !a.mentions("nothing", "wave") || b.mentions("wave") || !b.mentions("cat") {
		t.Error("words are not found whatever their case and plural")
	}
	for prompt, want := range map[string]*mood{
		"a ballerina, frozen mid-air": velvet, // what is on stage weighs more than frost
		"sunset over snow at dusk":    sunset, // two words against one
		"soft pastel cat":             pastel,
		"surfer at night":             night, // a word of the prompt beats the scene's usual mood
		"surfer":                      day,
	} {
		if got := read(prompt).mood; got != *want {
			t.Errorf("%q: sky %v, want %v", prompt, got.sky, want.sky)
		}
	}
}
