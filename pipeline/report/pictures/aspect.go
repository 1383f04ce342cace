package pictures

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"wirobatch/pipeline/journal"
)

var (
	ratio = regexp.MustCompile(`^\s*(\d+(?:\.\d+)?)\s*[:/]\s*(\d+(?:\.\d+)?)\s*$`)
	sides = regexp.MustCompile(`^\s*(\d{2,6})\s*[xX×*]\s*(\d{2,6})\s*$`)
)

// crooked says what is wrong with the proportions of a picture, and nothing where they are what was asked for, or where nothing was.
func crooked(params []journal.Param, p Picture) string {
	w, h, asked := askedFor(params)
	if asked == "" || p.Width == 0 || p.Height == 0 || fits(p.Width, p.Height, w, h) {
		return ""
	}
	return fmt.Sprintf("%d × %d, asked for %s", p.Width, p.Height, asked)
}

// askedFor gives the proportions that the parameters ask for. A named ratio counts before the sides, which models then leave alone.
func askedFor(params []journal.Param) (w, h float64, asked string) {
	of := map[string]string{}
	for _, p := range params {
		of[strings.ReplaceAll(strings.ToLower(p.Name), "_", "")] = p.Value
	}
	for _, name := range []string{"aspectratio", "aspect", "ratio"} {
		if m := ratio.FindStringSubmatch(of[name]); m != nil && number(m[1]) > 0 && number(m[2]) > 0 {
			return number(m[1]), number(m[2]), strings.TrimSpace(of[name])
		}
	}
	if w, h := number(of["width"]), number(of["height"]); w >= 1 && h >= 1 {
		return w, h, fmt.Sprintf("%g × %g", w, h)
	}
	for _, name := range []string{"size", "imagesize", "resolution", "dimensions"} {
		if m := sides.FindStringSubmatch(of[name]); m != nil && number(m[1]) > 0 && number(m[2]) > 0 {
			return number(m[1]), number(m[2]), strings.TrimSpace(of[name])
		}
	}
	return 0, 0, ""
}

func number(text string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0
	}
	return n
}

// fits allows for the rounding of sides: models work in steps of 8, 16, 32 or 64 pixels. A side may be off by less than a step that both
// are multiples of, as long as the whole is not off by more than a seventh.
func fits(w, h int, askedW, askedH float64) bool {
	wantW, wantH := float64(h)*askedW/askedH, float64(w)*askedH/askedW
	off := min(math.Abs(float64(w)-wantW), math.Abs(float64(h)-wantH))
	if off <= 2 {
		return true
	}
	if math.Abs(math.Log(float64(w)/wantW)) > 1.0/7 {
		return false
	}
	for _, step := range []int{8, 16, 32, 64} {
		if w%step == 0 && h%step == 0 && off < float64(step) {
			return true
		}
	}
	return off < 0.02*float64(max(w, h))
}
