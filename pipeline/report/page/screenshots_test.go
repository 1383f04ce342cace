package page

import (
	"flag"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	shotsOf   = flag.String("of", "", "output folder of whose looks pictures are taken, as examples/pictures.sh does")
	shotsPair = flag.String("pair", "", "page of compare of which one is taken")
	shotsInto = flag.String("into", "", "folder that these pictures go to")
)

// TestScreenshots takes the pictures of the README.
func TestScreenshots(t *testing.T) {
	if *shotsOf == "" || *shotsPair == "" || *shotsInto == "" {
		t.Skip("no pictures are asked for: examples/pictures.sh")
	}
	b := open(t, filepath.Join(*shotsOf, "report.html"), "", 1280, 800)
	for _, shot := range []struct {
		name, state, theme string
		width, height      int64
	}{
		{"page.jpg", "", "light", 1440, 860},
		{"numbers.jpg", "view=numbers", "light", 1280, 980},
		{"cell.jpg", "cell=" + get[string](b, "C.id[4]"), "dark", 1280, 760},
		{"phone.jpg", "", "dark", 390, 760},
	} {
		b.do(chromedp.EmulateViewport(shot.width, shot.height))
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: shot.theme}},
		})
		b.load("#" + shot.state)
		b.shoot(shot.name)
	}
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+*shotsPair))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}},
	})
	b.await("document.querySelector('.card img')")
	b.js("document.querySelector('.card').scrollIntoView({block: 'center'})")
	b.shoot("compare.jpg")
	grids, err := filepath.Glob(filepath.Join(*shotsOf, "grids", "*16-9*.png"))
	if err != nil || len(grids) != 1 {
		t.Fatalf("grid pictures: %v, %v", grids, err)
	}
	smaller(t, grids[0], filepath.Join(*shotsInto, "grid.jpg"))
}

// shoot takes a picture once all images that it shows are there.
func (b *browser) shoot(name string) {
	b.Helper()
	b.js("window.shown = 0; Promise.all([...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight && i.getBoundingClientRect().bottom > 0).map((i) => i.decode().catch(() => 0))).then(() => { window.shown = 1; })")
	b.await("window.shown")
	quality := int64(82)
	shown, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatJpeg, Quality: &quality})
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shotsInto, name), shown.Data, 0o644); err != nil {
		b.Fatal(err)
	}
}

// smaller keeps a picture in fewer bytes: it is fetched with every clone.
func smaller(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	picture, err := png.Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := jpeg.Encode(out, picture, &jpeg.Options{Quality: 82}); err != nil {
		t.Fatal(err)
	}
}
