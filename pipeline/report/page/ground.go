package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
)

// Render writes another page than report.html on the same ground: the colours and controls of base.css, and the elements of elements.js, with
// which script shows the data. The document has #top, #main, #overlays and #say, and the data as JSON in #data.
func Render(w io.Writer, title, style, script string, data any) error {
	base, err := joined("", "base.css")
	if err != nil {
		return err
	}
	elements, err := joined("", "elements.js")
	if err != nil {
		return err
	}
	return shell(w, title, base+unix(style), "'use strict';\n"+elements+unix(script), data)
}

// shell writes the document. What it runs and how it looks is named to the browser by hash: nothing else runs.
func shell(w io.Writer, title, style, script string, data any) error {
	shell, err := template.ParseFS(web, "web/page.html")
	if err != nil {
		return err
	}
	var encoded bytes.Buffer
	e := json.NewEncoder(&encoded) // escapes <, > and &: no text ends the element that it stands in
	if err := e.Encode(data); err != nil {
		return err
	}
	return shell.Execute(w, map[string]any{
		"Title": title, "Style": template.CSS(style), "Script": template.JS(script), "Data": template.JS(encoded.String()),
		"Policy": "default-src 'none'; img-src 'self' data: file:; media-src 'self' data: file:; style-src '" + digest(style) + "'; script-src '" + digest(script) +
			"'; base-uri 'none'; form-action 'none'",
	})
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
