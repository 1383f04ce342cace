package sandbox

import (
	"bytes"
	"image/png"
	"testing"
)

func TestInstantRun(t *testing.T) {
	var ledger bytes.Buffer
	r := serve(t, Options{Instant: true, Shape: ShapeSeed, Ledger: &ledger, PictureSize: 64})
	run := r.call(fast, fields{"prompt": "a fox", "aspectRatio": "16:9", "seed": "7", "scale": "4.50"})
	task := r.task(run.str("taskid"))
	if task.str("status") != "task_postprocess_end" {
		t.Fatalf("an instant task is %s on its first Detail", task.str("status"))
	}
	out := task.list("outputs")[0]
	resp, data, err := r.get(out.str("url"))
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/png" {
		t.Fatalf("download: %v %v", resp, err)
	}
	if out.str("size") != resp.Header.Get("Content-Length") {
		t.Errorf("size %s, Content-Length %s", out.str("size"), resp.Header.Get("Content-Length"))
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != 64 || img.Bounds().Dy() != 36 {
		t.Errorf("picture of %v, %v; want 64×36", img.Bounds(), err)
	}
	charges := r.Charges()
	if len(charges) != 1 || charges[0].Parameters["scale"] != "4.50" || charges[0].Model != "Qwen/Qwen-Image-Fast" {
		t.Errorf("charges %v", charges)
	}
	if l := lines(t, &ledger); len(l) != 2 || l[0].str("event") != "accepted" || l[1].str("cost") != charges[0].Cost.String() {
		t.Errorf("ledger %v", l)
	}
}
