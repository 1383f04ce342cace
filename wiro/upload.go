package wiro

import (
	"context"
	"fmt"
	"io"
)

// maxUpload is the largest file that the service takes (documentation).
const maxUpload = 100 << 20

// Upload is a file that the service keeps, to be named in parameters by URL.
type Upload struct {
	ID, Name, ContentType, URL string
	Size                       int64 // bytes, −1 unknown
}

type wireFile struct {
	ID          text `json:"id"`
	Name        text `json:"name"`
	ContentType text `json:"contenttype"`
	URL         text `json:"url"`
	Size        text `json:"size"`
}

// Upload stores a file of at most 100 MB under a name and returns where it is.
// It reads r once, so that a further try needs a new reader.
func (c *Client) Upload(ctx context.Context, name string, r io.Reader) (Upload, error) {
	if n := lengthOf(r); n > maxUpload {
		return Upload{}, &Error{Op: opUpload, Err: fmt.Errorf("%w: %s has %d bytes, and the service takes at most %d", ErrInvalid, clean(name, 100), n, maxUpload)}
	}
	body, err := multipartPayload(nil, []InputFile{{Param: "file", Name: name, Content: r}})
	if err != nil {
		return Upload{}, &Error{Op: opUpload, Err: fmt.Errorf("%w: %w", ErrInvalid, err)}
	}
	answer, failure := c.call(ctx, opUpload, opUpload, body)
	if failure != nil {
		return Upload{}, failure
	}
	if len(answer.Files) == 0 {
		return Upload{}, &Error{Op: opUpload, Status: 200, Sent: true, Message: "the answer names no file"}
	}
	f := answer.Files[0]
	return Upload{
		ID: ident(string(f.ID)), Name: word(string(f.Name)), ContentType: word(string(f.ContentType)),
		URL: string(f.URL), Size: f.Size.count(),
	}, nil
}
