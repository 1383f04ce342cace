#!/usr/bin/env bash
# Takes the pictures of the README anew, of a run against the sandbox. It needs a browser (chromium).
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
go run . run --sandbox --out "$out/quickstart" examples/quickstart.yaml
sed 's/scale: 4.5/scale: 8/' examples/quickstart.yaml >"$out/scale-8.yaml"
go run . run --sandbox --out "$out/scale-8" "$out/scale-8.yaml"
go run . compare "$out/quickstart" "$out/scale-8" --page "$out/pairs.html"
go test ./pipeline/report/page -count=1 -run '^TestScreenshots$' -v -args -of "$out/quickstart" -pair "$out/pairs.html" -into "$PWD/examples"
ls -l examples/*.jpg
