package pipeline

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"wirobatch/wiro"
)

// A mark is a query parameter that the callbackUrl of a submit gets. Where the service shows that URL, it tells whose a task is: a
// submit whose answer never came has made the task that shows its mark, and none that shows another.
const (
	callbackURL = "callbackUrl"
	markName    = "wirobatch"
	markDigits  = 32
)

// marking is what a submit was sent to, and the mark in it; both are "" where there is none.
type marking struct{ url, mark string }

// markingOf gives that of a submit. It comes of what is durable before the request leaves: the cell, which keeps its URL, and the
// time of the intent, as the journal keeps it. The number of the attempt is not in it: the search beyond a task that was found
// counts as another one.
func markingOf(secret, cell string, sent map[string]string, intended time.Time) marking {
	m := marking{url: sent[callbackURL]}
	if u, err := url.Parse(m.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return m // nothing can be added to it
	}
	hash := hmac.New(sha256.New, []byte(secret))
	fmt.Fprint(hash, cell, " ", intended.UnixMilli())
	m.mark = hex.EncodeToString(hash.Sum(nil))[:markDigits]
	return m
}

// sent is the URL with the mark as the last parameter of its query. The rest stays as it is.
func (m marking) sent() string {
	if m.mark == "" {
		return m.url
	}
	head, fragment, cut := strings.Cut(m.url, "#")
	switch {
	case !strings.Contains(head, "?"):
		head += "?"
	case !strings.HasSuffix(head, "?") && !strings.HasSuffix(head, "&"):
		head += "&"
	}
	head += markName + "=" + m.mark
	if cut {
		head += "#" + fragment
	}
	return head
}

// marksIn are the marks that a URL shows. A service may escape what it shows, add to it, and order it anew.
func marksIn(shown string) (all []string) {
	shown, _, _ = strings.Cut(shown, "#")
	const between = "?&;"
	query := strings.IndexAny(shown, between)
	if query < 0 {
		return nil
	}
	for part := range strings.FieldsFuncSeq(shown[query:], func(r rune) bool { return strings.ContainsRune(between, r) }) {
		mark, is := strings.CutPrefix(part, markName+"=")
		if is && len(mark) == markDigits && strings.Trim(mark, "0123456789abcdef") == "" {
			all = append(all, mark)
		}
	}
	return all
}

// bearing is what a task shows of the mark of a submit.
type bearing int

const (
	mute   bearing = iota // nothing: it does not show its URL
	bare                  // a URL without a mark, or that it has none
	its                   // that mark
	others                // another one
)

// in holds a task against a submit. What the URL has of itself is no mark.
func (m marking) in(task wiro.Task) bearing {
	if task.CallbackURL == nil {
		return mute
	}
	shown := marksIn(*task.CallbackURL)
	if slices.Contains(shown, m.mark) {
		return its
	}
	if slices.ContainsFunc(shown, func(mark string) bool { return !strings.Contains(m.url, mark) }) {
		return others
	}
	return bare
}

// marks are what those in a list tell of a lost submit.
type marks struct {
	of     marking
	tasks  []wiro.Task
	sentBy func(context.Context, wiro.Task) (marking, error) // what was sent for a task of ours, nothing for others
	off    bool                                              // tasks were taken by likeness: what shows another's mark may be left for this one
	asked  bool
	echoed bool
}

// ruleOut reports whether a task is another's by what it shows. That it shows no mark tells where those of ours show theirs.
func (m *marks) ruleOut(ctx context.Context, task wiro.Task) (bool, error) {
	b := m.of.in(task)
	if m.off || b != bare || m.of.mark == "" {
		return b == others && !m.off, nil
	}
	if !m.asked {
		echoed, err := m.echoes(ctx)
		if err != nil {
			return false, err
		}
		m.asked, m.echoed = true, echoed
	}
	return m.echoed, nil
}

// echoes reports whether the list shows the marks of ours that went to the same URL: of one at least, and of all that show any
// URL, for it may cut what is long, or show it for a time.
func (m *marks) echoes(ctx context.Context) (echoed bool, err error) {
	for _, task := range m.tasks[:min(len(m.tasks), spelledTasks)] {
		if task.CallbackURL == nil {
			continue
		}
		sent, err := m.sentBy(ctx, task)
		if err != nil {
			return false, err
		}
		if sent.mark == "" || sent.url != m.of.url {
			continue
		}
		if sent.in(task) != its {
			return false, nil
		}
		echoed = true
	}
	return echoed, nil
}

// markingOf gives what a task of a cell of ours was sent to.
func (r *Run) markingOf(ctx context.Context, task wiro.Task) (marking, error) {
	owner, known, err := r.journal.Owner(ctx, task.ID)
	if err != nil || !known {
		return marking{}, err
	}
	return markingOf(r.journal.Secret(), owner.Cell, params(owner.Params), owner.IntendedAt), nil
}
