package v1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"patapay/api/problem"
	v1 "patapay/api/v1"
)

// Every answer that any test of this package gets is held to the contract: its status or
// the default is described, its type is, and its body validates (JSON Schema 2020-12, which
// is what OpenAPI 3.1 speaks). A validator of other people's, so that no mistake of the
// framework that wrote the document hides itself.
type answers struct {
	paths   []described
	schemas *jsonschema.Compiler
	sparse  *jsonschema.Compiler // without what is required of the clinic's objects: an answer to fields=
	mu      sync.Mutex
	made    map[schemaName]*jsonschema.Schema
	slugs   map[string]bool
}

// schemaName is a place in one of the two documents.
type schemaName struct {
	in *jsonschema.Compiler
	at string
}

// described is a path of the contract with its operations.
type described struct {
	pattern    *regexp.Regexp
	name       string
	operations map[string]any
}

const documentURL = "https://patapay.test/openapi.json"

var contract = sync.OnceValues(func() (*answers, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(v1.Document))
	if err != nil {
		return nil, err
	}
	a := &answers{
		schemas: jsonschema.NewCompiler(),
		sparse:  jsonschema.NewCompiler(),
		made:    map[schemaName]*jsonschema.Schema{},
		slugs:   map[string]bool{},
	}
	part, err := jsonschema.UnmarshalJSON(bytes.NewReader(v1.Document))
	if err != nil {
		return nil, err
	}
	for name, schema := range part.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any) {
		if !strings.HasPrefix(name, "ListBody") {
			delete(schema.(map[string]any), "required")
		}
	}
	for compiler, doc := range map[*jsonschema.Compiler]any{a.schemas: doc, a.sparse: part} {
		compiler.DefaultDraft(jsonschema.Draft2020)
		compiler.AssertFormat()
		if err := compiler.AddResource(documentURL, doc); err != nil {
			return nil, err
		}
	}
	for path, operations := range doc.(map[string]any)["paths"].(map[string]any) {
		pattern := "^" + regexp.MustCompile(`\\\{[^/]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`) + "$"
		a.paths = append(a.paths, described{regexp.MustCompile(pattern), path, operations.(map[string]any)})
	}
	for _, k := range problem.Catalogue() {
		a.slugs["/docs/erros/"+k.Slug] = true
	}
	return a, nil
})

// held fails the test when an answer is not what the contract says.
func held(t testing.TB, method, target string, status int, header http.Header, body string) {
	t.Helper()
	a, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.check(method, target, status, header, body); err != nil {
		t.Errorf("%s %s: the answer is not in the contract: %v\n%.600s", method, target, err, body)
	}
}

func (a *answers) check(method, target string, status int, header http.Header, body string) error {
	path, query, _ := strings.Cut(target, "?")
	if !strings.HasPrefix(path, "/v1/") {
		return nil
	}
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	if status >= 400 {
		return a.problem(status, kind, body)
	}
	name, op := a.find(method, path)
	if op == nil {
		return fmt.Errorf("no such operation")
	}
	if status == http.StatusNotModified {
		return nil // has no body
	}
	described, there := op["responses"].(map[string]any)[strconv.Itoa(status)].(map[string]any)
	if !there {
		return fmt.Errorf("status %d is not described", status)
	}
	content, _ := described["content"].(map[string]any)
	if len(content) == 0 && body == "" {
		return nil
	}
	if _, there := content[kind]; !there {
		return fmt.Errorf("type %q is not described", kind)
	}
	if kind != "application/json" {
		return nil
	}
	schemas := a.schemas
	if strings.Contains(query, "fields=") {
		schemas = a.sparse
	}
	return a.validate(
		schemas,
		"#/paths/"+pointer(
			name,
		)+"/"+strings.ToLower(method)+"/responses/"+strconv.Itoa(status)+"/content/"+pointer(kind)+"/schema",
		body,
	)
}

// problem holds a refusal to the one schema of them all; its type leads to a page.
func (a *answers) problem(status int, kind, body string) error {
	if kind != "application/problem+json" {
		return fmt.Errorf("a refusal of type %q", kind)
	}
	var p struct {
		Type   string
		Status int
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status != status {
		return fmt.Errorf("status %d in the body (%v)", p.Status, err)
	}
	if !a.slugs[p.Type] {
		return fmt.Errorf("type %s leads nowhere", p.Type)
	}
	return a.validate(a.schemas, "#/components/schemas/Problem", body)
}

// find returns the operation whose path fits best: one without a parameter in that place
// wins.
func (a *answers) find(method, path string) (name string, op map[string]any) {
	for _, d := range a.paths {
		if o, there := d.operations[strings.ToLower(method)].(map[string]any); there && d.pattern.MatchString(path) &&
			(op == nil || strings.Count(d.name, "{") < strings.Count(name, "{")) {
			name, op = d.name, o
		}
	}
	return name, op
}

func (a *answers) validate(schemas *jsonschema.Compiler, at, body string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	name := schemaName{schemas, at}
	schema := a.made[name]
	if schema == nil {
		if schema, err = schemas.Compile(documentURL + at); err != nil {
			return err
		}
		a.made[name] = schema
	}
	return schema.Validate(value)
}

// pointer escapes a name for a JSON pointer in a URL (RFC 6901, sections 3 and 6).
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
}

// An example that its own schema refuses teaches a mistake.
func TestEveryExampleInTheContractIsOneItself(t *testing.T) {
	a, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Examples []json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(v1.Document, &doc); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for name, schema := range doc.Components.Schemas {
		for member, p := range schema.Properties {
			for _, example := range p.Examples {
				seen++
				if err := a.validate(
					a.schemas,
					"#/components/schemas/"+name+"/properties/"+pointer(member),
					string(example),
				); err != nil {
					t.Errorf("%s.%s: %v", name, member, err)
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d examples: they were not found", seen)
	}
}

func TestAnAnswerThatTheContractDoesNotDescribeIsCaught(t *testing.T) {
	a, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	ok := `{"data":[],"hasMore":false,"newest":1}`
	for _, c := range []struct {
		name, path, kind, body string
		status                 int
		good                   bool
	}{
		{"as described", "/v1/tenants/x/feed", "application/json", ok, 200, true},
		{"with a query", "/v1/tenants/x/feed?after=1", "application/json; charset=utf-8", ok, 200, true},
		{
			"a member too many", "/v1/tenants/x/feed", "application/json",
			`{"data":[],"hasMore":false,"newest":1,"secret":1}`, 200, false,
		},
		{"a member missing", "/v1/tenants/x/feed", "application/json", `{"data":[],"hasMore":false}`, 200, false},
		{"null for a list", "/v1/tenants/x/feed", "application/json", `{"data":null,"hasMore":false,"newest":1}`, 200, false},
		{
			"text for a number", "/v1/tenants/x/feed", "application/json",
			`{"data":[],"hasMore":false,"newest":"1"}`, 200, false,
		},
		{"another status", "/v1/tenants/x/feed", "application/json", ok, 201, false},
		{"another type", "/v1/tenants/x/feed", "text/html", ok, 200, false},
		{"a route nobody described", "/v1/tenants/x/secrets", "application/json", ok, 200, false},
		{"a refusal that is no problem", "/v1/tenants/x/feed", "application/json", `{"error":"no"}`, 404, false},
		{
			"a refusal whose page is not there", "/v1/tenants/x/feed", "application/problem+json",
			`{"type":"/docs/erros/nada","title":"x","status":404,"code":"x","retryable":false}`, 404, false,
		},
		{
			"a refusal", "/v1/tenants/x/feed", "application/problem+json",
			`{"type":"/docs/erros/nao-encontrado","title":"x","status":404,"code":"not_found","retryable":false}`, 404, true,
		},
	} {
		err := a.check("GET", c.path, c.status, http.Header{"Content-Type": {c.kind}}, c.body)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
