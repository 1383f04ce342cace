package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"io"
)

// A CSV is written as results.csv is: RFC 4180 in UTF-8. Lines end in CRLF; the line breaks within a field, such as a prompt's
// own, stay as they are, byte for byte.
type CSV struct {
	w      *bufio.Writer
	line   bytes.Buffer
	quoted *csv.Writer // into line
	safe   bool        // for spreadsheets: no field is a formula
}

// NewCSV writes into w; Flush ends it.
func NewCSV(w io.Writer, safe bool) *CSV {
	c := &CSV{w: bufio.NewWriter(w), safe: safe}
	c.quoted = csv.NewWriter(&c.line)
	return c
}

// Write quotes a record by itself, for the end of its line alone to become CRLF: csv.Writer.UseCRLF would change the line
// breaks within its fields too.
func (c *CSV) Write(fields []string) error {
	c.line.Reset()
	if c.safe {
		for i, f := range fields {
			fields[i] = harmless(f)
		}
	}
	err := c.quoted.Write(fields)
	c.quoted.Flush()
	if err := cmp.Or(err, c.quoted.Error()); err != nil {
		return err
	}
	c.line.Truncate(c.line.Len() - len("\n"))
	c.line.WriteString("\r\n")
	_, err = c.w.Write(c.line.Bytes())
	return err
}

// Flush writes what is left.
func (c *CSV) Flush() error { return c.w.Flush() }
