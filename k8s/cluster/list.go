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

	"respy/k8s"
)

// pageSize is how many objects of a list are asked for at a time.
const pageSize = 500

// listed is what came of the objects of a kind.
type listed struct {
	objects *k8s.Objects
	strange []string // why objects that cannot be read were left out
}

// list reads a list page by page. What keep refuses is not kept; nil keeps all. A list that has expired meanwhile (410)
// is begun again, once.
func (c *Client) list(ctx context.Context, k kind, path string, query url.Values, keep func([]byte) bool) (listed, error) {
	all, err := c.pages(ctx, k, path, query, keep)
	if isStatus(err, http.StatusGone) {
		all, err = c.pages(ctx, k, path, query, keep)
	}
	return all, err
}

func (c *Client) pages(ctx context.Context, k kind, path string, query url.Values, keep func([]byte) bool) (listed, error) {
	all := listed{objects: &k8s.Objects{}}
	version := k.apiVersion(path)
	more := url.Values{"limit": {strconv.Itoa(pageSize)}}
	for name, values := range query {
		more[name] = values
	}
	for {
		next := ""
		err := c.get(ctx, path, more, func(body io.Reader) (err error) {
			next, err = readList(body, k.manifest+"List", func(item []byte) {
				if keep != nil && !keep(item) {
					return
				}
				if err := all.objects.AddAs(version, k.manifest, item); err != nil {
					all.strange = append(all.strange, sentence(err))
				}
			})
			return err
		})
		if err != nil || next == "" {
			return all, err
		}
		more.Set("continue", next)
	}
}

// errNotAList is an answer that no API server gives.
var errNotAList = errors.New("the answer is not a list of the Kubernetes API")

// readList hands out the items of a list one by one, so that the list is never in memory as a whole. It returns where to
// go on, "" at the end.
func readList(body io.Reader, kind string, each func([]byte)) (next string, err error) {
	d := json.NewDecoder(body)
	if err := open(d, '{'); err != nil {
		return "", err
	}
	got := ""
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return "", broken(err)
		}
		switch name {
		case "kind":
			err = d.Decode(&got)
		case "metadata":
			var metadata struct {
				Continue string `json:"continue"`
			}
			err = d.Decode(&metadata)
			next = metadata.Continue
		case "items":
			err = readItems(d, each)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return "", broken(err)
		}
	}
	if _, err := d.Token(); err != nil { // without the closing brace something is missing
		return "", broken(err)
	}
	if got != kind {
		return "", fmt.Errorf("%w: its kind is %q where %s is needed", errNotAList, got, kind)
	}
	return next, nil
}

// readItems reads a list, or the null that stands for an empty one.
func readItems(d *json.Decoder, each func([]byte)) error {
	token, err := d.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('[') {
		return errNotAList
	}
	for d.More() {
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return err
		}
		each(item)
	}
	_, err = d.Token()
	return err
}

func open(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return broken(err)
	}
	if token != want {
		return errNotAList
	}
	return nil
}

// broken explains what encoding/json says of an answer that is cut off or no JSON at all.
func broken(err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it is cut off", errNotAList)
	case errors.As(err, &syntax), errors.As(err, &wrong):
		return fmt.Errorf("%w: %s", errNotAList, sentence(err))
	}
	return err
}
