package cli

import (
	"github.com/spf13/cobra"

	"wirobatch/manifest"
)

func (p *program) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the manifest, for editors that complete it",
		Example: `  wirobatch schema > wirobatch.schema.json
  # then, as the first line of a manifest:
  # yaml-language-server: $schema=wirobatch.schema.json`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := p.stdout.Write(manifest.Schema())
			return err
		},
	}
}
