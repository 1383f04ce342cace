package wiro

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// Every call: where it goes and what it sends.
func TestRequestsOfEachCall(t *testing.T) {
	for _, tt := range []struct {
		path, body string
		call       func(*Client) error
	}{
		{"Task/Detail", `{"taskid":"7"}`, func(c *Client) error { _, err := c.Detail(t.Context(), "7"); return err }},
		{"Task/Detail", `{"tasktoken":"tok"}`, func(c *Client) error { _, err := c.DetailByToken(t.Context(), "tok"); return err }},
		{"Task/Kill", `{"taskid":"7"}`, func(c *Client) error { _, err := c.Kill(t.Context(), "7"); return err }},
		{"Task/Kill", `{"socketaccesstoken":"tok"}`, func(c *Client) error { _, err := c.KillByToken(t.Context(), "tok"); return err }},
		{"Task/Cancel", `{"taskid":"7"}`, func(c *Client) error { _, err := c.Cancel(t.Context(), "7"); return err }},
		{"Task/InputOutputDelete", `{"tasktoken":"tok"}`, func(c *Client) error { return c.InputOutputDelete(t.Context(), "tok") }},
		{"Task/List", `{"type":"model","sort":"id","order":"DESC","start":"0","limit":"20"}`,
			func(c *Client) error { _, err := c.List(t.Context(), ListQuery{}); return err }},
		{"Task/List", `{"type":"model","sort":"id","order":"DESC","start":"40","limit":"100","modelName":"a/b"}`,
			func(c *Client) error {
				_, err := c.List(t.Context(), ListQuery{Start: 40, Limit: 1000, ModelName: "a/b"})
				return err
			}},
		{"Tool/Detail", `{"slugowner":"Qwen","slugproject":"Qwen-Image-Fast"}`,
			func(c *Client) error { _, err := c.Tool(t.Context(), "Qwen/Qwen-Image-Fast"); return err }},
		{"Tool/List", `{"start":"0","limit":"5","search":"qwen","categories":["h100"],"summary":true,"hideworkflows":true}`,
			func(c *Client) error {
				_, err := c.Tools(t.Context(), ToolQuery{Limit: 5, Search: "qwen", Categories: []string{"h100"}, Summary: true, HideWorkflows: true})
				return err
			}},
	} {
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var got, want map[string]any
			json.Unmarshal(body, &got)
			json.Unmarshal([]byte(tt.body), &want)
			if r.Method != "POST" || r.URL.Path != "/v1/"+tt.path || !maps.EqualFunc(got, want, func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
				t.Errorf("%s %s %s, want %s %s", r.Method, r.URL.Path, body, tt.path, tt.body)
			}
			if r.Header.Get("X-Signature") == "" {
				t.Errorf("%s is not signed", tt.path)
			}
			io.WriteString(w, `{"result":true,"tasklist":[{"id":"7","socketaccesstoken":"tok"}],"tool":[{"id":"1"}]}`)
		})
		if err := tt.call(c); err != nil {
			t.Errorf("%s: %v", tt.path, err)
		}
	}
}

func TestAnswersAboutOneTask(t *testing.T) {
	for _, tt := range []struct {
		why, body string
		text      string // of the error, "" for none
		notFound  bool
	}{
		{"the task", `{"result":true,"tasklist":[{"id":7,"status":"task_queue"}]}`, "", false},
		{"the task among others", `{"result":true,"tasklist":[{"id":"6"},{"id":"7","status":"task_queue"}]}`, "", false},
		{"a task that does not say its id", `{"result":true,"tasklist":[{"status":"task_queue"}]}`, "", false},
		{"the task, and no result", `{"tasklist":[{"id":"7","status":"task_queue"}]}`, "", false},
		{"another task", `{"result":true,"tasklist":[{"id":"8","status":"task_postprocess_end"}]}`, "another task", false},
		{"no task", `{"result":true,"tasklist":[]}`, "no such task", true},
		{"no list", `{"result":true}`, "no such task", true},
		{"nothing", `{}`, "does not say", false},
		{"not founded", `{"result":false,"errors":[{"code":1,"message":"task-not-founded"}]}`, "task-not-founded", true},
		{"a general error", `{"result":false,"errors":[{"code":0,"message":"hiccup"}]}`, "hiccup", false},
	} {
		c, _ := serve(t, says(200, tt.body))
		task, err := c.Detail(t.Context(), "7")
		if tt.text == "" {
			if err != nil || task.ID != "7" || task.Status != StatusQueue {
				t.Errorf("%s: %+v, %v", tt.why, task, err)
			}
			continue
		}
		e := failure(t, err)
		if !strings.Contains(e.Error(), tt.text) || e.NotFound() != tt.notFound {
			t.Errorf("%s: %v, not found %v", tt.why, e, e.NotFound())
		}
		if want := map[bool]Disposition{true: FailCell, false: Retry}[tt.notFound]; e.Disposition() != want {
			t.Errorf("%s: %s, want %s", tt.why, e.Disposition(), want)
		}
	}
}

func TestKillWithoutATaskInTheAnswer(t *testing.T) {
	c, _ := serve(t, says(200, `{"result":true,"errors":[]}`))
	if task, err := c.Kill(t.Context(), "7"); err != nil || task.ID != "7" || task.Outcome() != Running {
		t.Errorf("%+v, %v", task, err)
	}
	if task, err := c.KillByToken(t.Context(), "tok"); err != nil || task.Token != "tok" {
		t.Errorf("%+v, %v", task, err)
	}
}

func TestListPages(t *testing.T) {
	for _, tt := range []struct {
		why, body          string
		tasks, rows, total int
	}{
		{"newest first", `{"result":true,"total":"31","tasklist":[{"id":"9"},{"id":"8"}]}`, 2, 2, 31},
		{"no total", `{"result":true,"tasklist":[{"id":"9"}]}`, 1, 1, -1},
		{"nothing in it", `{"result":true,"total":0}`, 0, 0, 0},
		{"an account without tasks", `{"result":false,"errors":[{"code":1,"message":"There is no task yet."}]}`, 0, 0, 0},
		{"an item that is no task", `{"result":true,"total":2,"tasklist":[{"id":"9"},{}]}`, 1, 2, 2},
		{"items that can't be read", `{"result":true,"total":5,"tasklist":[{"id":"9"},null,"x",[],{"id":7}]}`, 2, 5, 5},
	} {
		c, _ := serve(t, says(200, tt.body))
		page, err := c.List(t.Context(), ListQuery{})
		if err != nil || len(page.Tasks) != tt.tasks || page.Rows != tt.rows || page.Total != tt.total {
			t.Errorf("%s: %+v, %v", tt.why, page, err)
		}
		if len(page.Tasks) > 0 && page.Tasks[0].ID != "9" {
			t.Errorf("%s: the order changed: %+v", tt.why, page.Tasks)
		}
	}
}
