package k8s

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/yaml"
)

// Read reads the objects of one file: YAML of any number of documents, or JSON; kind List too. The name is the file's,
// for errors; objects without a namespace get the given one, else "default". A file without a document gives no
// objects and no error. Errors are one sentence that names the file, the document and the fault.
func Read(r io.Reader, name, namespace string) (*Objects, error) {
	o := &Objects{}
	if _, err := o.read(r, name, namespace); err != nil {
		return nil, err
	}
	return o, nil
}

// read adds the objects of a file, and says how many documents it had.
func (o *Objects) read(r io.Reader, name, namespace string) (documents int, err error) {
	if namespace == "" {
		namespace = defaultNamespace
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	for _, d := range split(text) {
		converted, err := d.json()
		if err != nil {
			return documents, fmt.Errorf("%s: document %d: %w", name, documents+1, err)
		}
		if converted == nil {
			continue
		}
		documents++
		if err := o.Add(converted, namespace); err != nil {
			return documents, fmt.Errorf("%s: document %d: %w", name, documents, err)
		}
	}
	return documents, nil
}

// document is one YAML document of a file.
type document struct {
	text []byte
	line int // number of its first line, from 0
}

// split cuts a file at the lines that begin or end a document ("---" and "...", YAML 1.2 §9.1). JSON values one after
// the other are documents too.
func split(text []byte) []document {
	if values := splitJSON(text); values != nil {
		return values
	}
	var documents []document
	var current document
	number := 0
	for line := range bytes.Lines(text) {
		if marksDocument(line) {
			documents = append(documents, current)
			current = document{line: number}
			line = append([]byte("   "), line[3:]...) // what follows "--- " belongs to the document
		}
		current.text = append(current.text, line...)
		number++
	}
	return append(documents, current)
}

func marksDocument(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("---")) && !bytes.HasPrefix(line, []byte("...")) {
		return false
	}
	return len(line) == 3 || strings.ContainsRune(" \t\r\n", rune(line[3]))
}

// splitJSON is nil when the text is not JSON throughout: it may be YAML that begins with a brace.
func splitJSON(text []byte) []document {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil
	}
	var documents []document
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var value json.RawMessage
		switch err := decoder.Decode(&value); err {
		case nil:
			documents = append(documents, document{text: value})
		case io.EOF:
			return documents
		default:
			return nil
		}
	}
}

// json converts the document; nil when there is nothing but comments, directives and blank lines in it.
func (d document) json() ([]byte, error) {
	if d.blank() {
		return nil, nil
	}
	converted, err := yaml.YAMLToJSON(d.text)
	if err != nil {
		return nil, d.explain(err)
	}
	if string(converted) == "null" {
		return nil, nil
	}
	return converted, nil
}

func (d document) blank() bool {
	for line := range bytes.Lines(d.text) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

// explain converts once more with the lines above put back, so that the error counts lines as the file does.
func (d document) explain(err error) error {
	padded := append(bytes.Repeat([]byte("\n"), d.line), d.text...)
	if _, again := yaml.YAMLToJSON(padded); again != nil {
		err = again
	}
	message := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	message = printable(strings.TrimPrefix(message, "yaml: "))
	if bytes.Contains(d.text, []byte("{{")) {
		return fmt.Errorf("not YAML (%s): a template is rendered first, as by helm template", message)
	}
	return fmt.Errorf("not YAML (%s)", message)
}
