package wiro

import (
	"math"
	"strings"
	"testing"
	"unicode"
)

func TestFrames(t *testing.T) {
	for _, tt := range []struct {
		why, data string
		want      Frame
		none      bool
	}{
		{why: "the older shape", data: `{"type":"task_start","id":"7","tasktoken":"t","message":null,"result":true}`,
			want: Frame{Token: "t", TaskID: "7", Status: StatusStart, Percent: -1}},
		{why: "the newer shape", data: `{"type":"task_postprocess_end","id":7,"message":[{"url":"u"}],"result":true,"success":true,"terminal":true,"exitCode":0}`,
			want: Frame{TaskID: "7", Status: StatusPostprocessEnd, Last: true, Percent: -1}},
		{why: "the older one's end", data: `{"type":"task_cancel","tasktoken":"t"}`, want: Frame{Token: "t", Status: StatusCancel, Last: true, Percent: -1}},
		{why: "a status of tomorrow that is the last", data: `{"type":"task_gone","id":"7","terminal":"1"}`,
			want: Frame{TaskID: "7", Status: "task_gone", Last: true, Percent: -1}},
		{why: "progress as a string", data: `{"type":"task_output","id":"7","message":{"percentage":"62.5","stepCurrent":"5"}}`,
			want: Frame{TaskID: "7", Status: StatusOutput, Percent: 62.5}},
		{why: "with its sign", data: `{"type":"task_output","id":"7","message":{"percentage":"60 %"}}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: 60}},
		{why: "as a number", data: `{"type":"task_output","id":"7","message":{"percentage":100}}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: 100}},
		{why: "inside a string", data: `{"type":"task_output","id":"7","message":"{\"percentage\":\"5\"}"}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: 5}},
		{why: "no number", data: `{"type":"task_output","id":"7","message":{"percentage":"NaN"}}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: -1}},
		{why: "too large a number", data: `{"type":"task_output","id":"7","message":{"percentage":1e400}}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: -1}},
		{why: "beyond the end", data: `{"type":"task_output","id":"7","message":{"percentage":"100.1"}}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: -1}},
		{why: "before the beginning", data: `{"type":"task_output","id":"7","message":{"percentage":-1}}`, want: Frame{TaskID: "7", Status: StatusOutput, Percent: -1}},
		{why: "the greeting", data: `{"type":"connected","version":"1.0","result":true}`, none: true},
		{why: "a registration refused", data: `{"type":"error","message":"There is no task yet.","result":false}`, none: true},
		{why: "no type", data: `{"id":"7"}`, none: true},
		{why: "an id of a megabyte", data: `{"type":"task_end","id":"` + strings.Repeat("7", 1<<20) + `"}`, none: true},
		{why: "null", data: `null`, none: true},
		{why: "a list", data: `[{"type":"task_end","id":"7"}]`, none: true},
		{why: "nothing", data: ``, none: true},
		{why: "half a frame", data: `{"type":"task_end","id":"7"`, none: true},
		{why: "very deep", data: `{"type":"task_end","id":` + strings.Repeat("[", 1<<20), none: true},
	} {
		got, ok := parseFrame([]byte(tt.data))
		if ok == tt.none || ok && got != tt.want {
			t.Errorf("%s: %+v, %v", tt.why, got, ok)
		}
	}
}

func FuzzFrame(f *testing.F) {
	for _, s := range []string{
		`{"type":"task_output","id":"7","tasktoken":"t","message":{"percentage":"62.5","stepCurrent":"5"},"result":true}`,
		`{"type":"task_postprocess_end","id":7,"message":[{"url":"u"}],"success":null,"terminal":true,"exitCode":0}`,
		`{"type":["x"],"id":{"a":1},"message":"{\"percentage\":1e99}","terminal":[]}`,
		`{"type":"connected","version":"1.0"}`, `null`, `[]`, `{"message":{"percentage":"NaN%"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, ok := parseFrame(data)
		if !ok {
			return
		}
		if p := frame.Percent; math.IsNaN(p) || p != -1 && (p < 0 || p > 100) {
			t.Errorf("%v %%", p)
		}
		if frame.Token == "" && frame.TaskID == "" || frame.Status == "" || frame.Status.Terminal() && !frame.Last {
			t.Errorf("%+v", frame)
		}
		for _, s := range []string{frame.Token, frame.TaskID, string(frame.Status)} {
			if len(s) > 4*maxID || strings.ContainsFunc(s, unicode.IsControl) {
				t.Errorf("a text of %d bytes: %q", len(s), s)
			}
		}
	})
}
