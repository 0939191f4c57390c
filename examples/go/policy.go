// The small policy in Go, with the standard library alone. Its twins in the other languages are in
// the neighbouring directories.
package main

import (
	"encoding/json"
	"strings"
)

const protected = "/admin"

type event struct {
	URI     string            `json:"uri"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
}

type verdict struct {
	Decision           string            `json:"decision"`
	Status             int               `json:"status,omitempty"`
	Body               string            `json:"body,omitempty"`
	AddRequestHeaders  map[string]string `json:"add_request_headers,omitempty"`
	AddResponseHeaders map[string]string `json:"add_response_headers,omitempty"`
	Tags               []string          `json:"tags,omitempty"`
}

func onRequest(request event) verdict {
	if isProtected(request.URI) && request.Headers["authorization"] == "" {
		return verdict{
			Decision: "block",
			Status:   403,
			Body:     "Authorization required",
			Tags:     []string{"auth-required"},
		}
	}
	return verdict{
		Decision:          "allow",
		AddRequestHeaders: map[string]string{"x-wasm-policy": "checked"},
		Tags:              []string{"checked"},
	}
}

func onResponse(response event) verdict {
	answer := verdict{
		Decision:           "allow",
		AddResponseHeaders: map[string]string{"x-wasm-policy": "checked"},
	}
	if response.Status >= 500 {
		answer.Tags = []string{"upstream-error"}
	}
	return answer
}

// isProtected tells the path itself, and whatever is below it.
func isProtected(uri string) bool {
	path := uri
	if end := strings.IndexAny(uri, "?#"); end >= 0 {
		path = uri[:end]
	}
	rest, found := strings.CutPrefix(path, protected)
	return found && (rest == "" || rest[0] == '/')
}

func decide(input []byte, handler func(event) verdict) []byte {
	var in event
	if err := json.Unmarshal(input, &in); err != nil {
		panic(err) // the agent writes JSON: this ends up in its log
	}
	output, err := json.Marshal(handler(in))
	if err != nil {
		panic(err)
	}
	return output
}
