package wiro

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Input is what a model is run with.
type Input struct {
	// Params are the model's parameters, besides callbackUrl and projectid if
	// wanted. They are sent as strings, as written: the seed does so for
	// numbers too ("scale":"4.5").
	Params map[string]string
	// Files are inputs of models that take files. With files the body is
	// multipart/form-data (documentation), without it is JSON. A model that
	// also knows {id}Url expects that field to be there and empty.
	Files []InputFile
}

// InputFile is one file for one parameter.
type InputFile struct {
	Param       string // the parameter's id
	Name        string // the file's name, as the model sees it
	ContentType string // "" for application/octet-stream
	// Content is read once, while Run sends it. If it can tell its length
	// (by Len or Seek) then the request has a Content-Length.
	Content io.Reader
}

// Submission is a task that was made.
type Submission struct {
	TaskID    string
	TaskToken string // the socketaccesstoken, "" when the answer had none
}

// Run submits one run of a model, written "owner/name". It costs money: it is
// sent once, and there is no idempotency key (clients and documentation know
// none). When it fails, [Error.Disposition] tells whether a task can exist.
func (c *Client) Run(ctx context.Context, model string, in Input) (Submission, error) {
	owner, name, err := splitModel(model)
	if err != nil {
		return Submission{}, &Error{Op: opRun, Err: err}
	}
	body := jsonPayload(in.Params)
	if in.Params == nil {
		body = jsonPayload(struct{}{})
	}
	if len(in.Files) > 0 {
		if body, err = multipartPayload(in.Params, in.Files); err != nil {
			return Submission{}, &Error{Op: opRun, Err: fmt.Errorf("%w: %w", ErrInvalid, err)}
		}
	}
	body.again = nil // nothing below may send it twice
	answer, failure := c.call(ctx, opRun, opRun+"/"+url.PathEscape(owner)+"/"+url.PathEscape(name), body)
	if failure != nil {
		return Submission{}, failure
	}
	s := Submission{TaskID: taskID(answer), TaskToken: token(string(answer.Token))}
	if s.TaskID == "" {
		return Submission{}, &Error{Op: opRun, Status: 200, Sent: true, Message: "the answer says that it worked, and names no task"}
	}
	return s, nil
}

// taskText is the id of a task, "" for whatever is none: another JSON type than a string or a number, and words by which
// programs spell that they have nothing.
type taskText string

func (t *taskText) read(value string) error {
	*t = ""
	if value[0] != '"' && (value[0] < '0' || value[0] > '9' || strings.ContainsAny(value, ".eE")) {
		return nil
	}
	var s text
	if err := s.read(value); err != nil {
		return err
	}
	id := ident(strings.TrimSpace(string(s)))
	if strings.HasPrefix(id, "-") || strings.ContainsFunc(id, func(r rune) bool { return !idRune(r) }) {
		return nil
	}
	switch strings.ToLower(id) {
	case "0", "null", "undefined", "none", "nil", "nan", "true", "false":
		return nil
	}
	*t = taskText(id)
	return nil
}

func idRune(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func taskID(answer *envelope) string { return string(answer.TaskID) }

func splitModel(model string) (owner, name string, err error) {
	owner, name, ok := strings.Cut(model, "/")
	if !ok || strings.Contains(name, "/") || !isSlug(owner) || !isSlug(name) {
		return "", "", fmt.Errorf("%w: the model is %q; write it as owner/name, like Qwen/Qwen-Image-Fast", ErrInvalid, clean(model, 100))
	}
	return owner, name, nil
}

func isSlug(s string) bool {
	return s != "" && s != "." && s != ".." && ident(s) == s && strings.TrimSpace(s) == s
}
