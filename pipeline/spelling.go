package pipeline

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// freely is how many words make a text a free one. Fewer may be a keyword, which a service may show as what it stands for.
const freely = 3

// free reports whether a value is a text in words of its own.
func free(value string) bool {
	_, is := number(value)
	n := len(strings.Fields(value))
	for _, r := range value {
		if ideograph(r) {
			n++
		}
	}
	return !is && n >= freely
}

// spelling is all that could be respelled of a text: services do so by characters. Those that stand by themselves are letters,
// digits and single blanks. Others count with all that follow at once, and with what is before and behind.
func spelling(text string) map[string]struct{} {
	const edge = '\x00'
	parts := map[string]struct{}{}
	runes := slices.Concat([]rune{edge}, []rune(text), []rune{edge})
	bare := func(i int) bool {
		switch r := runes[i]; {
		case i == 0 || i == len(runes)-1:
			return true
		case r == ' ':
			return runes[i-1] != ' ' && runes[i+1] != ' '
		case r >= 0x1100 && r <= 0x11FF: // letters that are composed
			return false
		default:
			return unicode.IsLetter(r) || unicode.IsDigit(r)
		}
	}
	for i := 1; i < len(runes)-1; i++ {
		parts[string(runes[i])] = struct{}{}
		if bare(i) {
			continue
		}
		end := i + 1
		for ; !bare(end); end++ {
			parts[string(runes[end])] = struct{}{}
		}
		parts["run "+string(runes[i:end])] = struct{}{}
		parts["from "+string(runes[i-1:i+1])] = struct{}{}
		parts["to "+string(runes[end-1:end+1])] = struct{}{}
		i = end - 1
	}
	return parts
}

// alike reports whether two texts have more than half of the words of the shorter one in common: one may be the other with words
// struck out.
func alike(a, b string) bool {
	x, y := words(a), words(b)
	common := 0
	for word := range x {
		if _, is := y[word]; is {
			common++
		}
	}
	return 2*common > min(len(x), len(y))
}

func words(text string) map[string]struct{} {
	list := map[string]struct{}{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if r, _ := utf8.DecodeRuneInString(word); !ideograph(r) {
			list[word] = struct{}{}
			continue
		}
		for _, r := range word {
			list[string(r)] = struct{}{}
		}
	}
	return list
}

// ideograph reports whether a rune is of a script that sets no blanks between words.
func ideograph(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }

// likewise reports whether two submits ask for the same but for numbers, files and free texts: another switch or keyword may change how
// the rest is shown.
func likewise(a, b map[string]string) bool {
	vary := func(value string) bool {
		x, is := number(value)
		return is && x != 0 && x != 1 || free(value) || strings.Contains(value, "://") // 0 and 1 are switches too
	}
	return maps.EqualFunc(a, b, func(x, y string) bool { return x == y || vary(x) && vary(y) })
}
