package manifest_test

import (
	"fmt"

	"wirobatch/manifest"
)

func ExampleParse() {
	m, err := manifest.Parse("cats.yaml", []byte(`
version: 1
model: Qwen/Qwen-Image-Fast
params:
  scale: 4.50
matrix:
  prompt: [A cat on a roof]
  aspectRatio: [16:9, 1:1]
  seed: 1..3
exclude:
  - {aspectRatio: 1:1, seed: 3}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for c := range m.Grid().All() {
		name, _ := manifest.FileName("{aspectRatio}/{seed}", c, 0, "png")
		fmt.Println(c.Number, name)
	}
	// Output:
	// 1 16-9/1-f0d7e266c0cd91a69107.png
	// 2 16-9/2-b45b25547cd4a2f75eea.png
	// 3 16-9/3-2d1f4dbb7413fed8578c.png
	// 4 1-1/1-aa03d8e90a9124271028.png
	// 5 1-1/2-73edef28e7dc0b3e04ad.png
}

// All mistakes come at once, each with its place and what to write instead.
func ExampleMistakes() {
	_, err := manifest.Parse("cats.yaml", []byte(`version: 1
model: Qwen/Qwen-Image-Fast
matrix:
  promt: [A cat on a roof]
  aspectRatio: [16:9, 2:1]
  seed: [1...3]
`))
	fmt.Println(err)
	// Output:
	// cats.yaml:4:3: Qwen/Qwen-Image-Fast takes no parameter "promt"; did you mean prompt?
	// cats.yaml:5:23: aspectRatio does not have "2:1"; it takes 16:9, 9:16, 1:1, 4:3, 3:4, 2:3, 3:2
	// cats.yaml:6:10: "1...3" is not a range; a range is written 1..4, 1..100 step 5 or 2.0..6.0 step 0.5; quote it if the text itself is meant
}

func ExampleGrid_At() {
	m, _ := manifest.Parse("large.yaml", []byte(`
version: 1
model: Qwen/Qwen-Image-Fast
matrix:
  prompt: [A cat, A dog]
  seed: 1..50000000
`))
	g := m.Grid()
	fmt.Println(g.Len(), g.At(99_999_999).Params)
	// Output:
	// 100000000 [{prompt A dog} {seed 50000000}]
}
