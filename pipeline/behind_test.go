package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// behind puts a handler between the client and the service. dialled gives the addresses that were connected to.
func (p *place) behind(h func(w http.ResponseWriter, r *http.Request, service http.Handler)) (dialled func() []string, restore func()) {
	p.t.Helper()
	direct, wire := p.client, listen()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r, p.sandbox) })}
	served := make(chan struct{})
	go func() { defer close(served); server.Serve(wire) }()
	var mu sync.Mutex
	addresses := map[string]bool{}
	via := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		addresses[address] = true
		mu.Unlock()
		return wire.dial(ctx, network, address)
	}}
	p.client = p.dial(via, "sandbox")
	dialled = func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Sorted(maps.Keys(addresses))
	}
	return dialled, func() {
		p.client = direct
		via.CloseIdleConnections()
		server.Close()
		<-served
	}
}

// isRead tells whether a request asks after tasks.
func isRead(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/Task/Detail") || strings.HasSuffix(r.URL.Path, "/Task/List")
}

// retell gives the service's answer about tasks with other words for their outputs.
func retell(w http.ResponseWriter, r *http.Request, service http.Handler, change func(output map[string]any)) {
	reword(w, r, service, func(answer map[string]any) {
		tasks, _ := answer["tasklist"].([]any)
		for _, task := range tasks {
			outputs, _ := task.(map[string]any)["outputs"].([]any)
			for _, output := range outputs {
				change(output.(map[string]any))
			}
		}
	})
}

// reword gives the service's answer in other words.
func reword(w http.ResponseWriter, r *http.Request, service http.Handler, change func(answer map[string]any)) {
	said := httptest.NewRecorder()
	service.ServeHTTP(said, r)
	var answer map[string]any
	d := json.NewDecoder(said.Body)
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		panic(err)
	}
	change(answer)
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(answer); err != nil {
		panic(err)
	}
	w.WriteHeader(said.Code)
	w.Write(b.Bytes())
}

// bodyOf reads the body of a request, and leaves it to be read again.
func bodyOf(r *http.Request) map[string]string {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	body := map[string]string{}
	if err := json.Unmarshal(data, &body); err != nil {
		panic(err)
	}
	say(r, body)
	return body
}

// say lets a request have another body.
func say(r *http.Request, body map[string]string) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
}
