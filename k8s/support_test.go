package k8s

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// weather is a Service, its DestinationRule with two subsets and the VirtualService that the cases replace.
const (
	weatherService = `
apiVersion: v1
kind: Service
metadata: {name: weather-backend}
spec: {ports: [{port: 5000, name: backend}], selector: {app: weather-backend}}
`
	weatherSubsets = `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: dr-weather-backend}
spec:
  host: weather-backend
  subsets:
  - {name: single, labels: {version: single}}
  - {name: multiple, labels: {version: multiple}}
`
	ninetyTen = `
    - {destination: {host: weather-backend, subset: single}, weight: 90}
    - {destination: {host: weather-backend, subset: multiple}, weight: 10}
`
	weather = weatherService + weatherSubsets
)

// virtualService is one for the weather backend, of the given name and body.
func virtualService(name, body string) string {
	return "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: " + name + "}\nspec:\n" + body
}

const versionURL = "http://weather-backend:5000/version"

func mustRead(t *testing.T, text string) *Objects {
	t.Helper()
	o, err := Read(strings.NewReader(text), "test.yaml", "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustRequest(t *testing.T, rawURL string, header ...string) Request {
	t.Helper()
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	r, err := NewRequest("", rawURL, "", h)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// summary is a lookup in short: the rule, its weights, whether it is in effect, the findings.
func summary(l Lookup) string {
	text := "none"
	if l.Rule != nil {
		text = l.Rule.Name + " " + l.Rule.Field
		for _, d := range l.Rule.Destinations {
			text += " " + d.Version + "=" + strconv.FormatInt(d.Weight, 10)
		}
		if !l.InEffect {
			text += " (not in effect)"
		}
	}
	for _, f := range l.Findings {
		text += "\n" + f.Severity + " " + f.ID + " " + f.Object + " " + f.Field
	}
	for range l.Unseen {
		text += "\nunseen"
	}
	return text
}
