// Package client is PataPay's API for Go programs. The types and one method an operation
// are generated from the contract (client.gen.go, `make generate`); this package's own
// files add what a contract cannot say: errors that are errors, repeats of what may be
// repeated, lists as iterators, and the change feed followed to the end of time. Its one
// rule: it knows nothing of PataPay but /openapi.json.
package client

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config oapi-codegen.yaml -o client.gen.go ../v1/openapi.json
