package fakeapi

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
)

// address is what a path names.
type address struct {
	group, version, namespace, plural, name string
}

// parseAddress takes /api/v1/namespaces/NS/services/NAME and the like apart.
func parseAddress(path string) (a address, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		a.version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		a.group, a.version, parts = parts[1], parts[2], parts[3:]
	default:
		return a, false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		a.namespace, parts = parts[1], parts[2:]
	}
	a.plural = parts[0]
	if len(parts) > 1 {
		a.name = parts[1]
	}
	return a, len(parts) <= 2
}

func (a address) apiVersion() string {
	if a.group == "" {
		return a.version
	}
	return a.group + "/" + a.version
}

func (a address) kind() string {
	for kind, plural := range plurals() {
		if plural == a.plural {
			return kind
		}
	}
	return "Unknown"
}

// refuse answers with a Status.
func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code})
}

func encodeCertificate(raw []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}
