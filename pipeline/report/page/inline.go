package page

import (
	"context"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wirobatch/pipeline/durable"
)

const (
	// mostInline is how much of thumbnails and files a standalone page takes in: more opens slowly.
	mostInline = 64 << 20
	// largestInline is the size up to which a file is taken in.
	largestInline = 4 << 20
)

// inline takes thumbnails into the page, then the files themselves, in grid order as long as they fit. The rest is
// looked for beside the page, as always.
func inline(ctx context.Context, out string, d *data) error {
	root, err := os.OpenRoot(out) // no name leads out of it, nor any link
	if err != nil {
		return durable.NewError("open", out, err)
	}
	defer root.Close()
	left := int64(mostInline)
	take := func(name, kind string) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		info, err := root.Stat(filepath.FromSlash(name))
		if err != nil || !info.Mode().IsRegular() || info.Size() > min(left, largestInline) {
			return "", nil
		}
		b, err := root.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return "", nil // what cannot be read is beside the page, or nowhere
		}
		left -= int64(len(b))
		return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b), nil
	}
	for _, files := range d.Cells.Files {
		for i, f := range files {
			kind := "image/jpeg"
			if strings.HasSuffix(f.Thumb, ".png") {
				kind = "image/png"
			}
			if f.Thumb != "" {
				uri, err := take(f.Thumb, kind)
				if err != nil {
					return err
				}
				if uri != "" {
					files[i].Thumb = uri
				}
			}
		}
	}
	for _, files := range d.Cells.Files {
		for i, f := range files {
			uri, err := take(f.Path, d.Mimes[f.Mime])
			if err != nil {
				return err
			}
			files[i].Inline = uri
		}
	}
	return nil
}

const (
	// longestText is how much of a text is shown, mostText of all texts of a run.
	longestText = 8 << 10
	mostText    = 8 << 20
)

// texts takes the beginnings of texts in, as long as there is room.
func texts(out string, d *data) error {
	root, err := os.OpenRoot(out)
	if err != nil {
		return durable.NewError("open", out, err)
	}
	defer root.Close()
	left := mostText
	for _, files := range d.Cells.Files {
		for i, f := range files {
			kind := d.Mimes[f.Mime]
			if left <= 0 || kind != "application/json" && !strings.HasPrefix(kind, "text/") {
				continue
			}
			r, err := root.Open(filepath.FromSlash(f.Path))
			if err != nil {
				continue // it is looked for beside the page
			}
			begins, _ := io.ReadAll(io.LimitReader(r, longestText))
			r.Close()
			files[i].Text = strings.ToValidUTF8(string(begins), "")
			if f.Bytes > longestText {
				files[i].Text += "…"
			}
			left -= len(begins)
		}
	}
	return nil
}
