package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"wirobatch/manifest"
	"wirobatch/wiro/sandbox"
)

func (p *program) sandbox() *cobra.Command {
	var (
		o                             sandbox.Options
		addr, ledger, faults, balance string
		shape                         string
	)
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve a local Wiro to rehearse against",
		Long: `Serve a local Wiro on loopback until a signal stops it. Its first line on stdout is its
base URL, its second that of its websocket. It accepts the key and secret in WIRO_API_KEY
and WIRO_API_SECRET (without them: the key "sandbox" and no secret). It keeps its tasks in
memory: stopped, it has forgotten them. With faults, its last lines on stderr say how often
each of them struck.

Faults, each with a probability from 0 to 1:
` + faultHelp(),
		Example: `  wirobatch sandbox --addr 127.0.0.1:8080 --ledger ledger.jsonl
  wirobatch sandbox --faults task_fail=0.1,run_502_after=0.05 --seed 7

  # in another terminal
  WIRO_BASE_URL=http://127.0.0.1:8080/v1 WIRO_API_KEY=sandbox wirobatch run grid.yaml`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o.Key, o.Secret = p.getenv("WIRO_API_KEY"), p.getenv("WIRO_API_SECRET")
			usd, err := manifest.ParseBudget(balance)
			if err != nil {
				return usage("--balance %w", err)
			}
			o.Balance = usd.Decimal
			if o.Faults, err = sandbox.ParseFaults(faults); err != nil {
				return usage("--faults: %w", err)
			}
			var ok bool
			if o.Shape, ok = shapes[shape]; !ok {
				return usage("--shape %q is not known: seed, documentation or mixed", shape)
			}
			switch {
			case !(o.Speed >= 0.001 && o.Speed <= 1e6): // also what is no number
				return usage("--speed must be from 0.001 to 1000000; --instant lets every task end at once")
			case o.Workers < 0:
				return usage("--workers must not be negative")
			case o.PictureSize < 16 || o.PictureSize > 512:
				return usage("--picture-size must be from 16 to 512")
			}
			if ledger != "" {
				f, openErr := os.OpenFile(ledger, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
				if openErr != nil {
					return openErr
				}
				defer func() { err = errors.Join(err, f.Close()) }()
				o.Ledger = f
			}
			o.Instance = rand.Uint64() // one on the same address has been another service, with its own tasks
			return p.serve(c.Context(), addr, sandbox.New(o), o.Faults)
		},
	}
	f := c.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:0", "loopback `ADDRESS` to listen on; port 0 takes a free one")
	f.StringVar(&ledger, "ledger", "", "append what was accepted and billed to `FILE`, as JSON lines")
	f.StringVar(&faults, "faults", "", "`FAULTS` to play, as name=probability,…")
	f.Float64Var(&o.Speed, "speed", 1, "how many times as fast as ours its clock runs, `N`")
	f.BoolVar(&o.Instant, "instant", false, "let every task end at once")
	f.StringVar(&balance, "balance", "1000", "balance of the account in `USD`; up to 250 it limits the tasks at once to a tenth of it")
	f.Uint64Var(&o.Seed, "seed", 1, "seed `N` of all chance")
	f.StringVar(&shape, "shape", "mixed", "how answers look: `SHAPE` seed, documentation or mixed")
	f.IntVar(&o.Workers, "workers", 0, "workers that tasks queue for, `N`; 0: one for each task")
	f.IntVar(&o.PictureSize, "picture-size", 512, "longest side of the pictures in `PIXELS`, 512 at most")
	completeFlag(c, "shape", "seed", "documentation", "mixed")
	return c
}

var shapes = map[string]sandbox.Shape{
	sandbox.ShapeSeed.String(): sandbox.ShapeSeed, sandbox.ShapeDocumentation.String(): sandbox.ShapeDocumentation, sandbox.ShapeMixed.String(): sandbox.ShapeMixed,
}

func faultHelp() string {
	var b strings.Builder
	for _, f := range sandbox.AllFaults() {
		fmt.Fprintf(&b, "  %-22s %s\n", f.Name, f.Meaning)
	}
	return strings.TrimRight(b.String(), "\n")
}

// serve runs a sandbox on addr until a signal comes, and says in the end how often each fault struck.
func (p *program) serve(ctx context.Context, addr string, s *sandbox.Sandbox, faults sandbox.Faults) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := listenLoopback(addr)
	if err != nil {
		return err
	}
	host := l.Addr().String()
	if _, err := fmt.Fprintf(p.stdout, "http://%s/v1\nws://%s%s\n", host, host, sandbox.SocketPath); err != nil {
		return errors.Join(err, l.Close(), s.Close())
	}
	fmt.Fprintln(p.stderr, "The sandbox is listening; Ctrl-C stops it.")
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	err = errors.Join(server.Close(), s.Close())
	if len(faults) > 0 {
		fmt.Fprint(p.stderr, struck(faults, s.FaultCounts()))
	}
	return err
}

// struck is a line for each fault that was asked for, also for one that chance never picked.
func struck(faults sandbox.Faults, counts map[string]int) string {
	var b strings.Builder
	b.WriteString("Faults that struck:\n")
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		fmt.Fprintf(&b, "  %-22s %d\n", name, counts[name])
	}
	return b.String()
}

// listenLoopback refuses addresses that others on the network could reach: the sandbox's key is no secret.
func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usage("--addr %q is no host:port: %v", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usage("--addr %q is not on loopback; take 127.0.0.1, [::1] or localhost", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, &exit{code: codeDisk, err: err, hint: "is something else listening there? --addr 127.0.0.1:0 takes a free port"}
	}
	return l, nil
}
