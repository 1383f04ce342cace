package cli

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"wirobatch/pipeline"
)

// stagesFile, in the run's own folder, says where its cells in flight are, for those who look on: no journal has that. It is
// written anew each second and not synced, and lost when it can't be.
const stagesFile = "stages.json"

const (
	stagesEvery = time.Second
	stagesHold  = 10 * time.Second // older ones are of a run that hangs
	stagesMost  = 4 << 10          // bytes
)

// stages is where the cells in flight are.
type stages struct {
	PID         int       `json:"pid"`
	At          time.Time `json:"at"`
	Waiting     int       `json:"waiting"` // on the service, as far as it tells
	Running     int       `json:"running"`
	Downloading int       `json:"downloading"`
	LookedUp    int       `json:"looked_up"`
	Underway    float64   `json:"underway"` // how much of the running cells is done, in cells
	Stopping    bool      `json:"stopping"`
}

func stagesOf(r *pipeline.Run) stages {
	p := r.Progress()
	waiting, running := r.Stages()
	return stages{os.Getpid(), time.Now(), waiting, running, p.Downloading, p.LookedUp, r.Underway(), r.Stopping()}
}

// tellStages writes them until the screen ends.
func (s *screen) tellStages(r *pipeline.Run, out string) {
	name := filepath.Join(out, ".wirobatch", stagesFile)
	s.done.Go(func() {
		defer os.Remove(name)
		tick := time.NewTicker(stagesEvery)
		defer tick.Stop()
		for {
			if data, err := json.Marshal(stagesOf(r)); err == nil && os.WriteFile(name+".new", data, 0o600) == nil {
				_ = os.Rename(name+".new", name)
			}
			select {
			case <-s.over.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// readStages gives those of the run of a process, nil when it does not say.
func readStages(own string, pid int, now time.Time) *stages {
	f, err := os.Open(filepath.Join(own, stagesFile))
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, stagesMost))
	var s stages
	if err != nil || json.Unmarshal(data, &s) != nil || s.PID != pid || now.Sub(s.At).Abs() > stagesHold {
		return nil
	}
	if min(s.Waiting, s.Running, s.Downloading, s.LookedUp) < 0 || s.Underway < 0 {
		return nil
	}
	return &s
}
