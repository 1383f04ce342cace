// Package cli is the command line of wirobatch: flags, terminal, signals and exit codes around the rooms that do the work.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// program is what a command has of the outside world. Results go to stdout, all else to stderr.
type program struct {
	getenv         func(string) string
	stdout, stderr io.Writer
}

// Main runs one command line and returns its exit code.
func Main(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	p := &program{getenv: getenv, stdout: stdout, stderr: stderr}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteC()
	return p.report(command, err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "wirobatch",
		Short: "Run grids of image generations on Wiro",
		Long: `wirobatch runs a grid of generations on the Wiro API. A YAML manifest spans
prompt × aspect ratio × seed × any parameter; the pictures, and a CSV of their costs
and timings, come out. The same command goes on with a run that was stopped.

Environment:
  WIRO_API_KEY     the project's API key
  WIRO_API_SECRET  its secret; leave it unset for a key-only project
  WIRO_BASE_URL    another service, such as that of "wirobatch sandbox"
  WIRO_SOCKET_URL  its websocket; another service has none without it
  NO_COLOR         set to anything: no colours

Exit codes:
` + exitCodes(),
		Example: `  wirobatch init                          write a manifest to start from
  wirobatch plan wirobatch.yaml           what would be done
  wirobatch run --sandbox wirobatch.yaml  rehearse offline, without a key
  wirobatch run wirobatch.yaml            do it, or go on with it`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate(versionLine() + "\n")
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages", "Flags.FlagUsagesWrapped 88"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongFlag(err) })
	root.AddCommand(p.run(), p.plan(), p.status(), p.reportCommand(), p.compare(), p.export(), p.cancel(), p.sandbox(), p.schema(), p.init(), p.version())
	strictHelp(root)
	strictCompletion(root)
	return root
}

func unknownCommand(c *cobra.Command, name string) error {
	c.SuggestionsMinimumDistance = 2
	if like := c.SuggestionsFor(name); len(like) > 0 {
		return usage("there is no command %q; did you mean %q?", name, like[0])
	}
	return usage("there is no command %q", name)
}

// wrongFlag says what a flag wants in place of what the parser of its value says.
func wrongFlag(err error) error {
	cause, want := errors.Unwrap(err), ""
	var number *strconv.NumError
	switch {
	case errors.Is(err, strconv.ErrRange):
		want = "that is too large a number"
	case errors.As(err, &number):
		want = map[string]string{
			"ParseInt": "write a whole number", "ParseUint": "write a whole number from 0 up", "ParseFloat": "write a number", "ParseBool": "write true or false",
		}[number.Func]
	case cause != nil && strings.HasPrefix(cause.Error(), "time: "):
		want = "write a time such as 30s or 5m"
	}
	if want == "" {
		return usage("%w", err)
	}
	about := strings.TrimSuffix(err.Error(), cause.Error()) // names the flag, and what it was given
	return usage("%s%s", about, want)
}

// exactly checks the arguments of a command, named as its usage line names them.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage("%s is missing: %s", names[len(args)], c.UseLine())
		case len(args) > len(names):
			return usage("%q is one argument too many: %s", args[len(names)], c.UseLine())
		}
		return nil
	}
}

// report prints what went wrong and gives the code to exit with.
func (p *program) report(c *cobra.Command, err error) int {
	if err == nil {
		return 0
	}
	e := classify(err)
	if e.err != nil {
		text := strings.TrimRight(e.err.Error(), "\n")
		if e.code != codeManifest { // mistakes begin with their file already, for editors to jump there
			text = "wirobatch: " + text
		}
		fmt.Fprintln(p.stderr, text)
	}
	if e.hint == "" && e.code == codeUsage {
		e.hint = "see: " + c.CommandPath() + " --help"
	}
	if e.hint != "" {
		fmt.Fprintln(p.stderr, "hint:", e.hint)
	}
	return e.code
}
