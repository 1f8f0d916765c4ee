package docs

import (
	"embed"
	"net/http"
)

//go:embed examples/verify/main.go examples/verify.mjs examples/verify.php
var examples embed.FS

// verifier is one program that tells whether a delivery is ours.
type verifier struct{ Language, Text string }

// push is the page about entries that are sent: headers, and how to verify them.
func (s *site) push(*http.Request) (view, bool) {
	var list []verifier
	for _, e := range []struct{ language, file string }{
		{"Go", "examples/verify/main.go"}, {"JavaScript", "examples/verify.mjs"}, {"PHP", "examples/verify.php"},
	} {
		text, err := examples.ReadFile(e.file)
		if err != nil {
			return view{}, false
		}
		list = append(list, verifier{e.language, string(text)})
	}
	return view{Title: "Envios assinados", Page: "push", Data: list}, true
}
