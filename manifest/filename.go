package manifest

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	maxName    = 180 // bytes of a whole name
	maxValue   = 40  // characters of one value
	maxEnding  = 10  // of a file's ending, without its dot
	maxCounted = 8   // of "-" and the number of an output
)

// FileName gives the name of output n (from 0) of a cell: a relative path with
// slashes, at most 180 bytes long, that always carries the cell's id.
//
// The template has fields in braces: a parameter, {id}, {n}, {model} or
// {repeat}. Values are cut to 40 characters of a-z, 0-9, dot and dash, or fewer
// when the whole would be too long; a parameter that the cell does not have is
// "none". Without {id} the name gets "-" and the id, without {n} every output
// but the first gets "-" and its number. An empty template joins all values.
// Whatever is no letter or digit is dropped from ext.
func FileName(template string, c Cell, n int, ext string) (string, error) {
	if template == "" {
		for _, p := range c.Params {
			if len(template) < 100 && !has(addressed, p.Name) && !builtin(p.Name) && !strings.ContainsAny(p.Name, "{}/") {
				template += "{" + p.Name + "}_"
			}
		}
		template += "{id}"
	}
	parts, _, err := parseTemplate(template)
	if err != nil {
		return "", fmt.Errorf("file name template %s: %w", quote(template), err)
	}
	if n < 0 || n > 999_999 || len(c.ID) != idLength || slug(c.ID, idLength) != c.ID {
		return "", fmt.Errorf("no file name for output %d of cell %s", n, quote(c.ID))
	}
	for most := maxValue; ; most-- {
		if name := render(parts, c, n, ending(ext), most); len(name) <= maxName || most == 1 {
			return name, nil
		}
	}
}

func render(parts []part, c Cell, n int, ext string, most int) string {
	var b strings.Builder
	var numbered, identified bool
	for _, p := range parts {
		switch {
		case !p.field:
			b.WriteString(p.text)
		case p.text == "id":
			identified = true
			b.WriteString(c.ID)
		case p.text == "n":
			numbered = true
			b.WriteString(strconv.Itoa(n))
		case p.text == "model":
			b.WriteString(slug(c.Model, most))
		case p.text == "repeat":
			b.WriteString(strconv.Itoa(c.Repeat))
		default:
			b.WriteString(valueOf(c, p.text, most))
		}
	}
	if !identified {
		b.WriteString("-" + c.ID)
	}
	if n > 0 && !numbered {
		b.WriteString("-" + strconv.Itoa(n))
	}
	segments := strings.Split(b.String()+"."+ext, "/")
	for i, s := range segments {
		if s = strings.TrimRight(s, "."); reserved(s) {
			s = "_" + s
		}
		segments[i] = s
	}
	return strings.Join(segments, "/")
}

func valueOf(c Cell, name string, most int) string {
	for _, p := range c.Params {
		if p.Name == name {
			return slug(p.Value, most)
		}
	}
	return "none"[:min(4, most)]
}
