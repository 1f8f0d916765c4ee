package asaasapi

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// published is the part of the gateway's OpenAPI description that we use, made by
// scripts/trim-openapi.
//
//go:embed testdata/openapi.json
var published []byte

type description struct {
	Paths   map[string]map[string]described
	Schemas map[string]schema
}

type described struct {
	Parameters  []struct{ Name, In string }
	RequestBody schema
	Responses   map[string]schema
}

// schema is a JSON schema as it was decoded.
type schema map[string]any

func publishedDescription(t *testing.T) (d description) {
	t.Helper()
	if err := json.Unmarshal(published, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// find returns the operation of a request, "GET /v3/payments/{id}" for instance. A fixed
// word wins over a place.
func (d description) find(method, path string) (name string, op described, ok bool) {
	for template, operations := range d.Paths {
		found, there := operations[strings.ToLower(method)]
		if there && fits(template, strings.TrimSuffix(path, "/")) &&
			(!ok || strings.Count(template, "{") < strings.Count(name, "{")) {
			name, op, ok = method+" "+template, found, true
		}
	}
	return name, op, ok
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return strings.HasPrefix(w, "{") || w == g })
}

// understood are the words of a schema that check knows; any other fails the test, so that
// nothing is passed over.
var understood = []string{
	"$ref",
	"type",
	"properties",
	"required",
	"items",
	"enum",
	"format",
	"nullable",
	"maximum",
	"minimum",
	"minLength",
	"maxLength",
	"pattern",
	"additionalProperties",
	"x-patched",
}

// check returns what of value breaks s, one line each: the place, with [] for any item of a
// list, and the rule. Two things are stricter or laxer than the standard: a member that is
// not described breaks the schema; null stands for an optional member that is absent,
// because the description marks few of the nulls that every captured answer has.
func (d description) check(at string, s schema, value any) (broken []string) {
	for word := range s {
		if !slices.Contains(understood, word) && !strings.HasPrefix(word, "x-") {
			broken = append(broken, at+": the schema says "+word+", which this test does not understand")
		}
	}
	if ref, ok := s["$ref"].(string); ok {
		return append(broken, d.check(at, d.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")], value)...)
	}
	if rule := breaks(s, value); rule != "" {
		return append(broken, at+": "+rule)
	}
	switch v := value.(type) {
	case map[string]any:
		broken = append(broken, d.members(at, s, v)...)
	case []any:
		items, _ := s["items"].(map[string]any)
		for _, item := range v {
			broken = append(broken, d.check(at+"[]", items, item)...)
		}
	}
	return broken
}

func (d description) members(at string, s schema, v map[string]any) (broken []string) {
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if v[name.(string)] == nil {
			broken = append(broken, at+"."+name.(string)+": required")
		}
	}
	for name, value := range v {
		p, ok := properties[name].(map[string]any)
		switch {
		case !ok && properties != nil && s["additionalProperties"] == nil:
			broken = append(broken, at+"."+name+": not described")
		case ok && value != nil:
			broken = append(broken, d.check(at+"."+name, p, value)...)
		}
	}
	return broken
}

// breaks returns the first rule about the value itself that it breaks, "" for none.
func breaks(s schema, value any) string {
	want, _ := s["type"].(string)
	if got := kindOf(value); want != "" && got != want && !(want == "number" && got == "integer") {
		return "type " + got + ", want " + want
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, value) {
		return fmt.Sprintf("%v is none of the enumeration", value)
	}
	switch v := value.(type) {
	case float64:
		if max, ok := s["maximum"].(float64); ok && v > max {
			return "above its maximum"
		}
		if min, ok := s["minimum"].(float64); ok && v < min {
			return "below its minimum"
		}
	case string:
		return breaksText(s, v)
	}
	return ""
}

func breaksText(s schema, v string) string {
	if max, ok := s["maxLength"].(float64); ok && float64(len([]rune(v))) > max {
		return "longer than maxLength"
	}
	if min, ok := s["minLength"].(float64); ok && float64(len([]rune(v))) < min {
		return "shorter than minLength"
	}
	if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
		return "does not match its pattern"
	}
	layouts := map[any][]string{
		"date": {time.DateOnly}, "date-time": {time.RFC3339, "2006-01-02T15:04:05-0700", time.DateTime},
	}[s["format"]]
	if layouts != nil &&
		!slices.ContainsFunc(layouts, func(layout string) bool { _, err := time.Parse(layout, v); return err == nil }) {
		return "not of format " + s["format"].(string)
	}
	return ""
}

func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

func TestTheSchemaCheckFindsEachKindOfBreach(t *testing.T) {
	d := description{
		Schemas: map[string]schema{"S": {"type": "object", "required": []any{"a"}, "properties": map[string]any{
			"a": map[string]any{
				"type": "string",
				"enum": []any{"X"},
			},
			"n": map[string]any{"type": "integer", "maximum": 3.0, "minimum": 1.0},
			"d": map[string]any{
				"type":   "string",
				"format": "date",
			},
			"l": map[string]any{"type": "array", "items": map[string]any{"type": "number"}},
			"t": map[string]any{
				"type":      "string",
				"maxLength": 2.0,
				"minLength": 1.0,
				"pattern":   "^y",
			},
			"z": map[string]any{"allOf": 1.0},
		}}},
	}
	for body, want := range map[string]string{
		`{"a":"X","n":2,"d":"2026-11-22","l":[1,2.5],"t":"y"}`: "",
		`{"n":null,"a":"X"}`:    "",
		`{}`:                    "$.a: required",
		`{"a":null}`:            "$.a: required",
		`{"a":"Y"}`:             "$.a: Y is none of the enumeration",
		`{"a":7}`:               "$.a: type integer, want string",
		`{"a":"X","n":4}`:       "$.n: above its maximum",
		`{"a":"X","n":0}`:       "$.n: below its minimum",
		`{"a":"X","n":1.5}`:     "$.n: type number, want integer",
		`{"a":"X","d":"22/11"}`: "$.d: not of format date",
		`{"a":"X","l":["1"]}`:   "$.l[]: type string, want number",
		`{"a":"X","t":"yyy"}`:   "$.t: longer than maxLength",
		`{"a":"X","t":""}`:      "$.t: shorter than minLength",
		`{"a":"X","t":"x"}`:     "$.t: does not match its pattern",
		`{"a":"X","new":1}`:     "$.new: not described",
		`{"a":"X","z":1}`:       "$.z: the schema says allOf, which this test does not understand",
		`[]`:                    "$: type array, want object",
	} {
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(d.check("$", schema{"$ref": "#/components/schemas/S"}, value), "; "); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
