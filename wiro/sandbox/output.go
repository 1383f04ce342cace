package sandbox

import (
	"path"
	"strconv"
	"strings"
	"time"
)

// output is one result of a task.
type output struct {
	name string
	url  string
	size int
	raw  string // the text of a text model; it has no name, URL or size
}

// outputsLate is how long after its end out_late lets a task show no outputs.
const outputsLate = 2 * time.Second

// outputs are the results of a task that succeeded; before and otherwise there are none.
func (v *view) outputs() []output {
	t := &v.task
	if !t.succeeded(v.at) || t.is(erased) {
		return nil
	}
	if v.at < t.timeline().postEnd+outputsLate && v.s.strikes("out_late", t.key, 0) {
		return nil
	}
	if t.model.kind == makesText {
		return []output{{raw: reply(t.model.fallback(v.params, "prompt"))}}
	}
	base, folder := v.origin, v.s.folder(v.index)
	if v.foreign {
		folder = v.s.folder(-1 - v.index)
	}
	if v.s.strikes("out_bad_host", t.key, 0) {
		base = badHosts[t.key%uint64(len(badHosts))]
	}
	var list []output
	for n := range int(t.outputs) {
		o := output{name: strconv.Itoa(n) + ".png", size: v.s.sizeOf(v, n)}
		o.url = base + cdnPath + folder + "/" + o.name
		if v.s.strikes("out_name_hostile", t.key, uint64(n)) {
			o.name = hostileNames[(t.key+uint64(n))%uint64(len(hostileNames))]
		}
		if v.s.strikes("out_size_differs", t.key, uint64(n)) {
			o.size += 1 + int(t.key%1000)
		}
		list = append(list, o)
	}
	return list
}

// badHosts are not Wiro's, though some would like to look so.
var badHosts = []string{
	"https://cdn1.wiro.ai.files.example", "https://wiro-ai.example", "http://169.254.169.254",
	"https://cdn1.wiro.ai@files.example", "https://notwiro.ai.example", "ftp://cdn1.wiro.ai",
}

var hostileNames = []string{
	"../../../../etc/cron.d/0.png", `..\..\windows\0.png`, "/etc/passwd", "CON.png", "0.png\x00.exe", "",
	".", "..", "a\nb\r\x1b[31m.png", strings.Repeat("long", 2000) + ".png", "-rf", "0.png:stream", "\u202egnp.0",
}

func (v *view) writeOutputs(j *jsonText, outputs []output) {
	if len(outputs) == 0 && v.style.nulls {
		j.raw("outputs", "null")
		v.num(j, numSize, "size", "0")
		return
	}
	total := 0
	j.name("outputs").open('[')
	for n, o := range outputs {
		v.writeOutput(j, n, o)
		total += o.size
	}
	j.close(']')
	v.num(j, numSize, "size", strconv.Itoa(total))
}

func (v *view) writeOutput(j *jsonText, n int, o output) {
	s, key := v.s, v.task.key
	j.open('{')
	if o.raw != "" {
		j.str("contenttype", "raw")
		v.content(j, o.raw)
		j.close('}')
		return
	}
	j.str("id", s.hex32("output", key, uint64(n)))
	j.str("name", o.name)
	j.str("contenttype", "image/png")
	j.str("parentid", s.hex32("parent", key, 0))
	_, _, uuid := v.names()
	j.str("uuid", uuid)
	v.num(j, numSize, "size", strconv.Itoa(o.size))
	end := v.task.timeline().end
	v.date(j, "addedtime", end)
	v.date(j, "modifiedtime", end)
	j.str("accesskey", letters(s.hash("access", key, uint64(n)), 11)+letters(s.hash("access", key, 99), 11))
	if v.style.money {
		j.str("foldercount", "0")
		j.str("filecount", "0")
		j.raw("ispublic", "0")
		j.raw("expiretime", "null")
	}
	j.str("url", o.url)
	j.close('}')
}

// content is the answer of a text model: its text, or the object of the documentation.
func (v *view) content(j *jsonText, text string) {
	if !v.style.rawObject {
		j.str("content", text)
		return
	}
	j.name("content").open('{')
	j.str("prompt", v.task.model.fallback(v.params, "prompt"))
	j.str("raw", text)
	j.raw("thinking", "[]")
	j.name("answer").open('[')
	j.text(text)
	j.close(']')
	j.close('}')
}

// split takes the path of an output apart: folder, and the number in its name.
func split(p string) (folder string, n int, ok bool) {
	folder, name := path.Split(p)
	number, isPNG := strings.CutSuffix(name, ".png")
	n, err := strconv.Atoi(number)
	return strings.TrimSuffix(folder, "/"), n, isPNG && err == nil && n >= 0
}
