package selection

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// A condition, from what binds least to what binds most.
type (
	anyOf struct {
		All []*allOf `parser:"@@ ( 'or':Keyword @@ )*"`
	}
	allOf struct {
		Parts []*part `parser:"@@ ( 'and':Keyword @@ )*"`
	}
	part struct {
		Not        *part       `parser:"  'not':Keyword @@"`
		Inner      *anyOf      `parser:"| '(':Sign @@ ')':Sign"`
		Comparison *comparison `parser:"| @@"`
	}
	comparison struct {
		Pos    lexer.Position
		Column string   `parser:"@( Word | Quoted )"`
		In     []string `parser:"( 'in':Keyword '(':Sign @( Word | Quoted ) ( ',':Sign @( Word | Quoted ) )* ')':Sign"`
		Op     string   `parser:"| @Op"`
		Value  string   `parser:"  @( Word | Quoted ) )"`
	}
)

var tokens = lexer.MustSimple([]lexer.SimpleRule{
	{Name: "Space", Pattern: `\s+`},
	{Name: "Quoted", Pattern: `'(?:[^']|'')*'|"(?:[^"]|"")*"`},
	{Name: "Op", Pattern: `==|!=|<=|>=|=|<|>|~`},
	{Name: "Sign", Pattern: `[(),]`},
	{Name: "Word", Pattern: `[^\s'"(),=!<>~]+`},
	{Name: "Keyword", Pattern: `and|or|not|in`}, // each is a word first
})

var grammar = participle.MustBuild[anyOf](
	participle.Lexer(tokens),
	participle.Elide("Space"),
	participle.Map(keyword, "Word"),
	participle.Map(unquote, "Quoted"),
)

var keywords = []string{"and", "or", "not", "in"}

func keyword(t lexer.Token) (lexer.Token, error) {
	if word := strings.ToLower(t.Value); slices.Contains(keywords, word) {
		t.Type, t.Value = tokens.Symbols()["Keyword"], word
	}
	return t, nil
}

// unquote takes the quotes away; within them a doubled one is one.
func unquote(t lexer.Token) (lexer.Token, error) {
	mark := t.Value[:1]
	t.Value = strings.ReplaceAll(t.Value[1:len(t.Value)-1], mark+mark, mark)
	return t, nil
}
