package wiro_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"wirobatch/wiro"
)

// example answers as Wiro does, so that the examples run.
func example() *httptest.Server {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	answer := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	}
	answer("POST /v1/Run/Qwen/Qwen-Image-Fast", `{"errors":[],"taskid":"2221","socketaccesstoken":"eDcCm5yy","result":true}`)
	answer("POST /v1/Task/Detail", `{"total":"1","errors":[],"tasklist":[{"id":"2221","status":"task_postprocess_end","pexit":"0",
		"elapsedseconds":"6.0000","cps":"0.000585000000","createtime":"1734513807","starttime":"1734513809","endtime":"1734513813",
		"outputs":[{"name":"0.png","contenttype":"image/png","size":"7","url":"`+s.URL+`/cdn/0.png"}]}],"result":true}`)
	answer("POST /v1/Task/List", `{"total":"2","tasklist":[{"id":"2221","parameters":{"seed":"42"}},{"id":"2220","parameters":"{\"seed\":41}"}],"result":true}`)
	answer("POST /v1/Tool/Detail", `{"tool":[{"slugowner":"google","slugproject":"nano-banana","dynamicprice":"[{\"inputs\":{},\"price\":0.039,\"priceMethod\":\"cpo\"}]"}],"result":true}`)
	answer("POST /v1/Run/busy/model", `{"result":false,"errors":[{"code":96,"message":"You have reached your concurrent task limit. With your current balance of $50.00, you can run up to 5 tasks at the same time."}]}`)
	answer("GET /cdn/0.png", "picture")
	return s
}

// Run a model, wait for its end, and download what it made.
func Example() {
	server := example()
	defer server.Close()
	client, err := wiro.New(wiro.Options{
		BaseURL: server.URL + "/v1", // leave it out for the public API
		Key:     wiro.NewSecret("key"),
		Secret:  wiro.NewSecret("secret"), // leave it out for a key-only project
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()

	submitted, err := client.Run(ctx, "Qwen/Qwen-Image-Fast", wiro.Input{Params: map[string]string{
		"prompt": "A mystical dragon hovering above a sparkling waterfall under a starry sky.",
		"seed":   "42",
	}})
	if err != nil {
		log.Fatal(err)
	}
	var task wiro.Task
	for tick := time.Tick(2 * time.Second); ; <-tick {
		if task, err = client.Detail(ctx, submitted.TaskID); err != nil {
			log.Fatal(err)
		}
		if task.Outcome() != wiro.Running {
			break
		}
	}
	usd, source, _ := task.Cost()
	fmt.Printf("task %s %s in %s, %s USD (%s)\n", task.ID, task.Outcome(), task.Ended.Sub(task.Created), usd, source)

	for _, out := range task.Outputs {
		resp, err := client.Fetch(ctx, out.URL)
		if err != nil {
			log.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body) // to a file, really
		resp.Body.Close()
		fmt.Println(out.Name, out.ContentType, n, "bytes", err)
	}
	// Output:
	// task 2221 succeeded in 6s, 0.00351 USD (computed)
	// 0.png image/png 7 bytes <nil>
}

// What to do about a submit that failed is the error's to say.
func ExampleError_Disposition() {
	server := example()
	defer server.Close()
	client, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret("key")})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Run(context.Background(), "busy/model", wiro.Input{})
	var e *wiro.Error
	if errors.As(err, &e) {
		limit, balance, _ := e.SlotLimit()
		fmt.Printf("%s: code %s, %d tasks at once with $%s\n", e.Disposition(), e.Code, limit, balance)
	}

	server.Close() // nobody listens any more, so that nothing can be sent
	client.CloseIdleConnections()
	_, err = client.Run(context.Background(), "busy/model", wiro.Input{})
	if errors.As(err, &e) {
		fmt.Printf("%s: sent %v\n", e.Disposition(), e.Sent)
	}
	// Output:
	// wait for a slot: code 96, 5 tasks at once with $50
	// retry: sent false
}

// Look at the newest tasks, with the parameters that they were run with.
func ExampleClient_List() {
	server := example()
	defer server.Close()
	client, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret("key")})
	if err != nil {
		log.Fatal(err)
	}
	page, err := client.List(context.Background(), wiro.ListQuery{Limit: 100})
	if err != nil {
		log.Fatal(err)
	}
	for _, task := range page.Tasks {
		fmt.Println(task.ID, "seed", task.Parameters["seed"])
	}
	// Output:
	// 2221 seed 42
	// 2220 seed 41
}

// What a run will cost, as far as the price list can say.
func ExampleTool_Price() {
	server := example()
	defer server.Close()
	client, err := wiro.New(wiro.Options{BaseURL: server.URL + "/v1", Key: wiro.NewSecret("key")})
	if err != nil {
		log.Fatal(err)
	}
	tool, err := client.Tool(context.Background(), "google/nano-banana")
	if err != nil {
		log.Fatal(err)
	}
	usd, method, ok := tool.Price(map[string]string{"prompt": "A dragon"})
	fmt.Println(tool.Model(), usd, method, ok)
	// Output: google/nano-banana 0.039 cpo true
}

// A secret can be put into anything that is printed.
func ExampleSecret() {
	key := wiro.NewSecret("4f2a9c")
	fmt.Printf("%v %+v %q %s\n", key, wiro.Options{Key: key}.Key, []wiro.Secret{key}, fmt.Errorf("with %v", key))
	fmt.Println(len(key.Reveal()))
	// Output:
	// [secret] [secret] [[secret]] with [secret]
	// 6
}
