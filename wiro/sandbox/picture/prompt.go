package picture

import "strings"

// brief is what a prompt asks for.
type brief struct {
	scene scene
	mood  mood
	words map[string]bool
	key   uint64 // differs from prompt to prompt
}

func (b *brief) mentions(words ...string) bool {
	for _, w := range words {
		if b.words[w] {
			return true
		}
	}
	return false
}

func read(prompt string) brief {
	b := brief{words: words(prompt), key: digest(0, prompt)}
	b.scene = motif(&b, scenes)
	mood := motif(&b, moods)
	if mood == nil {
		mood = free[b.key%uint64(len(free))]
	}
	b.mood = *mood
	if b.scene == nil {
		b.scene = open[b.key>>32%uint64(len(open))]
	}
	return b
}

// words takes the first words of a prompt, lower case and without a plural s.
// More than a thousand say nothing new.
func words(prompt string) map[string]bool {
	found := make(map[string]bool)
	const most = 16 << 10
	if len(prompt) > most {
		prompt = prompt[:most]
	}
	for word := range strings.FieldsFuncSeq(strings.ToLower(prompt), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if len(word) <= 24 {
			found[word] = true
			found[strings.TrimSuffix(word, "s")] = true
		}
		if len(found) > 1000 {
			break
		}
	}
	return found
}

// cue ties words to a motif. Of several cues in a prompt the heaviest wins: a
// ballerina says more about a picture than its sky does.
type cue[T any] struct {
	weight int
	words  string
	means  T
}

// motif sums up the cues for each meaning in order of the table, and returns
// that of the heaviest row, or the zero value.
func motif[T any](b *brief, table []cue[T]) (best T) {
	most := 0
	for _, row := range table {
		weight := 0
		for word := range strings.FieldsSeq(row.words) {
			if b.words[word] {
				weight += row.weight
			}
		}
		if weight > most {
			best, most = row.means, weight
		}
	}
	return best
}

// scene paints a motif.
type scene func(a *artist)

var scenes = []cue[scene]{
	{9, "surfer surfing surf tsunami", wave},
	{9, "ballerina ballet dancer dancing dance", stage},
	{9, "cat kitten feline", cat},
	{9, "climber climbing climb cliff", cliff},
	{9, "cream sundae gelato dessert", sundae},
	{9, "waterfall cascade", waterfall},
	{5, "dragon castle mystical", waterfall},
	{5, "city skyline skyscraper street tokyo cyberpunk neon downtown urban", city},
	{5, "forest wood pine tree jungle", forest},
	{5, "desert dune sahara camel sand", desert},
	{5, "wave", wave},
	{4, "sea ocean beach harbour harbor coast island boat sailing ship lighthouse", sea},
	{4, "stage spotlight theatre theater concert opera singer", stage},
	{3, "woman portrait expressionist expressionism swirling", figure},
	{3, "abstract painting surreal fractal pattern", swirls},
	{2, "mountain lake valley hill alps peak landscape", mountains},
}

// open are the scenes for a prompt that names none.
var open = []scene{mountains, sea, desert, forest, swirls}
