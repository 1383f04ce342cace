package export

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// pngHead is how long the signature and the first chunk of a PNG are: text follows.
const pngHead = 8 + 12 + 13

var pngBegins = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")

// isPNG tells whether text can be put into the file.
func isPNG(s Sample) bool {
	name := filepath.FromSlash(s.File.Path)
	if s.File.Bytes < pngHead || !filepath.IsLocal(name) {
		return false
	}
	if info, err := s.root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := s.root.Open(name)
	if err != nil {
		return false // what is wrong with it is told when it is read
	}
	defer f.Close()
	head := make([]byte, len(pngBegins))
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, pngBegins)
}

// embedded are two text chunks with the parameters of a cell: "parameters", as the common tools read it, and "wirobatch" in JSON.
func embedded(s Sample) []byte {
	params := map[string]string{}
	for _, p := range s.Row.Params {
		params[p.Name] = p.Value
	}
	whole, _ := json.Marshal(struct { // strings and a number always encode
		ID     string            `json:"id"`
		Model  string            `json:"model"`
		Repeat int               `json:"repeat"`
		Params map[string]string `json:"params"`
	}{s.Row.ID, s.Row.Model, s.Row.Repeat, params})
	return append(textChunk("parameters", commonText(s)), textChunk("wirobatch", string(whole))...)
}

// commonNames are what the common tools call parameters.
var commonNames = map[string]string{
	"steps": "Steps", "numInferenceSteps": "Steps", "num_inference_steps": "Steps", "sampler": "Sampler", "seed": "Seed",
	"scale": "CFG scale", "guidanceScale": "CFG scale", "guidance_scale": "CFG scale", "cfg": "CFG scale",
}

// commonText is the prompt, what is not wanted, and a line of all else.
func commonText(s Sample) string {
	var b strings.Builder
	var rest []string
	negative := ""
	for _, p := range s.Row.Params {
		switch p.Name {
		case "prompt":
			b.WriteString(p.Value)
		case "negativePrompt", "negative_prompt", "negative":
			negative = p.Value
		default:
			name := p.Name
			if common, ok := commonNames[name]; ok {
				name = common
			}
			rest = append(rest, name+": "+plainValue(p.Value))
		}
	}
	if negative != "" {
		b.WriteString("\nNegative prompt: " + negative)
	}
	if s.File.Width > 0 && s.File.Height > 0 {
		rest = append(rest, fmt.Sprintf("Size: %dx%d", s.File.Width, s.File.Height))
	}
	rest = append(rest, "Model: "+plainValue(s.Row.Model))
	b.WriteString("\n" + strings.Join(rest, ", "))
	return b.String()
}

// plainValue puts into quotes what would end a value.
func plainValue(v string) string {
	if strings.ContainsAny(v, ",:\n\"") {
		quoted, _ := json.Marshal(v)
		return string(quoted)
	}
	return v
}

// textChunk is tEXt for what Latin-1 has, and else iTXt.
func textChunk(keyword, text string) []byte {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
	kind, body := "tEXt", append([]byte(keyword), 0)
	if latin, ok := latin1(text); ok {
		body = append(body, latin...)
	} else {
		kind, body = "iTXt", append(body, 0, 0, 0, 0) // not compressed, no language, no translation
		body = append(body, text...)
	}
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	chunk = append(append(chunk, kind...), body...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// latin1 leaves out the control characters that PNG does not allow.
func latin1(text string) ([]byte, bool) {
	out := make([]byte, 0, utf8.RuneCountInString(text))
	for _, r := range text {
		if r > 0xff || r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}
