package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"wirobatch/pipeline/journal"
)

// order sorts values that are all numbers, and tells whether they are.
func order(values []string, at []int) (numeric bool) {
	type place struct {
		by  float64
		was int
	}
	places := make([]place, len(values))
	for i, v := range values {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return false
		}
		places[i] = place{f, i}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		switch {
		case a.by < b.by:
			return -1
		case a.by > b.by:
			return 1
		}
		return 0
	})
	was, now := slices.Clone(values), make([]int, len(values))
	for i, p := range places {
		values[i], now[p.was] = was[p.was], i
	}
	for i, v := range at {
		if v >= 0 {
			at[i] = now[v]
		}
	}
	return true
}

// mime is the content type without its parameters, by the name of the file where the service did not say.
func mime(f journal.File) string {
	kind, _, _ := strings.Cut(f.ContentType, ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind != "" && kind != "application/octet-stream" {
		return kind
	}
	ext := strings.ToLower(f.Path[strings.LastIndexByte(f.Path, '.')+1:])
	if known, ok := byExtension[ext]; ok {
		return known
	}
	return "application/octet-stream"
}

// byExtension does not depend on what the machine knows, as mime.TypeByExtension would.
var byExtension = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "avif": "image/avif", "svg": "image/svg+xml",
	"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "flac": "audio/flac",
	"txt": "text/plain", "md": "text/markdown", "json": "application/json",
}

func known(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

func exact(d decimal.NullDecimal) number {
	if !d.Valid {
		return ""
	}
	return number(d.Decimal.String())
}

func moment(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
