package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"wirobatch/pipeline"
	"wirobatch/pipeline/durable"
	"wirobatch/wiro"
	"wirobatch/wiro/sandbox"
)

// The ways in which a process ends before its work does. All but the last two abandon it at that very moment: its
// network is gone, and the next one finds the folder as it was then.
const (
	requestUnsent = "request-unsent" // before the first byte of a request leaves
	requestTorn   = "request-torn"   // a part of a request has left
	requestSent   = "request-sent"   // the service has a request, nobody reads the answer
	answerUnread  = "answer-unread"  // the answer has arrived, and was not looked at
	atCommit      = "commit"         // a transaction of the journal is about to be written
	atFile        = "file"           // a file or folder is about to be made, written, synced, renamed or removed
	atRest        = "rest"           // the network stands still until nothing else moves
	atMoment      = "moment"         // a time
	atEnd         = "end"            // all is done, the journal is not closed
	secondSignal  = "second-signal"  // told to leave at once
	firstSignal   = "first-signal"   // told to finish what runs within the grace
)

var kinds = []string{
	requestUnsent, requestTorn, requestSent, answerUnread, atCommit, atFile, atRest, atMoment, atEnd, secondSignal, firstSignal,
}

// crash is when and how a life ends: at the nth event at its endpoint or commit, or after a time.
type crash struct {
	kind, endpoint string
	nth            int
	after          time.Duration
}

func (c crash) String() string {
	switch c.kind {
	case "":
		return "undisturbed"
	case atCommit, atFile:
		return fmt.Sprintf("%s %d", c.kind, c.nth)
	case atMoment, secondSignal, firstSignal:
		return fmt.Sprintf("%s %v", c.kind, c.after)
	case atEnd:
		return c.kind
	}
	return fmt.Sprintf("%s %s %d", c.kind, c.endpoint, c.nth)
}

// life is one process: from its start on a folder to its end, or to its crash.
type life struct {
	network *network
	folder  string
	crash   crash
	chance  *rand.Rand // for the copy of the folder
	next    string     // where that copy goes

	mu       sync.Mutex
	seen     int
	dead     bool
	over     bool // too late to crash
	released chan struct{}
	abandon  context.CancelFunc
	warnings []string
	stuck    string    // where a run stands that has no end
	worked   time.Time // when it last asked for anything but a list
	idle     bool
}

// idleness is for how long a run that goes on may do no more than ask for lists: lost submits may hold all of the budget, and
// be looked up for three hours while cells wait for it.
const idleness = 4 * time.Hour

// asks notes a request.
func (l *life) asks(endpoint string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if endpoint != "Task/List" {
		l.worked = time.Now()
	} else if !l.worked.IsZero() && time.Since(l.worked) > idleness {
		l.idle = true
	}
}

// endless is longer than any run may take.
const endless = 24 * time.Hour

// stacks are those of the goroutines in the pipeline.
func stacks() string {
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	all := slices.DeleteFunc(strings.Split(string(text), "\n\n"), func(one string) bool {
		return !strings.Contains(one, "pipeline.(*Run)") && !strings.Contains(one, "journal.(*Journal)")
	})
	return strings.Join(all, "\n\n")
}

// reached counts an event, and tells which of kinds the life is to end with here, "" for none.
func (l *life) reached(endpoint string, kinds ...string) string {
	c := l.crash
	resting := c.kind == atRest && kinds[0] == requestUnsent
	if c.endpoint != endpoint || !resting && !slices.Contains(kinds, c.kind) {
		return ""
	}
	l.mu.Lock()
	l.seen++
	now := l.seen == c.nth && !l.dead && !l.over
	if now && resting {
		l.dead = true // what is not the network goes on until all waits
		go func() {
			time.Sleep(time.Nanosecond)
			l.bury()
		}()
	}
	l.mu.Unlock()
	if !now || resting {
		return ""
	}
	return c.kind
}

func (l *life) gone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// wait lets the network of a dead process fail, but not before the folder is copied.
func (l *life) wait() error { <-l.released; return errDead }

// die is the crash, unless the life is over anyhow.
func (l *life) die() {
	l.mu.Lock()
	if l.dead || l.over {
		l.mu.Unlock()
		return
	}
	l.dead = true
	l.mu.Unlock()
	l.bury()
}

// tear gives where a request of so many bytes breaks off.
func (l *life) tear(bytes int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return 1 + l.chance.IntN(bytes)
}

// bury keeps the folder as the dead process has left it, and lets what is left of the process end somehow.
func (l *life) bury() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := copyFolder(l.folder, l.next, l.chance); err != nil {
		panic(err)
	}
	if err := l.move(); err != nil {
		panic(err)
	}
	close(l.released)
	l.abandon()
}

// retire tells whether the life has crashed; from then on it does not.
func (l *life) retire() bool {
	l.mu.Lock()
	dead := l.dead
	l.over = true
	l.mu.Unlock()
	if dead {
		<-l.released
	}
	return dead
}

// live is the life. It returns the folder to go on with, and whether it ended as its crash says.
func (l *life) live(w *world, yaml string, set ...func(*pipeline.Options)) (result pipeline.Result, struck bool, err error) {
	l.released = make(chan struct{})
	ctx, abandon := context.WithTimeout(context.Background(), endless)
	defer abandon()
	l.abandon = abandon
	lives.Store(l.folder, l)
	defer lives.Delete(l.folder)

	client, closeIdle := l.client(w)
	defer closeIdle()
	m := w.parse(yaml)
	o := pipeline.Options{
		Manifest: m, Limits: m.Limits, Client: client, Out: l.folder, Service: "simulation", Version: "simulation",
		Grace: 20 * time.Second, OnUnknown: w.onUnknown, Watch: w.watch, Warn: l.warn,
	}
	if w.twin {
		o.Neighbours = l.neighbours()
	}
	for _, f := range set {
		f(&o)
	}
	stop := make(chan pipeline.Reason, 1)
	signalled := false
	if after := l.crash.after; after > 0 {
		t := time.AfterFunc(after, func() {
			l.mu.Lock()
			over := l.over
			signalled = !over
			l.mu.Unlock()
			switch l.crash.kind {
			case firstSignal:
				stop <- pipeline.Terminated
			case secondSignal:
				abandon()
			default:
				l.die()
			}
		})
		defer t.Stop()
	}

	r, err := pipeline.Open(ctx, o)
	if err == nil {
		t := time.AfterFunc(endless-time.Minute, func() { l.stuck = fmt.Sprintf("%+v\n%s", r.Progress(), stacks()) })
		result, err = r.Do(ctx, stop)
		t.Stop()
		if l.crash.kind == atEnd {
			l.die()
		}
	}
	dead := l.retire()
	if r != nil {
		if closing := r.Close(); !dead {
			err = errors.Join(err, closing)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case dead:
		return result, true, nil
	case signalled && l.crash.kind == secondSignal:
		return result, true, nil
	case l.idle:
		err = errors.Join(err, fmt.Errorf("for %v it did nothing but ask for lists", idleness))
	case err == nil && ctx.Err() != nil:
		err = fmt.Errorf("the run had no end within %v: %s", endless, l.stuck)
	}
	return result, signalled, err
}

// neighbours is where the runs of one world find each other.
func (l *life) neighbours() string { return filepath.Join(filepath.Dir(l.folder), "neighbours") }

// move lets the others see the copy of the folder in its place: the dead process does no more.
func (l *life) move() error {
	entries, err := filepath.Glob(filepath.Join(l.neighbours(), "*", "????????????????????"))
	for _, entry := range entries {
		if path, failed := os.ReadFile(entry); failed == nil && string(path) == l.folder {
			err = errors.Join(err, os.WriteFile(entry+".next", []byte(l.next), 0o600), os.Rename(entry+".next", entry))
		}
	}
	return err
}

func (l *life) client(w *world) (_ *wiro.Client, closeIdle func()) {
	transport := &http.Transport{DialContext: l.dial, MaxIdleConnsPerHost: 64}
	client, err := wiro.New(wiro.Options{
		BaseURL: base, Key: wiro.NewSecret("sandbox"), Secret: wiro.NewSecret(w.secret), Transport: transport,
		SocketURL: "ws" + strings.TrimPrefix(strings.TrimSuffix(base, "/v1"), "http") + sandbox.SocketPath,
	})
	if err != nil {
		panic(err)
	}
	return client, transport.CloseIdleConnections
}

func (l *life) warn(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.warnings) < 200 {
		l.warnings = append(l.warnings, time.Now().Format("15:04:05.000 ")+text)
	}
}

// lives are those under way by their folders, so that a commit finds its own.
var lives sync.Map

// Crashes at a file go by the path that a step of package durable is about.
func init() {
	durable.Before = func(path string) {
		lives.Range(func(folder, l any) bool {
			ours := strings.HasPrefix(path, folder.(string)+string(filepath.Separator))
			if ours && l.(*life).reached("", atFile) != "" {
				l.(*life).die()
			}
			return !ours
		})
	}
}

// Crashes at a transaction of the journal go by the hook that SQLite calls just before it writes one.
func init() {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) error {
		u, err := url.Parse(dsn)
		if err != nil || u.Query().Get("mode") == "ro" {
			return nil
		}
		found, ok := lives.Load(filepath.Dir(filepath.Dir(filepath.FromSlash(u.Path))))
		if !ok {
			return nil
		}
		l := found.(*life)
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if l.reached("", atCommit) != "" {
				l.die()
			}
			return 0
		})
		return nil
	})
}
