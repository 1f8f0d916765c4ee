package v1

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
)

// operationTexts has a line for each operation: its id, a blank, and what it does in
// Portuguese, for /docs and for tools.
//
//go:embed operations.txt
var operationTexts string

// exampleAnswers has an answer of the program's own for operations that are read, by their ids; a
// test holds them to what it answers.
//
//go:embed answers.json
var exampleAnswers []byte

// describe completes the document by what stands beside the routes: every operation's text, an answer of it, and that
// all ask for a token but those that say they do not.
func describe(document *huma.OpenAPI) {
	texts := map[string]string{}
	for line := range strings.Lines(operationTexts) {
		id, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		texts[id] = text
	}
	answers := map[string]any{}
	if err := json.Unmarshal(exampleAnswers, &answers); err != nil {
		panic(err) // it is compiled in
	}
	document.Security = []map[string][]string{{rest.Bearer: {}}}
	for _, path := range document.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Patch, path.Delete} {
			if op == nil {
				continue
			}
			op.Description = texts[op.OperationID]
			if answer, there := answers[op.OperationID]; there {
				op.Responses["200"].Content["application/json"].Example = answer
			}
			if op.Security == nil {
				op.Security = []map[string][]string{}
			}
		}
	}
}
