#!/usr/bin/env bash
# Takes the pictures of the README anew, of a run against the sandbox. It needs a browser (chromium).
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go run . run --sandbox --out "$out/quickstart" examples/quickstart.yaml
go test ./pipeline/report/page -count=1 -run '^TestScreenshots$' -v -args -of "$out/quickstart" -into "$PWD/examples"
ls -l examples/*.jpg
