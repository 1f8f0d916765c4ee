// Package samples is the published deliveries of the gateway, embedded, and what may be changed in one before it is
// sent.
package samples

import (
	"embed"
	"strings"
)

//go:embed *.json
var events embed.FS

// Event returns the sample delivery called name, "payment_received_pix.real" for
// instance, byte for byte as it was published. It panics when there is no such sample.
func Event(name string) []byte {
	body, err := events.ReadFile(name + ".json")
	if err != nil {
		panic("no sample event " + name)
	}
	return body
}

// Names returns the names of all sample deliveries, sorted. The last word tells where
// each comes from: doc (the gateway's documentation), real (a captured delivery, personal
// data replaced) or made (built from one of these).
func Names() []string {
	entries, err := events.ReadDir(".")
	if err != nil {
		panic(err) // embedded: the folder is there
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}
