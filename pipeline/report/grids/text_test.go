package grids

import (
	"image"
	"image/color"
	"strings"
	"testing"
	"unicode/utf8"
)

func face(t *testing.T, size float64) *typeface {
	t.Helper()
	f, err := newTypeface(regular, size)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPlain(t *testing.T) {
	f := face(t, 18)
	for _, row := range []struct{ text, want, why string }{
		{"A dragon — «4.50» Ωμέγα дракон", "A dragon — «4.50» Ωμέγα дракон", "the Go font's own"},
		{"星空の下、滝。カタカナ", "星空の下、滝。カタカナ", "Japanese"},
		{"龙飞，繁體中文", "龙飞，繁體中文", "Chinese"},
		{"한국어 폭포 ★ → ♥", "한국어 폭포 ★ → ♥", "Korean and signs"},
		{"e\u0301 \u304b\u3099 \u1112\u1161\u11ab", "é が 한", "what comes in pieces is put together"},
		{" a\u3000b\n\tc ", "a b c", "any space is one"},
		{"wave 😀👩\u200d👧", "wave [grinning face, woman, girl]", "signs by their names"},
		{"👋🏽", "[waving hand sign, emoji modifier fitzpatrick type-4]", "told apart from one without"},
		{"مر", "[U+0645, U+0631]", "nothing from right to left"},
		{"ภาษาไทยไทย", "[U+0E20, U+0E32, U+0E29, U+0E32, U+0E44, U+0E17, and 4 more]", "no script that is in neither font"},
		{"𠮷", "[U+20BB7]", "a rare one"},
	} {
		if got := f.plain(row.text); got != row.want {
			t.Errorf("%s: %q is %q, not %q", row.why, row.text, got, row.want)
		}
	}
}

// Lines are full, not too long, and lose nothing; they break where a reader expects it.
func TestWrap(t *testing.T) {
	f := face(t, 18)
	for _, row := range []struct{ text, begins, ends, why string }{
		{"星空の下、きらめく滝の上に「神秘的なドラゴン」。鱗は深い青色で、翼は夜の霧に溶けていく。", "、。」ー", "「", "Japanese has no spaces"},
		{"一条神秘的龙在星空下，盘旋于闪闪发光的瀑布之上（水墨画风格），细节丰富。", "，。）", "（", "nor has Chinese"},
		{"별이 빛나는 하늘 아래 반짝이는 폭포 위를 맴도는 신비로운 용, 수묵화 스타일.", ",.", "", "Korean has both"},
		{"A mystical dragon hovering above a sparkling waterfall under a starry sky.", ".", "", "words stay whole"},
		{strings.Repeat("w", 200), "", "", "a word that is too long does not"},
	} {
		for width := 80; width < 400; width += 7 {
			lines := f.wrap(row.text, width, 1000)
			if got, want := strings.Join(lines, ""), row.text; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
				t.Fatalf("%s: %q became %q", row.why, want, lines)
			}
			for i, line := range lines {
				if f.width(line) > width {
					t.Errorf("%s: %q is %d wide, not %d", row.why, line, f.width(line), width)
				}
				first, _ := utf8.DecodeRuneInString(line)
				last, _ := utf8.DecodeLastRuneInString(line)
				if strings.ContainsRune(row.begins, first) || strings.ContainsRune(row.ends, last) {
					t.Errorf("%s: %d wide, line %d is %q", row.why, width, i, line)
				}
				if strings.HasPrefix(row.text, "A ") && !strings.Contains(" "+row.text+" ", " "+line+" ") {
					t.Errorf("%s: %d wide, line %d is %q", row.why, width, i, line)
				}
			}
			if most := 3*f.width(row.text)/width + 2; len(lines) > most {
				t.Errorf("%s: %d lines of %d, more than %d", row.why, len(lines), width, most)
			}
			if short := f.wrap(row.text, width, 2); len(lines) > 2 && (len(short) != 2 || !strings.HasSuffix(short[1], "…") || f.width(short[1]) > width) {
				t.Errorf("%s: two lines of %d: %q", row.why, width, short)
			}
		}
	}
}

// inked is where a text leaves ink, from its baseline and its beginning.
func inked(f *typeface, text string) (box image.Rectangle) {
	img := image.NewRGBA(image.Rect(0, 0, 40*len(text)+200, 200))
	f.draw(img, 50, 50, color.Black, text)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.RGBAAt(x, y).A > 100 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box.Sub(image.Pt(50, 50+int(f.size*1.02+0.5)))
}

// What comes from the other font is as large as the letters beside it, on their line, and takes the room that it is measured by.
func TestLettersOfTheOtherFont(t *testing.T) {
	for size := 12.0; size <= 53; size++ {
		f := face(t, size)
		for _, text := range []string{"国", "한", "あ"} {
			box := inked(f, text)
			if h := float64(box.Dy()); h < size*0.7 || h > size*1.1 {
				t.Errorf("%s in %v is %v high", text, size, h)
			}
			if low := float64(box.Max.Y); low < -size*0.1 || low > size*0.25 {
				t.Errorf("%s in %v ends %v below the line", text, size, low)
			}
			if w := f.width(text); w < int(size) || w > int(size)+1 {
				t.Errorf("%s in %v is %d wide", text, size, w)
			}
		}
		if end, want := inked(f, "国国国国国国国国国国A").Max.X, f.width("国国国国国国国国国国A"); end > want || end < want-int(size/4)-1 {
			t.Errorf("in %v a line ends at %d, measured %d", size, end, want)
		}
		if f.width("ｱ") > f.width("ア")/2+1 {
			t.Errorf("in %v half a width is %d of %d", size, f.width("ｱ"), f.width("ア"))
		}
	}
	// The outline is sharp: hardly anything is neither ink nor paper.
	f := face(t, 48)
	img := image.NewRGBA(image.Rect(0, 0, 60, 80))
	f.draw(img, 4, 4, color.Black, "国")
	ink, between := 0, 0
	for i := 3; i < len(img.Pix); i += 4 {
		if a := img.Pix[i]; a > 220 {
			ink++
		} else if a > 35 {
			between++
		}
	}
	if ink == 0 || between > ink/2 {
		t.Errorf("%d pixels of ink, %d between", ink, between)
	}
}
