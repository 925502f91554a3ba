package k8s

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

var indexes = regexp.MustCompile(`\[\d+\]`)

// locate completes a field, as encoding/json names it, by the positions in its lists: spec.http.route.weight becomes
// spec.http[0].route[1].weight. The offset is where reading stopped. A field that cannot be found stays as it is.
func locate(document []byte, field string, offset int64) string {
	decoder := json.NewDecoder(bytes.NewReader(document))
	var path cursor
	for {
		token, err := decoder.Token()
		if err != nil {
			return field
		}
		path.next(token)
		if text := path.String(); decoder.InputOffset() >= offset && indexes.ReplaceAllString(text, "") == field {
			return text
		}
	}
}

// cursor follows the tokens of a JSON text.
type cursor struct{ levels []level }

type level struct {
	list  bool
	index int
	key   string
	keyed bool // the key was read, its value comes next
}

func (p *cursor) next(token json.Token) {
	switch token {
	case json.Delim('}'), json.Delim(']'):
		p.levels = p.levels[:len(p.levels)-1]
		return
	}
	if len(p.levels) > 0 {
		top := &p.levels[len(p.levels)-1]
		switch {
		case top.list:
			top.index++
		case top.keyed:
			top.keyed = false
		default:
			top.key, _ = token.(string)
			top.keyed = true
			return
		}
	}
	if token == json.Delim('{') || token == json.Delim('[') {
		p.levels = append(p.levels, level{list: token == json.Delim('['), index: -1})
	}
}

func (p *cursor) String() string {
	var text strings.Builder
	for _, l := range p.levels {
		switch {
		case l.list && l.index >= 0:
			fmt.Fprintf(&text, "[%d]", l.index)
		case !l.list && l.key != "":
			text.WriteString("." + l.key)
		}
	}
	return strings.TrimPrefix(text.String(), ".")
}
