package contract_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/contract"
	v1 "patapay/api/v1"
)

// released is the document of the last release. A release copies api/v1/openapi.json over
// it and says in api/docs/changelog.md what changed; nothing else writes it.
func released(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("released.json")
	require.NoError(t, err)
	return raw
}

func TestNoProgramWrittenAgainstTheLastReleaseBreaks(t *testing.T) {
	lines, err := contract.Breaking(released(t), v1.Document)
	require.NoError(t, err)
	for _, line := range lines {
		t.Errorf("%s: inside v1 the contract only grows", line)
	}
}

// at is a place in the document, by its names.
func at(doc map[string]any, names ...string) map[string]any {
	for _, name := range names {
		doc = doc[name].(map[string]any)
	}
	return doc
}

func schemaOf(doc map[string]any, name string) map[string]any {
	return at(doc, "components", "schemas", name)
}

func property(doc map[string]any, schema, name string) map[string]any {
	return at(schemaOf(doc, schema), "properties", name)
}

func parameter(doc map[string]any, path, name string) map[string]any {
	for _, p := range at(doc, "paths", path, "get")["parameters"].([]any) {
		if p := p.(map[string]any); p["name"] == name {
			return p
		}
	}
	panic(name)
}

const invoices, feed = "/v1/tenants/{tenant}/invoices", "/v1/tenants/{tenant}/feed"

func TestEachPlantedChangeIsJudgedRightly(t *testing.T) {
	type doc = map[string]any
	for _, c := range []struct {
		name, want string // "" : no program breaks
		plant      func(doc)
	}{
		{"nothing changed", "", func(doc) {}},
		{"a path is removed", "GET " + feed + ": API path removed", func(d doc) { delete(at(d, "paths"), feed) }},
		{"an operation is removed", "PUT /v1/tenants/{tenant}/connection: API removed", func(d doc) {
			delete(at(d, "paths", "/v1/tenants/{tenant}/connection"), "put")
		}},
		{"an operation is renamed", "operation id `getFeed` removed and replaced with `readFeed`", func(d doc) {
			at(d, "paths", feed, "get")["operationId"] = "readFeed"
		}},
		{"another scope is asked for", "security scope `admin:all` was added", func(d doc) {
			at(d, "paths", feed, "get")["security"] = []any{doc{"bearer": []any{"admin:all"}}}
		}},
		{"an answer's member is removed", "removed the required property `status`", func(d doc) {
			delete(at(d, "components", "schemas", "InvoiceView", "properties"), "status")
		}},
		{"a member deep below is removed", "amountCents` from the response", func(d doc) {
			delete(at(d, "components", "schemas", "MoneyView", "properties"), "amountCents")
		}},
		{"a member may be absent", "the response property `asaasId` became optional", func(d doc) {
			schemaOf(d, "InvoiceView")["required"] = []any{"id", "status"}
		}},
		{"a member may be null", "the response property `newest` became nullable", func(d doc) {
			property(d, "FeedOutputBody", "newest")["type"] = []any{"integer", "null"}
		}},
		{"a member changes its type", "`type` changed from `integer` to `string`", func(d doc) {
			property(d, "FeedOutputBody", "newest")["type"] = "string"
		}},
		{"a member changes its format", "`format` changed from `date-time` to `date`", func(d doc) {
			property(d, "EntryView", "occurredAt")["format"] = "date"
		}},
		{"an answer's word is removed", "removed the `checkout.updated` enum value", func(d doc) {
			property(d, "EntryView", "type")["enum"] = []any{"invoice.updated", "anticipation.updated"}
		}},
		{"a form of an answer is removed", "removed `#/components/schemas/AnticipationView`", func(d doc) {
			o := property(d, "EntryView", "object")
			o["anyOf"] = o["anyOf"].([]any)[:2]
		}},
		{"a content type is removed", "removed the media type `application/json`", func(d doc) {
			delete(at(d, "paths", feed, "get", "responses", "200", "content"), "application/json")
		}},
		{"an answer is removed", "answer default is gone", func(d doc) {
			delete(at(d, "paths", feed, "get", "responses"), "default")
		}},
		{"a header of an answer is removed", "response header `ETag` removed", func(d doc) {
			delete(at(d, "paths", "/v1/tenants/{tenant}", "get", "responses", "200", "headers"), "ETag")
		}},
		{"a parameter is removed", "deleted the `query` request parameter `wait`", func(d doc) {
			op := at(d, "paths", feed, "get")
			var left []any
			for _, p := range op["parameters"].([]any) {
				if p.(doc)["name"] != "wait" {
					left = append(left, p)
				}
			}
			op["parameters"] = left
		}},
		{"a parameter becomes required", "the `query` request parameter `after` became required", func(d doc) {
			parameter(d, feed, "after")["required"] = true
		}},
		{"a required parameter is added", "added the new required `query` request parameter `since`", func(d doc) {
			op := at(d, "paths", feed, "get")
			op["parameters"] = append(
				op["parameters"].([]any),
				doc{"name": "since", "in": "query", "required": true, "schema": doc{"type": "string"}},
			)
		}},
		{"a parameter's word is removed", "removed the enum value `-receivedAt`", func(d doc) {
			s := at(parameter(d, "/v1/tenants/{tenant}/events", "sort"), "schema")
			s["enum"] = []any{"receivedAt"}
		}},
		{"a bound is drawn tighter", "the max was decreased from `500.00` to `50.00`", func(d doc) {
			at(parameter(d, feed, "limit"), "schema")["maximum"] = 50
		}},
		{"a default changes", "default value was changed from `100.00` to `10.00`", func(d doc) {
			at(parameter(d, feed, "limit"), "schema")["default"] = 10
		}},
		{"a request's member becomes required", "the request property `notificationEmail` became required", func(d doc) {
			schemaOf(d, "PutConnectionInputBody")["required"] = []any{"notificationEmail"}
		}},
		{"a request's member is removed", "removed the request property `apiKey`", func(d doc) {
			delete(at(d, "components", "schemas", "PutConnectionInputBody", "properties"), "apiKey")
		}},

		{"an operation is added", "", func(d doc) { at(d, "paths")["/v1/new"] = doc{"get": doc{"operationId": "new"}} }},
		{"an answer gains a member", "", func(d doc) {
			at(d, "components", "schemas", "InvoiceView", "properties")["novelty"] = doc{"type": "string"}
		}},
		{"an answer gains a word", "", func(d doc) {
			s := property(d, "EntryView", "type")
			s["enum"] = append(s["enum"].([]any), "transfer.updated")
		}},
		{"an optional parameter is added", "", func(d doc) {
			op := at(d, "paths", feed, "get")
			op["parameters"] = append(
				op["parameters"].([]any), doc{"name": "since", "in": "query", "schema": doc{"type": "string"}},
			)
		}},
		{"a bound is drawn wider", "", func(d doc) { at(parameter(d, feed, "limit"), "schema")["maximum"] = 5000 }},
		{"a text is better said", "", func(d doc) { at(d, "paths", invoices, "get")["summary"] = "Invoices" }},
		{"a request gains what is optional", "", func(d doc) {
			at(d, "components", "schemas", "PutConnectionInputBody", "properties")["note"] = doc{"type": "string"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var planted doc
			require.NoError(t, json.Unmarshal(released(t), &planted))
			c.plant(planted)
			raw, err := json.Marshal(planted)
			require.NoError(t, err)
			lines, err := contract.Breaking(released(t), raw)
			require.NoError(t, err)
			if c.want == "" {
				require.Empty(t, lines)
				return
			}
			require.NotEmpty(t, lines, "nobody noticed")
			require.Contains(t, strings.Join(lines, "\n"), c.want)
		})
	}
}

func TestADocumentThatCannotBeReadIsAnErrorAndNotNoChange(t *testing.T) {
	_, err := contract.Breaking([]byte("{}"), []byte("{"))
	require.Error(t, err)
}
