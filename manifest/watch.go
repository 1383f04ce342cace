package manifest

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// How the ends of tasks are noticed: the best of the others that works at the
// moment; frames of a websocket; pages of the task list; asking after each.
const (
	WatchAuto   = "auto"
	WatchSocket = "websocket"
	WatchList   = "list"
	WatchDetail = "detail"
)

// WatchModes are those, in this order.
var WatchModes = []string{WatchAuto, WatchSocket, WatchList, WatchDetail}

func (d *decoder) watch(n *yaml.Node) string {
	text, _, ok := d.scalar(n, "watch", "write "+WatchAuto)
	if ok && !slices.Contains(WatchModes, text) {
		d.mistake(n, "watch must be %s, not %s", strings.Join(WatchModes[:3], ", ")+" or "+WatchDetail, quote(text))
	}
	return text
}
