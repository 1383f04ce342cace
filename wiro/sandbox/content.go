package sandbox

import (
	"bytes"
	"container/list"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"wirobatch/wiro/sandbox/picture"
)

const (
	maxPicture   = 512      // pixels that the drawing room goes up to
	contentCache = 64 << 20 // bytes of drawn pictures that are kept
	uploadStore  = 512 << 20
)

// picture is what an output shows. Equal ones are drawn once.
func (s *Sandbox) picture(m *model, params []param, key uint64, n int) picture.Params {
	p := picture.Params{
		Prompt: m.fallback(params, "prompt"), Seed: m.fallback(params, "seed"),
		Scale: 4.5,
	}
	for _, in := range m.Inputs { // what goes in shows in what comes out
		if in.isFile() {
			p.Prompt += " " + lookup(params, in.ID) + " " + lookup(params, in.ID+"Url")
		}
	}
	if p.Seed == "" || p.Seed == "0" {
		p.Seed = strconv.FormatUint(key, 10) // random
	}
	if n > 0 {
		p.Seed += "/" + strconv.Itoa(n)
	}
	if scale, err := strconv.ParseFloat(strings.TrimSpace(m.fallback(params, "scale")), 64); err == nil {
		p.Scale = min(max(scale, 0), 12)
	}
	p.Width, p.Height = picture.Size(m.fallback(params, "aspectRatio"))
	w, errW := strconv.Atoi(m.fallback(params, "width"))
	h, errH := strconv.Atoi(m.fallback(params, "height"))
	if errW == nil && errH == nil && w > 0 && h > 0 {
		p.Width, p.Height = w, h
	}
	p.Width, p.Height = fit(p.Width, p.Height, s.o.PictureSize)
	return p
}

// fit scales a size down until its longest side is at most side.
func fit(w, h, side int) (int, int) {
	longest := max(w, h)
	if longest <= side {
		return w, h
	}
	return max(1, w*side/longest), max(1, h*side/longest)
}

// draw gives the bytes of an output.
func (s *Sandbox) draw(v *view, n int) []byte {
	p := s.picture(v.task.model, v.params, v.task.key, n)
	return s.content.get(fmt.Sprintf("%q %q %g %dx%d", p.Prompt, p.Seed, p.Scale, p.Width, p.Height), func() []byte {
		var b bytes.Buffer
		if err := picture.Write(&b, p); err != nil {
			panic("sandbox: " + err.Error()) // sizes are ours, and a buffer takes everything
		}
		return b.Bytes()
	})
}

// sizeOf is the size of an output. The first one's is remembered: tasks are looked at often.
func (s *Sandbox) sizeOf(v *view, n int) int {
	if n == 0 && v.task.size > 0 {
		return int(v.task.size)
	}
	if v.foreign {
		return 202472
	}
	size := len(s.draw(v, n))
	if n == 0 {
		s.mu.Lock()
		s.tasks[v.index].size = int32(size)
		s.mu.Unlock()
	}
	return size
}

// reply is what a text model answers.
func reply(prompt string) string {
	return "You asked: " + prompt + "\n\nThis is the sandbox, which knows no more than that."
}

// contents keeps drawn pictures, the least recently used ones go first.
type contents struct {
	flight singleflight.Group
	mu     sync.Mutex
	size   int // bytes that may be kept
	kept   int
	byKey  map[string]*list.Element
	recent *list.List // of *content
}

type content struct {
	key  string
	data []byte
}

func newContents(size int) *contents {
	return &contents{size: size, byKey: map[string]*list.Element{}, recent: list.New()}
}

func (c *contents) get(key string, draw func() []byte) []byte {
	if data, ok := c.cached(key); ok {
		return data
	}
	data, _, _ := c.flight.Do(key, func() (any, error) {
		data := draw()
		c.keep(key, data)
		return data, nil
	})
	return data.([]byte)
}

func (c *contents) cached(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*content).data, true
}

func (c *contents) keep(key string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok || len(data) > c.size {
		return
	}
	c.byKey[key] = c.recent.PushFront(&content{key, data})
	c.kept += len(data)
	for c.kept > c.size {
		old := c.recent.Remove(c.recent.Back()).(*content)
		delete(c.byKey, old.key)
		c.kept -= len(old.data)
	}
}
