package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	requestTimeout = 15 * time.Second // one page, its body included
	attempts       = 3                // of a request that the server is too busy for
	longestPause   = 2 * time.Second  // between two of them
	pageLimit      = 256 << 20        // bytes of one answer
	longestMessage = 500              // bytes of what the server says about a refusal
)

// statusError is an answer of the API server that is no success.
type statusError struct {
	code    int
	message string
	after   time.Duration // that the server asks to wait before the next attempt
}

func (e *statusError) Error() string {
	if e.message == "" {
		return fmt.Sprintf("status %d %s", e.code, http.StatusText(e.code))
	}
	return fmt.Sprintf("status %d: %s", e.code, e.message)
}

// busy reports whether another attempt may succeed.
func (e *statusError) busy() bool { return e.code == http.StatusTooManyRequests || e.code >= 500 }

// isStatus reports whether an error is an answer with that status.
func isStatus(err error, code int) bool {
	status := new(statusError)
	return errors.As(err, &status) && status.code == code
}

// get asks for a path and lets read have the body. A server that is too busy is asked again, a few times.
func (c *Client) get(ctx context.Context, path string, query url.Values, read func(io.Reader) error) error {
	for attempt := 1; ; attempt++ {
		err := c.try(ctx, path, query, read)
		status := new(statusError)
		if err == nil || attempt == attempts || !errors.As(err, &status) || !status.busy() {
			return err
		}
		select {
		case <-time.After(min(max(status.after, 100*time.Millisecond), longestPause)):
		case <-ctx.Done():
			return err
		}
	}
}

func (c *Client) try(ctx context.Context, path string, query url.Values, read func(io.Reader) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, requestTimeout, fmt.Errorf("no answer within %s", requestTimeout))
	defer cancel()
	target := c.base.JoinPath(path)
	target.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return withoutURL(ctx, err)
	}
	defer response.Body.Close()
	body := io.LimitReader(response.Body, pageLimit)
	if response.StatusCode != http.StatusOK {
		return refusal(response, body)
	}
	if err := read(body); err != nil {
		return withoutURL(ctx, err)
	}
	return nil
}

// withoutURL says what happened rather than which of many requests it happened to, and for an end by a context why it
// ended.
func withoutURL(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if e := new(url.Error); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// refusal reads the Status that comes with an answer that is no success.
func refusal(response *http.Response, body io.Reader) error {
	e := &statusError{code: response.StatusCode}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		e.after = time.Duration(seconds) * time.Second
	}
	var status struct {
		Message string `json:"message"`
	}
	const enough = 1 << 16
	text, err := io.ReadAll(io.LimitReader(body, enough))
	if err == nil && json.Unmarshal(text, &status) == nil {
		e.message = status.Message[:min(len(status.Message), longestMessage)]
	}
	return e
}
