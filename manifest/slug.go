package manifest

import (
	"regexp"
	"strings"
)

// slug makes any text safe within a name: lower-case letters, digits, single
// dots and dashes, neither of them at an end. A long text ends at a whole word
// if that keeps most of it.
func slug(text string, most int) string {
	out := make([]byte, 0, most+1)
	for i := 0; i < len(text) && len(out) <= most; i++ {
		c := text[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		case c != '.':
			c = '-'
		}
		if (c == '-' || c == '.') && (len(out) == 0 || out[len(out)-1] == '-' || out[len(out)-1] == '.') {
			continue
		}
		out = append(out, c)
	}
	if len(out) > most {
		cut := most
		if i := strings.LastIndexByte(string(out[:most+1]), '-'); i > most/2 {
			cut = i
		}
		out = out[:cut]
	}
	if s := strings.Trim(string(out), "-."); s != "" {
		return s
	}
	return "x"
}

// ending makes a file's ending safe.
func ending(ext string) string {
	var out []byte
	for i := 0; i < len(ext) && len(out) < maxEnding; i++ {
		switch c := ext[i]; {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return "bin"
	}
	return string(out)
}

var reservedName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?$`)

// reserved reports whether Windows takes a name for a device.
func reserved(name string) bool { return reservedName.MatchString(name) }
