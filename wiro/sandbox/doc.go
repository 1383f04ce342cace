// Package sandbox is a local Wiro: an http.Handler that speaks the Wiro API as its public pages
// describe it, so that runs can be rehearsed, tested and measured without a key and without money.
//
// The caller serves it:
//
//	s := sandbox.New(sandbox.Options{Speed: 10})
//	defer s.Close()
//	http.ListenAndServe("127.0.0.1:8080", s) // base URL http://127.0.0.1:8080/v1
//
// A task is a timeline that is computed from the clock: it costs some memory, but no goroutine and
// no timer. Money is settled exactly, though lazily: whenever a request comes or a figure is read,
// the tasks that ended before now are billed in the order of their ends. All chance (durations,
// faults, the shape of an answer) comes from Options.Seed and from what was asked, not from the
// order of requests, so that the same work meets the same fate again.
//
// Where the public sources of the API disagree, Options.Shape says which of them is played.
package sandbox
