// Package picture draws the images that the offline sandbox "generates":
// small landscapes, stages, still lifes and abstract paintings.
//
// The prompt decides motif and colours, the seed the composition, the scale
// ("guidance") how soft or crisp the picture is, and the size its framing. All
// arithmetic is on integers, so the same Params give the same bytes on every
// 64-bit platform.
package picture

import (
	"fmt"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
)

// MaxSide is the longest side that Write draws, in pixels.
const MaxSide = 512

// Params describe one picture. Every field changes what is drawn.
type Params struct {
	Prompt string  // its words pick the motif and the palette
	Seed   string  // any text; picks the composition
	Scale  float64 // guidance, 0 to 12: low is soft and washed out, high crisp and saturated; 4.5 is neutral
	Width  int     // pixels, 1 to MaxSide
	Height int     // pixels, 1 to MaxSide
}

// Size returns the size in pixels of a picture with the given aspect ratio, such
// as "16:9": its longest side is MaxSide and both sides are even. What is not a
// ratio of two whole numbers gives a square.
func Size(aspectRatio string) (width, height int) {
	across, down, found := strings.Cut(aspectRatio, ":")
	a, errA := strconv.Atoi(strings.TrimSpace(across))
	d, errD := strconv.Atoi(strings.TrimSpace(down))
	const most = 1 << 20 // keeps the products below far from overflow
	if !found || errA != nil || errD != nil || min(a, d) < 1 || max(a, d) > most {
		return MaxSide, MaxSide
	}
	// The nearest even number, and at least 2.
	short := max(2*((MaxSide*min(a, d)+max(a, d))/(2*max(a, d))), 2)
	if a >= d {
		return MaxSide, short
	}
	return short, MaxSide
}

// Write draws the picture that p describes and writes it to w as a PNG. It
// fails only when a side is out of range, or w does. It may be called
// concurrently; w gets nothing before the picture is complete.
func Write(w io.Writer, p Params) error {
	if min(p.Width, p.Height) < 1 || max(p.Width, p.Height) > MaxSide {
		return fmt.Errorf("picture of %d×%d pixels: each side must be from 1 to %d", p.Width, p.Height, MaxSide)
	}
	c := canvases.Get().(*canvas)
	defer canvases.Put(c)
	c.resize(p.Width, p.Height)
	pale := paint(c, p)
	c.data.Reset()
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &encoders}
	err := encoder.Encode(&c.data, c.develop(gradeFor(guidance(p.Scale)), pale))
	if err == nil {
		_, err = w.Write(c.data.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}

// guidance turns a scale into sixteenths between 0 and 12; what is no number is
// neutral.
func guidance(scale float64) int {
	if math.IsNaN(scale) {
		scale = 4.5
	}
	return int(min(max(scale, 0), 12) * 16)
}

// buffers keeps those of the encoder, which are larger than the picture.
type buffers struct{ sync.Pool }

func (b *buffers) Get() *png.EncoderBuffer  { e, _ := b.Pool.Get().(*png.EncoderBuffer); return e }
func (b *buffers) Put(e *png.EncoderBuffer) { b.Pool.Put(e) }

var encoders buffers

// A sandbox draws thousands of pictures: canvases (about 10 MB for the largest)
// are used again.
var canvases = sync.Pool{New: func() any { return new(canvas) }}
