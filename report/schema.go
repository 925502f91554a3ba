package report

import _ "embed"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of the form json, for programs that read or check reports.
func Schema() string { return schema }
