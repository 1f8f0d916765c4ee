package v1

import _ "embed"

// Document is the contract, OpenAPI 3.1 in JSON, as the last build had it: what is served
// at /openapi.json, and compared with it by a test. Do not change it.
//
//go:embed openapi.json
var Document []byte
