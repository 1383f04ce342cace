package sandbox

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

func TestValidation(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	const invalid = "0 Request parameters are invalid."
	tests := []struct{ endpoint, body, want string }{
		{fast, `{"prompt":"x"}`, ""}, // the rest has defaults
		{fast, `{"seed":"1"}`, "0 Request parameter [prompt] required"},
		{fast, `{"prompt":""}`, "0 Request parameter [prompt] required"},
		{fast, `{"prompt":null}`, "0 Request parameter [prompt] required"},
		{fast, `{"prompt":"x","scale":"high"}`, "0 Request parameter [scale] must be integer or float"},
		{fast, `{"prompt":"x","scale":"0x10"}`, "0 Request parameter [scale] must be integer or float"},
		{fast, `{"prompt":"x","scale":"1e999999999"}`, "0 Request parameter [scale] must be integer or float"},
		{fast, `{"prompt":"x","scale":"1e3"}`, "0 Request parameter [scale] must be integer or float"},
		{fast, `{"prompt":"x","scale":"NaN"}`, "0 Request parameter [scale] must be integer or float"},
		{fast, `{"prompt":"x","scale":4.5}`, ""},  // numbers may come as numbers
		{fast, `{"prompt":"x","scale":"-1"}`, ""}, // the page names no bounds
		{fast, `{"prompt":"x","aspectRatio":"5:1"}`, invalid},
		{fast, `{"prompt":"x","unknown":"y"}`, ""}, // unknown parameters are ignored
		{"Run/Qwen/Qwen-Image", `{"prompt":"x","steps":"51"}`, "0 Request parameter [steps] must be between 1 and 50"},
		{"Run/Qwen/Qwen-Image", `{"prompt":"x","steps":"0"}`, "0 Request parameter [steps] must be between 1 and 50"},
		{"Run/Qwen/Qwen-Image", `{"prompt":"x","steps":"50"}`, ""},
		{"Run/sandbox/image-to-image", `{"prompt":"x"}`, "0 Request files [inputImage] required"},
		{"Run/sandbox/samples", `{"prompt":"x","samples":"9"}`, "0 Request parameter [samples] must be between 1 and 8"},
		{"Run/Qwen/Nothing", `{"prompt":"x"}`, "1 slug-owner-project-not-exist"},
		{"Run/Qwen", `{"prompt":"x"}`, "1 slug-owner-project-not-exist"},
		{fast, `{"prompt":"x"`, invalid},
		{fast, `["prompt"]`, invalid},
		{fast, `{"prompt":"x"} {}`, invalid},
		{"Task/Detail", `{}`, "0 taskid or socketaccesstoken is required"},
		{"Task/Detail", `{"taskid":"2222"}`, "1 There is no task yet."},
		{"Task/Detail", `{"taskid":"x"}`, "1 There is no task yet."},
		{"Task/Kill", `{"socketaccesstoken":"ZpYote30on42O4jjHXNiKmrWAZqbRE"}`, "1 There is no task yet."},
		{"Task/Unknown", `{}`, "0 Error parsing url."},
		{"Run", `{}`, "0 Error parsing url."},
	}
	made := 0
	for _, test := range tests {
		status, _, text, err := r.raw("/v1/"+test.endpoint, test.body)
		if err != nil {
			t.Fatal(err)
		}
		if got := message(parse(t, text)); got != test.want {
			t.Errorf("%s %s answers %q, want %q", test.endpoint, test.body, got, test.want)
		}
		if unknown := strings.HasSuffix(test.want, "url."); unknown != (status == 404) || !unknown && status != 200 {
			t.Errorf("%s %s has status %d", test.endpoint, test.body, status)
		}
		if test.want == "" {
			made++
		}
	}
	if r.Accepted() != made {
		t.Errorf("%d tasks made, want %d", r.Accepted(), made)
	}
}

// The other reading of the documentation has an HTTP status for each kind of error.
func TestStatusOfErrors(t *testing.T) {
	r := serve(t, Options{Shape: ShapeDocumentation, Balance: usd("5")})
	r.submit(fast, fields{"prompt": "x"})
	for _, test := range []struct {
		endpoint, body string
		want           int
	}{
		{fast, `{}`, 400},
		{"Run/a/b", `{}`, 404},
		{"Task/Detail", `{"taskid":"1"}`, 404},
		{fast, `{"prompt":"y"}`, 429}, // concurrency
	} {
		if status, _, _, _ := r.raw("/v1/"+test.endpoint, test.body); status != test.want {
			t.Errorf("%s %s has status %d, want %d", test.endpoint, test.body, status, test.want)
		}
	}
	get, err := r.client.Get(r.base + "/v1/Task/List")
	if err != nil || get.StatusCode != 404 {
		t.Errorf("GET of an endpoint: %v, %v", get, err)
	}
}

// The same parameters arrive, whatever the encoding.
func TestEncodings(t *testing.T) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("prompt", "a fox & more")
	_ = w.WriteField("seed", "007")
	_ = w.Close()
	tests := []struct{ name, contentType, body string }{
		{"JSON", "application/json", `{"prompt":"a fox & more","seed":"007"}`},
		{"JSON without a header", "", `{"prompt":"a fox & more","seed":"007"}`},
		{"the model page's odd body", "multipart/form-data", `{ "prompt": "a fox & more", "seed": "007" }`},
		{"curl -d without a header", "application/x-www-form-urlencoded", `{"prompt":"a fox & more","seed":"007"}`},
		{"urlencoded", "application/x-www-form-urlencoded", "prompt=a+fox+%26+more&seed=007"},
		{"multipart", w.FormDataContentType(), form.String()},
		{"the last of several values", "application/json", `{"prompt":"no","seed":"007","prompt":"a fox & more"}`},
	}
	for _, test := range tests {
		r := serve(t, Options{Instant: true, Shape: ShapeSeed})
		r.header.Set("Content-Type", test.contentType)
		if _, _, text, err := r.raw("/v1/"+fast, test.body); err != nil || parse(t, text).str("taskid") == "" {
			t.Errorf("%s: %s %v", test.name, text, err)
			continue
		}
		got := r.Charges()[0].Parameters
		if len(got) != 2 || got["prompt"] != "a fox & more" || got["seed"] != "007" {
			t.Errorf("%s: parameters %v", test.name, got)
		}
	}
}

func TestReservedParametersAreNotEchoed(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	id := r.submit(fast, fields{"prompt": "x", "callbackUrl": "http://example.com/", "projectid": "1", "unknown": "kept"})
	params, _ := r.task(id)["parameters"].(map[string]any)
	if len(params) != 2 || params["unknown"] != "kept" {
		t.Errorf("parameters %v", params)
	}
}

// What another model knows is nothing to this one: it changes neither outputs, nor picture, nor price.
func TestParametersOfOtherModels(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	plain := r.task(r.submit(fast, fields{"prompt": "x"}))
	odd := r.task(r.submit(fast, fields{"prompt": "x", "samples": "300", "width": "9", "height": "9"}))
	if got, want := odd.list("outputs"), plain.list("outputs"); len(got) != 1 || got[0].str("size") != want[0].str("size") {
		t.Errorf("outputs %v, want %v", got, want)
	}
}

// Seed 0 is a random one each time (as Wiro's clients have it); any other seed is what it is.
func TestSeedZeroIsRandom(t *testing.T) {
	for seed, want := range map[string]int{"0": 4, "42": 1} {
		r := serve(t, Options{Instant: true, Shape: ShapeSeed})
		pictures := map[string]bool{}
		for range 4 {
			_, data, err := r.get(r.task(r.submit("Run/Qwen/Qwen-Image", fields{"prompt": "x", "seed": seed})).list("outputs")[0].str("url"))
			if err != nil {
				t.Fatal(err)
			}
			pictures[string(data)] = true
		}
		if len(pictures) != want {
			t.Errorf("seed %s: %d pictures of 4 runs, want %d", seed, len(pictures), want)
		}
	}
}

func upload(t *testing.T, r *rig, endpoint, field, name string, data []byte, params fields) (int, object) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data)
	for k, v := range params {
		_ = w.WriteField(k, v)
	}
	_ = w.Close()
	req, _ := http.NewRequest(http.MethodPost, r.base+"/v1/"+endpoint, &form)
	req.Header = r.header.Clone()
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(resp.Body)
	return resp.StatusCode, parse(t, b.String())
}

var gif = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

func TestUpload(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed, UploadLimit: 100})
	_, o := upload(t, r, "File/Upload", "file", "../a.gif", gif, fields{"folderid": "f1"})
	entry := o.list("list")[0]
	if entry.str("size") != fmt.Sprint(len(gif)) || entry.str("contenttype") != "image/gif" || entry.str("parentid") != "f1" {
		t.Errorf("File/Upload answers %v", o)
	}
	resp, data, err := r.get(entry.str("url"))
	if err != nil || !bytes.Equal(data, gif) || resp.Header.Get("Content-Type") != "image/gif" {
		t.Errorf("the uploaded file comes back as %q, %v", data, err)
	}
	if _, o := upload(t, r, "File/Upload", "file", "big.gif", make([]byte, 101), nil); message(o) != "0 File is too large." {
		t.Errorf("a file over the limit: %v", o)
	}
	if got := message(r.call("File/Upload", nil)); got != "0 Request files [file] required" {
		t.Errorf("without a file: %q", got)
	}
	if resp, _, _ := r.get(r.base + "/v1/File/nothing/x.gif"); resp.StatusCode != 404 {
		t.Errorf("an unknown file has status %d", resp.StatusCode)
	}
}

// An uploaded input is echoed by its URL, and what goes in shows in what comes out.
func TestFileInput(t *testing.T) {
	r := serve(t, Options{Instant: true, Shape: ShapeSeed})
	pictures := map[string]bool{}
	for i, data := range [][]byte{gif, append(bytes.Clone(gif), 0), gif} {
		_, o := upload(t, r, "Run/sandbox/image-to-image", "inputImage", "in.gif", data, fields{"prompt": "x"})
		task := r.task(o.str("taskid"))
		params := object(task["parameters"].(map[string]any))
		if _, back, err := r.get(params.str("inputImage")); err != nil || !bytes.Equal(back, data) {
			t.Errorf("input %d: %q comes back as %q, %v", i, params, back, err)
		}
		_, picture, _ := r.get(task.list("outputs")[0].str("url"))
		pictures[string(picture)] = true
	}
	if len(pictures) != 2 {
		t.Errorf("two inputs make %d pictures", len(pictures))
	}
}

func TestUploadsForgetTheOldest(t *testing.T) {
	u := newUploads(100)
	first := u.add(file{field: "file", data: make([]byte, 60)})
	u.add(file{field: "file", data: bytes.Repeat([]byte{1}, 60)})
	if _, ok := u.get(strings.Split(strings.TrimPrefix(first, filePath), "/")[0]); ok || len(u.byHash) != 1 {
		t.Errorf("%d files kept, the first among them: %v", len(u.byHash), ok)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("application/json", []byte(`{"a":["b",{"c":1},[2]],"d":null,"e":1e5}`))
	f.Add("multipart/form-data", []byte(`{ "prompt": "x" }`))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nb\r\n--x--\r\n"))
	f.Add("application/x-www-form-urlencoded", []byte("a=b&c=%"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		r := &http.Request{Header: http.Header{"Content-Type": {contentType}}, Body: nopCloser{bytes.NewReader(body)}}
		form, err := decode(r, 1000)
		if (form == nil) == (err == nil) {
			t.Fatalf("form %v and error %v", form, err)
		}
		if err != nil {
			return
		}
		params, err := models[0].inputs(form)
		if err != nil {
			return
		}
		p := newPool()
		if got := p.unpack(p.pack(params)); fmt.Sprint(got) != fmt.Sprint(params) {
			t.Fatalf("packed %q, unpacked %q", params, got)
		}
	})
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }
