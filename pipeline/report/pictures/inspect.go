package pictures

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// maxPixels is how large a picture is decoded: 8192 × 8192, which takes 256 MB. Where a pixel takes 8 bytes it is half of it.
const maxPixels = 1 << 26

// inspect looks at a file. passing says what is wrong with it as it lies there, which need not be so the next time.
func inspect(root *os.Root, name, sum string) (e *seen, passing string) {
	f, err := open(root, name)
	if err != nil {
		return nil, unopened(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, unopened(err)
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return nil, "it is not as it was delivered (its checksum differs); the next run fetches it again"
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, unopened(err)
	}
	e = &seen{SHA256: sum}
	img, err := decode(f, name, e)
	switch {
	case err != nil:
		e.Err = short(err.Error())
	case img != nil:
		e.see(img)
	}
	return e, ""
}

// extensions are those of the formats that can be read. What is called otherwise, and cannot be, is taken for video, audio, text, or a
// picture that only a browser shows.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// decode gives nil for what is no picture and is not called one.
func decode(f io.ReadSeeker, name string, e *seen) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil { // no file may end the program
			img, err = nil, fmt.Errorf("broken: %v", r)
		}
	}()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if n == 0 && err == io.EOF {
		return nil, errors.New("it is empty")
	}
	head = head[:n]
	if moves(head) {
		return nil, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	c, format, err := image.DecodeConfig(bufio.NewReader(f))
	if errors.Is(err, image.ErrFormat) {
		if !slices.Contains(extensions, strings.ToLower(path.Ext(name))) {
			return nil, nil
		}
		kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
		return nil, fmt.Errorf("it is called %s, but begins as %s", path.Ext(name), kind)
	}
	if err != nil {
		return nil, fmt.Errorf("broken %s: %w", format, err)
	}
	e.Width, e.Height = c.Width, c.Height
	if c.Width <= 0 || c.Height <= 0 {
		return nil, fmt.Errorf("broken %s: %d × %d pixels", format, c.Width, c.Height)
	}
	most := maxPixels
	if c.ColorModel == color.RGBA64Model || c.ColorModel == color.NRGBA64Model {
		most /= 2
	}
	if c.Width > most/c.Height {
		return nil, fmt.Errorf("%d × %d are more pixels than are looked at: the limit is %d million", c.Width, c.Height, most/1e6)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if img, format, err = image.Decode(bufio.NewReader(f)); err != nil {
		return nil, fmt.Errorf("broken %s: %w", format, err)
	}
	if img.Bounds().Empty() {
		return nil, fmt.Errorf("broken %s: it has no pixels", format)
	}
	return img, nil
}

// moves tells an animated WebP, which has its own view as a video has: what decodes here is still.
func moves(head []byte) bool {
	return len(head) > 20 && string(head[:4]) == "RIFF" && string(head[8:16]) == "WEBPVP8X" && head[20]&2 != 0
}

// open takes nothing but a file: a pipe could be waited for without end.
func open(root *os.Root, name string) (*os.File, error) {
	name = filepath.FromSlash(name)
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	return root.Open(name)
}

func sumOf(root *os.Root, name string) (string, error) {
	f, err := open(root, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

func unopened(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "it is missing; the next run fetches it again"
	}
	if onPath := (*fs.PathError)(nil); errors.As(err, &onPath) {
		err = onPath.Err
	}
	return short("it cannot be read: " + err.Error())
}

func short(text string) string {
	if r := []rune(text); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return text
}
