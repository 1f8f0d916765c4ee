// Package asaastest stands in for the gateway in tests and in local development.
package asaastest

import (
	"embed"
	"strings"
)

//go:embed events/*.json
var events embed.FS

// Event returns the sample delivery called name, "payment_received_pix.real" for
// instance, byte for byte as it was published. It panics when there is no such sample.
func Event(name string) []byte {
	body, err := events.ReadFile("events/" + name + ".json")
	if err != nil {
		panic("no sample event " + name)
	}
	return body
}

// Names returns the names of all sample deliveries, sorted. The last word tells where
// each comes from: doc (the gateway's documentation), real (a captured delivery, personal
// data replaced) or made (built from one of these).
func Names() []string {
	entries, err := events.ReadDir("events")
	if err != nil {
		panic(err) // embedded: the folder is there
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}
