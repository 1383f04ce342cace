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
		rule: "the intent is recorded when the request has left", seeds: true,
		edits: []edit{
			{"cell.go", `	if err := l.Save(ctx, rec); err != nil {
		return err
	}
	r.active.Add(1) // before it leaves`, `	r.active.Add(1) // before it leaves`},
			{"cell.go", `	posted()
`, `	posted()
	if err := l.Save(ctx, rec); err != nil {
		return err
	}
`},
		},
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
	{
		rule: "the task is recorded when it has ended", seeds: true,
		edits: []edit{{"cell.go", `	err = l.Save(ctx, rec)
	leave()
`, `	err = nil
	leave()
`}},
	},
	{
		rule: "absence without a witness", seeds: true, tests: "TestAListThatShowsTheLaterFirst",
		edits: []edit{{"look.go", `	if witnessed && !possible {`, `	if (witnessed || true) && !possible {`}},
	},
	{
		rule: "a young witness", seeds: true,
		edits: []edit{{"claims.go", `	return !s.began.Before(over.Add(witnessAfter)) && compare(params, s.params) == same`, `	return compare(params, s.params) == same`}},
	},
	{
		rule: "one look is proof", tests: "TestAListThatShowsTheLaterFirst",
		edits: []edit{{"settle.go", `			if shown >= 2 && time.Since(late) >= provenAt && proves {`, `			if shown >= 1 && proves {`}},
	},
	{
		rule: "what may be the task does not stand in the way", seeds: true,
		edits: []edit{{"look.go", `		possible = true
`, `		possible = possible || match == same
`}},
	},
	{
		rule: "another text rules out", tests: "TestRespelledEchoesProveNoAbsence",
		edits: []edit{{"look.go", `		return r.ruledOut(ctx, l, rec, missing, list, model, marks)`, `		return absent, nil`}},
	},
	{
		rule: "another number rules out", tests: "TestRespelledEchoesProveNoAbsence",
		edits: []edit{{"echoes.go", `			} else if known.rulesOut(got, value) {`, `			} else if known.any && !rounded(got, value) {`}},
	},
	{
		rule: "a strange id of a model is another model's", tests: "TestAModelGetsAnotherID",
		edits: []edit{{"models.go", `	return list.walk.reaches(list.newest), nil`, `	return true, nil`}, {"models.go", `		r.claims.learn(task.ModelID, list.of)
		return false, nil`, `		return true, nil`}},
	},
	{
		rule: "the list ends where a page is short", tests: "TestAShortPageIsNotTheEndOfTheList",
		edits: []edit{{"lookup.go", `	return w.empty && strings.Trim`, `	return len(w.tasks)%listPage > 0 || w.empty && strings.Trim`}},
	},
	{
		rule: "a task whose id can't be compared is old", tests: "TestATaskWithoutAnIDThatCanBeComparedIsNotAbsent",
		edits: []edit{{"look.go", `{ return numbered(task) && !journal.Newer(task, than) }`, `{ return !journal.Newer(task, than) }`}},
	},
	{
		rule: "the newest known is no bound", seeds: true, tests: "TestOlderTasksAreNotAdopted",
		edits: []edit{{"look.go", `		if older(task.ID, missing.newest) {
			continue
		}
		if r.claims`, `		if r.claims`}},
	},
	{
		rule: "hold takes absence as proven", tests: "TestHoldTakesNoAbsenceAsProven",
		edits: []edit{{"settle.go", `proves := r.o.OnUnknown != Hold && !unclear`, `proves := !unclear`}},
	},
	{
		rule: "nothing is kept back for witnesses", tests: "TestGatewayOutageCostsAFewCellsNothing TestTheLastWithinItsBoundsIsKeptBack",
		edits: []edit{{"admit.go", `	if !any || r.mayLeave(l, usd) > 1 {`, `	if true || !any || r.mayLeave(l, usd) > 1 {`}},
	},
	{
		rule: "adoption while a twin is unanswered, whose answer is believed", tests: "TestReplicatesKeepTheirTasksApart",
		edits: []edit{
			{"adopt.go", `	if !free {
		return nothing, nil
	}
`, `	_ = free
`},
			{"believe.go", `	if err := r.claimed(ctx, sub); err != nil {`, `	if err := r.claimed(ctx, sub); false {`},
		},
	},
	{
		rule: "adoption while another run's twin is unanswered", tests: "TestTwoRunsOfTheSame",
		edits: []edit{{"adopt.go", `	case waits:
		return theirs, nil
`, `	case false && waits:
		return theirs, nil
`}},
	},
	{
		rule: "tasks of other runs are adopted", tests: "TestTwoRunsOfTheSame",
		edits: []edit{{"adopt.go", `	if _, taken, err = r.claimant(ctx, task); taken || err != nil {`, `	if _, taken, err = r.claimant(ctx, task); true || taken || err != nil {`}},
	},
	{
		rule: "marks are not looked for", seeds: true, tests: "TestTwoRunsOnTwoMachines TestTwoRunsOnTwoMachinesWhereTheListRespells",
		edits: []edit{{"look.go", `		if missing.marking.in(task) != its {`, `		if true || missing.marking.in(task) != its {`}},
	},
	{
		rule: "another mark does not rule out", seeds: true, tests: "TestTwoRunsOnTwoMachines TestMarksProveAnAbsence",
		edits: []edit{{"mark.go", `		return b == others && !m.off, nil`, `		return false, nil`}},
	},
	{
		rule: "no mark rules out where none is shown", tests: "TestWhereTheListShowsNoMarks",
		edits: []edit{{"mark.go", `	return m.echoed, nil`, `	return true, nil`}},
	},
	{
		rule: "what does not show its URL has no mark", tests: "TestSomeTasksDoNotShowTheirMark",
		edits: []edit{{"mark.go", `		return mute
`, `		return bare
`}},
	},
	{
		rule: "marks rule out though tasks were taken by likeness", tests: "TestSomeTasksDoNotShowTheirMark",
		edits: []edit{{"look.go", `off: missing.swapped}`, `off: false}`}},
	},
	{
		rule: "kin left out", tests: "TestKinAreThoseThatMayHaveTakenTheTask",
		edits: []edit{{"claims.go", `	for again := true; again; {`, `	for again := false; again; {`}},
	},
	{
		rule: "fallen is the end", tests: "TestAdoptedTaskOfAnotherThatFails",
		edits: []edit{{"cell.go", `	if (adopted || marked(rec)) && rec.State`, `	if false && rec.State`}},
	},
	{
		rule: "what was found by its mark is the only one", tests: "TestASubmitThatIsPassedOnTwice",
		edits: []edit{{"cell.go", `(adopted || marked(rec)) && rec.State`, `adopted && rec.State`}},
	},
	{
		rule: "what shows no URL is no twin", tests: "TestWhatShowsNoURLMayBeATwin",
		edits: []edit{{"look.go", `mute || err != nil || !list`, `false && mute || err != nil || !list`}},
	},
	{
		rule: "a twin is not looked for after cancel", tests: "TestATwinIsLookedForByTheNextStart",
		edits: []edit{{"cancel.go", `case adopted(rec) || marked(rec):`, `case adopted(rec):`}},
	},
	{
		rule: "a twin is not looked for by later starts", tests: "TestATwinIsLookedForByTheNextStart",
		edits: []edit{{"journal/runs.go", `submitted_at IN (intended_at, ?)`, `submitted_at IN (intended_at, substr(?, 1, 0))`}},
	},
	{
		rule: "undelivered is submitted again", tests: "TestUndeliveredIsOnlyDownloadedLater",
		edits: []edit{{"submit.go", `rec.State, rec.Undelivered, rec.Error = journal.Submitted, true, err.Error()`, `rec.State, rec.Error = journal.Cancelled, err.Error()`}},
	},
	{
		rule: "the budget without what is in flight", tests: "TestMoneyAtStakeCounts TestBudgetLetsInWhatItPays TestBudgetCountsWhatHasNoCostYet",
		edits: []edit{{"journal/gate.go", `j.gate.spent.Add(held).Add(cost).GreaterThan`, `j.gate.spent.Add(cost).GreaterThan`}},
	},
	{
		rule: "no latch", tests: "TestWhatHoldsForAllCallsEndsTheSubmitting",
		edits: []edit{{"submit.go", `	r.halt(reasonOf(e))
}`, `}`}},
	},
}
