package probe

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// place is where a Source looks.
type place string

const (
	placeAuto   place = "auto"
	placeHeader place = "header"
	placeJSON   place = "json"
	placeRegex  place = "regex"
	placeBody   place = "body"
	placeStatus place = "status"
	placeEnvoy  place = "envoy"
)

// Source says where in an answer its version stands. The zero value is "auto":
// the header x-version, else x-app-version, else the top-level version of a JSON
// object, else the body's text.
type Source struct {
	place   place
	arg     string // header name in canonical form, JSON path, or regular expression
	pattern *regexp.Regexp
}

// ParseSource reads auto, header:NAME, json:PATH, regex:RE, body, status or
// envoy. PATH is in gjson's syntax (a.b.0.c). RE is in Go's; its first group, if
// it has one, else the whole match is the version.
func ParseSource(s string) (Source, error) {
	name, arg, hasArg := strings.Cut(s, ":")
	src := Source{place: place(name), arg: arg}
	switch src.place {
	case placeAuto, placeBody, placeStatus, placeEnvoy:
		if hasArg {
			return Source{}, fmt.Errorf("version source %q takes nothing after %q: write %s", s, name, name)
		}
		return src, nil
	case placeHeader, placeJSON, placeRegex:
		if arg == "" {
			return Source{}, fmt.Errorf("version source %q is incomplete: write header:NAME, json:PATH or regex:RE", s)
		}
		return src.complete()
	}
	return Source{}, fmt.Errorf("unknown version source %q: use auto, header:NAME, json:PATH, regex:RE, body, status or envoy", s)
}

// complete checks and prepares the argument.
func (s Source) complete() (Source, error) {
	switch s.place {
	case placeHeader:
		if !isToken(s.arg) {
			return Source{}, fmt.Errorf("version source header:%s: %q is no header name", s.arg, s.arg)
		}
		s.arg = http.CanonicalHeaderKey(s.arg)
	case placeRegex:
		pattern, err := regexp.Compile(s.arg)
		if err != nil {
			return Source{}, fmt.Errorf("version source regex:%s: %w", s.arg, err)
		}
		s.pattern = pattern
	}
	return s, nil
}

// String returns the form that ParseSource reads.
func (s Source) String() string {
	switch s.place {
	case "":
		return string(placeAuto)
	case placeHeader, placeJSON, placeRegex:
		return string(s.place) + ":" + s.arg
	}
	return string(s.place)
}

// text returns the trimmed text that stands for the version, empty if there is
// none. named says that the answer named it as such, in a header or in JSON:
// then it counts whatever the status is.
func (s Source) text(r reply) (text []byte, named bool) {
	switch s.place {
	case placeHeader:
		return r.first(s.arg), true
	case placeJSON:
		return jsonText(r, s.arg), true
	case placeRegex:
		return s.match(r.readable()), false
	case placeBody:
		return bytes.TrimSpace(r.readable()), false
	case placeStatus:
		return strconv.AppendInt(nil, int64(r.status), 10), true
	}
	return autoText(r)
}

func autoText(r reply) (text []byte, named bool) {
	for _, name := range [...]string{"X-Version", "X-App-Version"} {
		if text := r.first(name); len(text) > 0 {
			return text, true
		}
	}
	body := bytes.TrimSpace(r.readable())
	if len(body) > 0 && body[0] == '{' {
		if text := jsonText(r, "version"); len(text) > 0 {
			return text, true
		}
	}
	return body, false
}

// jsonText returns the string, number or boolean at path. Numbers stay as they
// are written: 1.10 is not 1.1.
func jsonText(r reply, path string) []byte {
	body := r.readable()
	if r.whole && !gjson.ValidBytes(body) {
		return nil
	}
	switch value := gjson.GetBytes(body, path); value.Type {
	case gjson.String:
		return bytes.TrimSpace([]byte(value.Str))
	case gjson.Number, gjson.True, gjson.False:
		return []byte(value.Raw)
	}
	return nil
}

func (s Source) match(body []byte) []byte {
	groups := s.pattern.FindSubmatch(body)
	switch {
	case groups == nil:
		return nil
	case len(groups) > 1:
		return bytes.TrimSpace(groups[1])
	}
	return bytes.TrimSpace(groups[0])
}
