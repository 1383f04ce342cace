package cli

import (
	"bytes"
	"encoding/csv"
	"flag"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/image/draw"
)

var update = flag.Bool("update", false, "make examples/quickstart.png again")

const (
	sheetFile  = "../../examples/quickstart.png"
	sheetBytes = 250_000 // it is fetched with every clone and every look at the README
	thumb      = 92      // height of a picture on the sheet
	gap        = 6
)

// The README shows what the quickstart makes: a row for each prompt. With -update the picture is made again.
func TestQuickstartPicture(t *testing.T) {
	if *update {
		data := contactSheet(t, quickstartRows(t))
		if err := os.WriteFile(sheetFile, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(sheetFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > sheetBytes {
		t.Errorf("%s has %d bytes, which is more than %d", sheetFile, len(data), sheetBytes)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
}

// quickstartRows runs the quickstart and gives its pictures, by prompt, in the order of the grid.
func quickstartRows(t *testing.T) (rows [][]image.Image) {
	out := t.TempDir()
	code := Main([]string{"run", "--sandbox", "../../examples/quickstart.yaml", "--out", out}, os.Getenv, io.Discard, os.Stderr)
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	f, err := os.Open(filepath.Join(out, "results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	prompt, file := slices.Index(lines[0], "prompt"), slices.Index(lines[0], "file")
	last := ""
	for _, line := range lines[1:] {
		if line[prompt] != last {
			rows, last = append(rows, nil), line[prompt]
		}
		picture, err := os.Open(filepath.Join(out, line[file]))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(picture)
		picture.Close()
		if err != nil {
			t.Fatal(err)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], img)
	}
	return rows
}

func contactSheet(t *testing.T, rows [][]image.Image) []byte {
	width, height := 0, gap
	for _, row := range rows {
		w := gap
		for _, img := range row {
			w += thumbWidth(img) + gap
		}
		width, height = max(width, w), height+thumb+gap
	}
	sheet := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	y := gap
	for _, row := range rows {
		x := gap
		for _, img := range row {
			at := image.Rect(x, y, x+thumbWidth(img), y+thumb)
			draw.CatmullRom.Scale(sheet, at, img, img.Bounds(), draw.Src, nil)
			x = at.Max.X + gap
		}
		y += thumb + gap
	}
	// 256 colours of its own make it a third as large, and look the same.
	p := image.NewPaletted(sheet.Bounds(), medianCut(sheet, 256))
	draw.FloydSteinberg.Draw(p, p.Bounds(), sheet, image.Point{})
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// medianCut halves the box of colours that is widest, at the middle of its pixels, until there are n.
func medianCut(img *image.RGBA, n int) (p color.Palette) {
	type pixel = [3]uint8
	var all []pixel
	for i := 0; i < len(img.Pix); i += 4 {
		all = append(all, pixel(img.Pix[i:i+3]))
	}
	width := func(box []pixel, channel int) int {
		by := func(a, b pixel) int { return int(a[channel]) - int(b[channel]) }
		return by(slices.MaxFunc(box, by), slices.MinFunc(box, by))
	}
	boxes := [][]pixel{all}
	for len(boxes) < n {
		widest, channel, most := 0, 0, -1
		for i, box := range boxes {
			for c := range 3 {
				if w := width(box, c); w > most {
					widest, channel, most = i, c, w
				}
			}
		}
		box := boxes[widest]
		slices.SortFunc(box, func(a, b pixel) int { return int(a[channel]) - int(b[channel]) })
		boxes[widest] = box[:len(box)/2]
		boxes = append(boxes, box[len(box)/2:])
	}
	for _, box := range boxes {
		var sum [3]int
		for _, px := range box {
			for c := range sum {
				sum[c] += int(px[c])
			}
		}
		k := len(box)
		p = append(p, color.RGBA{uint8(sum[0] / k), uint8(sum[1] / k), uint8(sum[2] / k), 255})
	}
	return p
}

func thumbWidth(img image.Image) int { return thumb * img.Bounds().Dx() / img.Bounds().Dy() }
