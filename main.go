// Command wirobatch runs grids of image generations on the Wiro API. See README.md.
package main

import (
	"os"

	"wirobatch/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
