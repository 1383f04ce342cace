package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the release; a build between releases says its commit as well.
const Version = "0.1.0"

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return Version + "+" + s.Value[:12]
		}
	}
	return Version
}

func versionLine() string {
	return fmt.Sprintf("wirobatch %s %s/%s %s", version(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

func userAgent() string {
	return "wirobatch/" + Version + " (" + runtime.GOOS + "; " + runtime.GOARCH + ")"
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: `  wirobatch version`,
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.stdout, versionLine())
			return err
		},
	}
}
