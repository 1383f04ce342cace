package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

//go:embed starter.yaml
var starter []byte

func (p *program) init() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented manifest to start from",
		Example: `  wirobatch init                 writes wirobatch.yaml
  wirobatch init dragons.yaml`,
		ValidArgsFunction: completeFile("yaml", "yml"),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%q is one argument too many: %s", args[1], c.UseLine())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			name := "wirobatch.yaml"
			if len(args) == 1 {
				name = args[0]
			}
			if name == "" || name == "-" {
				return usage("%q is no name for a file: wirobatch init [FILE]", name)
			}
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, os.ErrExist) {
				return &exit{code: codeUsage, err: fmt.Errorf("%s is there already: nothing was written", name), hint: "give another name: wirobatch init FILE"}
			}
			if err != nil {
				return err
			}
			_, err = f.Write(starter)
			if err = errors.Join(err, f.Close()); err != nil {
				return err
			}
			fmt.Fprintf(p.stderr, "Edit it, then try it offline: wirobatch run --sandbox %s\n", shellWord(name))
			_, err = fmt.Fprintln(p.stdout, name)
			return err
		},
	}
}
