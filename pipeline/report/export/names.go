package export

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"wirobatch/pipeline/journal"
)

func keyOf(c candidate) string {
	if c.file.N == 0 {
		return c.row.ID
	}
	return fmt.Sprintf("%s_%d", c.row.ID, c.file.N)
}

// pictureEndings are those that readers of folders of pictures know.
var pictureEndings = []string{"png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"}

var safeEnding = regexp.MustCompile(`^[a-z0-9]{1,10}$`)

// endingOf is that of the delivered file, without its dot.
func endingOf(f journal.File) string {
	if ending := strings.TrimPrefix(strings.ToLower(path.Ext(f.Path)), "."); safeEnding.MatchString(ending) {
		return ending
	}
	return "bin"
}
