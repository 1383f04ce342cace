package manifest

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

var ratePattern = regexp.MustCompile(`^(\d{1,6}(?:\.\d{1,6})?) ?(?:/ ?(s|m|h))?$`)

// ParseRate reads how many submits a second are allowed, written as 5, 5/s,
// 300/m or 1000/h. The burst that goes with it is one second's worth, at least
// 1.
func ParseRate(text string) (perSecond float64, burst int, err error) {
	perSecond, err = parsePace(text, "submits")
	if err != nil {
		return 0, 0, err
	}
	return perSecond, max(1, int(math.Ceil(perSecond))), nil
}

// ParsePollRate reads how many looks at tasks a second are allowed, written as
// ParseRate has it.
func ParsePollRate(text string) (perSecond float64, err error) {
	return parsePace(text, "looks at tasks")
}

func parsePace(text, what string) (perSecond float64, err error) {
	m := ratePattern.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("must be %s a second, such as 5/s, 300/m or 5, not %s", what, quote(text))
	}
	perSecond, _ = strconv.ParseFloat(m[1], 64)
	if perSecond == 0 {
		return 0, errors.New("must be more than 0; leave it out for no limit")
	}
	switch m[2] {
	case "m":
		perSecond /= 60
	case "h":
		perSecond /= 3600
	}
	return perSecond, nil
}
