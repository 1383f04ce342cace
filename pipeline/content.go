package pipeline

import (
	"image"
	_ "image/gif" // formats whose dimensions are read
	_ "image/jpeg"
	_ "image/png"
	"io"

	_ "golang.org/x/image/webp"
)

// extensions are those of the files that we write; a server's name never decides one.
var extensions = map[string]string{
	"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif", "image/bmp": ".bmp",
	"image/avif": ".avif", "image/svg+xml": ".svg",
	"video/mp4": ".mp4", "video/webm": ".webm", "video/avi": ".avi", "video/quicktime": ".mov",
	"audio/mpeg": ".mp3", "audio/wave": ".wav", "audio/wav": ".wav", "application/ogg": ".ogg", "audio/flac": ".flac",
	"application/json": ".json", "application/pdf": ".pdf", "application/zip": ".zip", "application/x-gzip": ".gz",
	"text/plain": ".txt", "text/html": ".html", "model/gltf-binary": ".glb",
}

// extension goes by the bytes, and by what was declared only where the bytes say too little.
func extension(sniffed, declared string) string {
	if sniffed == "application/octet-stream" || sniffed == "text/plain" || sniffed == "text/xml" {
		if ext := extensions[declared]; ext != "" {
			return ext
		}
	}
	if ext := extensions[sniffed]; ext != "" {
		return ext
	}
	return ".bin"
}

// dimensions reads them from the header alone, 0 × 0 when it has none; pixels are not decoded.
func dimensions(r io.Reader) (width, height int) {
	c, _, err := image.DecodeConfig(io.LimitReader(r, 1<<20))
	if err != nil {
		return 0, 0
	}
	return c.Width, c.Height
}

// ends are the last bytes of the formats that have such.
var ends = map[string]string{"image/png": "IEND\xaeB`\x82", "image/jpeg": "\xff\xd9", "image/gif": ";"}

// breaksOff reports whether a file lacks the end that its format has.
func breaksOff(r io.ReaderAt, size int64, mime string) bool {
	end, known := ends[mime]
	if !known {
		return false
	}
	tail := make([]byte, len(end))
	_, err := r.ReadAt(tail, max(0, size-int64(len(end))))
	return err != nil && err != io.EOF || string(tail) != end
}
