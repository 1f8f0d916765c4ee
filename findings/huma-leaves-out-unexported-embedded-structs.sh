#!/bin/sh
# What: github.com/danielgtaylor/huma/v2 v2.37.2 leaves out the exported members of an embedded struct whose own type is
# not exported: they are no parameters of the operation, are not in its schema, and are missing in its answer, silently.
# Why it surprises: Go promotes those members (Go specification, struct types) and encoding/json writes them, as the last
# line shows; the same struct with a capital letter is documented, bound and answered.
# Seen: 2026-11-29. The script fails when the behaviour changes. It needs Go and its registry, and nothing of PataPay.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'EOF'
module finding

go 1.24

require github.com/danielgtaylor/huma/v2 v2.37.2
EOF
cat > main.go <<'EOF'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type place struct {
	Page int `query:"page" json:"page"`
}

type Place struct {
	Size int `query:"size" json:"size"`
}

type body struct {
	place
	Place
	Name string `json:"name"`
}

func main() {
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("t", "1"))
	huma.Get(api, "/things", func(_ context.Context, in *struct {
		place
		Place
	}) (*struct{ Body body }, error) {
		return &struct{ Body body }{body{place{in.Page}, Place{in.Size}, "x"}}, nil
	})
	var params []string
	for _, p := range api.OpenAPI().Paths["/things"].Get.Parameters {
		params = append(params, p.Name)
	}
	var members []string
	for name := range api.OpenAPI().Components.Schemas.Map()["Body"].Properties {
		members = append(members, name)
	}
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest("GET", "/things?page=3&size=5", nil))
	plain, _ := json.Marshal(body{place{3}, Place{5}, "x"})
	slices.Sort(params)
	fmt.Println("documented parameters:", params)
	slices.Sort(members)
	fmt.Println("documented members:", members)
	fmt.Println("answer:", strings.TrimSpace(answer.Body.String()))
	fmt.Println("encoding/json alone:", string(plain))
}
EOF
go mod tidy >/dev/null 2>&1
cat > want <<'EOF'
documented parameters: [size]
documented members: [$schema name size]
answer: {"$schema":"https://example.com/schemas/Body.json","size":5,"name":"x"}
encoding/json alone: {"page":3,"size":5,"name":"x"}
EOF
go run . | tee got
cmp want got
