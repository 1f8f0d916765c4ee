package v1

import "github.com/danielgtaylor/huma/v2"

// nullsInEnums says of members that are one of some words or null that they are either: a
// validator asks both the type and the words (JSON Schema 2020-12, validation, 6.1), and the
// framework writes null into the type alone.
func nullsInEnums(api huma.API) {
	for _, schema := range api.OpenAPI().Components.Schemas.Map() {
		for _, p := range schema.Properties {
			if !p.Nullable || len(p.Enum) == 0 {
				continue
			}
			p.AnyOf = []*huma.Schema{{Type: p.Type, Enum: p.Enum}, {Type: "null"}}
			p.Type, p.Enum, p.Nullable = "", nil, false
		}
	}
}

// orThere describes the 200 of an operation that makes what may be there already: the same
// answer as its 201.
func orThere(api huma.API, path string) {
	answers := api.OpenAPI().Paths[path].Post.Responses
	there := *answers["201"]
	there.Description = "OK: it was there"
	answers["200"] = &there
}
