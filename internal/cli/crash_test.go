package cli

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

var (
	crashCells = flag.Int("crash.cells", 800, "cells of the run that is killed")
	crashKills = flag.Int("crash.kills", 6, "how often it is killed")
	crashTerms = flag.Int("crash.terms", 3, "how often it is sent SIGTERM, after the kills")
)

// TestKilledRunIsGoneOnWith kills the real program with SIGKILL, then stops it with SIGTERM, at random moments, against the real sandbox in a process
// of its own, and goes on until the grid is done. Rows, files and the sandbox's ledger must then agree to the last cent.
// The long form: go test ./internal/cli -run Killed -crash.cells 10000 -crash.kills 1 -v
func TestKilledRunIsGoneOnWith(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "wirobatch"+exe())
	if out, err := exec.Command("go", "build", "-o", program, "wirobatch").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	ledger := filepath.Join(dir, "ledger.jsonl")
	manifest := filepath.Join(dir, "crash.yaml")
	// Replicates are alike: after a kill their tasks can only be told apart by what the journal knows.
	text := fmt.Sprintf("{version: 1, name: crash, model: Qwen/Qwen-Image-Fast, matrix: {prompt: [a, b], seed: 1..%d}, repeat: 2, limits: {concurrency: 64}}", *crashCells/4)
	if err := os.WriteFile(manifest, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cells := *crashCells / 4 * 4
	url := serveSandbox(t, program, "--instant", "--picture-size", "16", "--ledger", ledger)

	killed, stopped, went := 0, 0, time.Duration(0)
	disturbances := *crashKills + *crashTerms
	if runtime.GOOS == "windows" { // it has no SIGTERM
		disturbances = *crashKills
	}
	for kill := 0; ; kill++ {
		run := exec.Command(program, "run", manifest, "--out", filepath.Join(dir, "out"))
		run.Env = append(os.Environ(), "WIRO_BASE_URL="+url, "WIRO_API_KEY=sandbox")
		var said bytes.Buffer
		run.Stdout, run.Stderr = &said, &said
		begun := time.Now()
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		if kill < disturbances {
			// Somewhere in the first part of what is left: a cell takes about a millisecond.
			after := time.Duration(50+rand.IntN(max(1, cells/(disturbances+1)))) * time.Millisecond
			with := os.Kill
			if kill >= *crashKills {
				with = syscall.SIGTERM
			}
			time.AfterFunc(after, func() { run.Process.Signal(with) })
		}
		err := run.Wait()
		went += time.Since(begun)
		if kill < *crashKills && run.ProcessState.ExitCode() == -1 {
			killed++
			continue
		}
		if code := run.ProcessState.ExitCode(); kill >= *crashKills && kill < disturbances {
			switch code {
			case 143:
				stopped++
				continue
			case -1: // before it listened for signals
				continue
			case 0, 8: // it was faster
			default:
				t.Fatalf("exit %d after SIGTERM: %v\n%s", code, err, said.String())
			}
		}
		t.Logf("peak memory %d MB", peakMB(run.ProcessState))
		if limit := 150; peakMB(run.ProcessState) > limit {
			t.Errorf("peak memory is over %d MB", limit)
		}
		if code := run.ProcessState.ExitCode(); err != nil && code != 8 {
			t.Fatalf("exit %d: %v\n%s", code, err, said.String())
		}
		break
	}
	if killed < (*crashKills+1)/2 {
		t.Errorf("killed %d times of %d: the moments were too late to mean anything", killed, *crashKills)
	}
	if terms := disturbances - *crashKills; stopped < (terms+1)/2 {
		t.Errorf("stopped %d times of %d by SIGTERM: the moments were too late to mean anything", stopped, terms)
	}
	held := agree(t, filepath.Join(dir, "out"), ledger, cells)
	t.Logf("%d cells, killed %d times, stopped %d times, %d submits held, %v of running", cells, killed, stopped, held, went.Round(time.Millisecond))
}

// agree holds rows, files and ledger against each other, and gives the number of cells that are held.
func agree(t *testing.T, out, ledger string, cells int) (held int) {
	t.Helper()
	accepted, billed := map[string]bool{}, map[string]decimal.Decimal{}
	for _, e := range readLedger(t, ledger) {
		switch e.Event {
		case "accepted":
			accepted[e.Task] = true
		case "billed":
			billed[e.Task] = e.Cost
		}
	}
	seen, sum, total := map[string]bool{}, decimal.Zero, decimal.Zero
	for _, cost := range billed {
		total = total.Add(cost)
	}
	rows := readRows(t, filepath.Join(out, "results.csv"))
	for _, row := range rows {
		switch row["status"] {
		case "held":
			held++
			continue
		case "done":
		default:
			t.Errorf("cell %s is %s: %s", row["id"], row["status"], row["error"])
			continue
		}
		if seen[row["task_id"]] {
			t.Errorf("task %s is the task of two cells", row["task_id"])
		}
		seen[row["task_id"]] = true
		cost := decimal.RequireFromString(row["cost_usd"])
		sum = sum.Add(cost)
		if !cost.Equal(billed[row["task_id"]]) {
			t.Errorf("task %s cost %s by the row, %s by the ledger", row["task_id"], cost, billed[row["task_id"]])
		}
		data, err := os.ReadFile(filepath.Join(out, row["file"]))
		if hash := sha256.Sum256(data); err != nil || hex.EncodeToString(hash[:]) != row["sha256"] {
			t.Errorf("%s is not what its row says: %v", row["file"], err)
		}
	}
	if len(rows) != cells || len(seen)+held != cells {
		t.Errorf("%d rows, %d done and %d held of %d cells", len(rows), len(seen), held, cells)
	}
	// A held cell is one whose request was killed before it left: the ledger does not have it.
	if len(accepted) != len(seen) || !sum.Equal(total) {
		t.Errorf("%d tasks in the ledger and %d in the rows, $%s billed and $%s in the rows", len(accepted), len(seen), total, sum)
	}
	return held
}

type entry struct {
	Event, Task string
	Cost        decimal.Decimal
}

func readLedger(t *testing.T, name string) (all []entry) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func readRows(t *testing.T, name string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// serveSandbox starts the sandbox in a process of its own, and gives its base URL: the first line that it prints.
func serveSandbox(t *testing.T, program string, args ...string) (url string) {
	t.Helper()
	c := exec.Command(program, append([]string{"sandbox"}, args...)...)
	c.Env = append(os.Environ(), "WIRO_API_KEY=sandbox", "WIRO_API_SECRET=")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(os.Interrupt)
		if err := c.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
			t.Error(err)
		}
	})
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the sandbox said nothing: %v", err)
	}
	return strings.TrimSpace(url)
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
