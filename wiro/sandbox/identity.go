package sandbox

import (
	"strconv"
	"strings"
)

// Everything by which a task is known follows from its number and the seed, so nothing of it is
// stored: tokens and paths carry the number, scrambled, and a check that cannot be guessed.

const (
	firstTask = 2221 // as in the sample of the model page
	taskStep  = 3    // numbers are not dense: an account shares them with others
	alphabet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

func taskNumber(index int) int { return firstTask + index*taskStep }

func taskID(index int) string { return strconv.Itoa(taskNumber(index)) }

// byID finds the index of a task by its number.
func (s *Sandbox) byID(id string) (int, bool) {
	n, err := strconv.Atoi(id)
	if err != nil || n < firstTask || (n-firstTask)%taskStep != 0 {
		return 0, false
	}
	i := (n - firstTask) / taskStep
	return i, i < len(s.tasks)
}

// scramble hides an index; reveal gives it back.
func (s *Sandbox) scramble(index int) uint64 { return mix(uint64(index) ^ mix(s.o.Seed)) }
func (s *Sandbox) reveal(h uint64) int       { return int(unmix(h) ^ mix(s.o.Seed)) }

const tokenHead = 11 // letters that hold 64 bits

// token is the socketaccesstoken of a task: thirty letters and digits.
func (s *Sandbox) token(index int) string {
	return letters(s.scramble(index), tokenHead) +
		letters(s.hash("token", uint64(index), 1^s.o.Instance), 10) + letters(s.hash("token", uint64(index), 2^s.o.Instance), 9)
}

// byToken finds the index of a task by its token.
func (s *Sandbox) byToken(token string) (int, bool) {
	if len(token) != 30 {
		return 0, false
	}
	var h uint64
	for i := tokenHead - 1; i >= 0; i-- {
		digit := strings.IndexByte(alphabet, token[i])
		if digit < 0 {
			return 0, false
		}
		h = h*uint64(len(alphabet)) + uint64(digit)
	}
	index := s.reveal(h)
	if index < 0 || index >= len(s.tasks) || s.token(index) != token {
		return 0, false
	}
	return index, true
}

// letters spells a number, least digit first, cut to n.
func letters(h uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[h%uint64(len(alphabet))]
		h /= uint64(len(alphabet))
	}
	return string(b)
}

// folder is the long hash in the path of a task's outputs: eight groups of eight digits, as in the
// sample of the model page.
func (s *Sandbox) folder(index int) string {
	h := [4]uint64{s.scramble(index), s.hash("folder", uint64(index), 1),
		s.hash("folder", uint64(index), 2), s.hash("folder", uint64(index), 3)}
	b := make([]byte, 0, 71)
	for _, x := range h {
		b = append(digits(append(digits(b, x>>32, 8), '-'), x, 8), '-')
	}
	return string(b[:71])
}

// byFolder finds the index of a task by the folder of its outputs.
func (s *Sandbox) byFolder(folder string) (int, bool) {
	if len(folder) != 71 {
		return 0, false
	}
	h, err := strconv.ParseUint(folder[:8]+folder[9:17], 16, 64)
	if err != nil {
		return 0, false
	}
	index := s.reveal(h)
	if index < 0 || index >= len(s.tasks) || s.folder(index) != folder {
		return 0, false
	}
	return index, true
}

// uuid is the uuid of a task.
func (s *Sandbox) uuid(index int) string {
	a, b := s.hash("uuid", uint64(index), 1), s.hash("uuid", uint64(index), 2)
	u := append(digits(make([]byte, 0, 36), a>>32, 8), '-')
	u = append(digits(u, a>>16, 4), '-')
	u = append(digits(u, 0x4000|a&0xfff, 4), '-')
	u = append(digits(u, 0x8000|b>>48&0x3fff, 4), '-')
	return string(digits(u, b, 12))
}

// hex32 is an id of 32 digits, as outputs have.
func (s *Sandbox) hex32(name string, key, n uint64) string {
	return string(digits(digits(make([]byte, 0, 32), s.hash(name, key, n), 16), s.hash(name, n, key), 16))
}

// digits appends the last n hexadecimal digits of x.
func digits(b []byte, x uint64, n int) []byte {
	for n--; n >= 0; n-- {
		b = append(b, "0123456789abcdef"[x>>(4*n)&15])
	}
	return b
}
