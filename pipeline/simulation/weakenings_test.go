package simulation

// weakening takes one rule out of the code.
type weakening struct {
	rule  string
	edits []edit
	seeds bool   // the seeds must turn red
	tests string // of package pipeline, which must
}

// edit puts other lines into a file of pipeline.
type edit struct{ file, stands, weak string }

// weakenings are the rules that the promise rests on. What is weakened is the rule alone: the rest works as before.
var weakenings = []weakening{
	{
		rule: "no intent record", seeds: true,
		edits: []edit{{"cell.go", `	if err := l.Save(ctx, rec); err != nil {
		return err
	}
	r.active.Add(1) // before it leaves`, `	r.active.Add(1) // before it leaves`}},
	},
	{
		rule: "no look-up: what got no answer is submitted again", seeds: true,
		edits: []edit{{"settle.go", `	settled := r.claims.looking(l.Cell, missing)
`, `	if verdict == nil {
		return r.again(ctx, l, rec, 0, nil)
	}
	settled := r.claims.looking(l.Cell, missing)
`}},
	},
}
