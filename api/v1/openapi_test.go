package v1_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	v1 "patapay/api/v1"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// document returns the router's OpenAPI document and its own routes.
func document(t *testing.T) (raw []byte, doc map[string]any, routes gin.RoutesInfo) {
	t.Helper()
	w := newWorld(t, func(s *v1.Server) {
		r := gin.New()
		s.Register(r)
		routes = r.Routes()
	})
	a := w.must(200, "", "GET", "/openapi.json", nil)
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(a.raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return append(bytes.TrimSpace(b.Bytes()), '\n'), doc, routes
}

func TestTheGoldenDocumentIsWhatTheRouterSays(t *testing.T) {
	raw, _, _ := document(t)
	if *update {
		if err := os.WriteFile("openapi.json", raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile("openapi.json")
	if err != nil || !bytes.Equal(golden, raw) {
		t.Errorf("openapi.json is not what the router says (%v): go test ./api/v1 -update, and read the difference", err)
	}
}

// A tool that makes a client from the document had no address to ask, no token to ask for, and groups and operations
// without a word of what they are for in the language of /docs.
func TestTheDocumentSaysWhereToAskWithWhatTokenAndWhatEachGroupAndOperationIsFor(t *testing.T) {
	var doc struct {
		Servers  []struct{ URL string }
		Security []map[string][]string
		Tags     []struct {
			Name, Description string
			DisplayName       string `json:"x-displayName"`
		}
		Paths map[string]map[string]struct {
			OperationID, Description string
			Tags                     []string
		}
	}
	raw, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &doc))
	require.Equal(t, "/", doc.Servers[0].URL)
	require.Equal(t, []map[string][]string{{"bearer": {}}}, doc.Security)
	described, used := map[string]bool{}, map[string]bool{}
	for _, tag := range doc.Tags {
		described[tag.Name] = len(tag.Description) > 20 && tag.DisplayName != ""
	}
	texts := map[string]bool{}
	for _, operations := range doc.Paths {
		for _, o := range operations {
			require.Len(t, o.Tags, 1)
			used[o.Tags[0]] = true
			require.Regexp(t, `^\p{Lu}.{20,}\.$`, o.Description, "operations.txt says what %s does", o.OperationID)
			texts[o.OperationID+" "+o.Description] = true
		}
	}
	require.Equal(t, described, used)
	raw, err = os.ReadFile("operations.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		require.True(t, texts[strings.TrimSpace(line)], "of an operation that there is not: %s", line)
	}
}

func TestEveryRouteIsInTheDocumentAndBehindTheDoor(t *testing.T) {
	_, doc, routes := document(t)
	open := map[string]bool{
		"/v1/auth/login/factor":      true,
		"/v1/auth/login/passkey":     true,
		"/v1/auth/login":             true,
		"/v1/auth/refresh":           true,
		"/v1/auth/logout":            true,
		"/v1/auth/password-link":     true,
		"/v1/auth/password-link/use": true,
		"/v1/auth/login-link":        true,
	}
	paths := doc["paths"].(map[string]any)
	seen := 0
	for _, route := range routes {
		if !strings.HasPrefix(route.Path, "/v1") {
			continue
		}
		seen++
		path := strings.NewReplacer(
			":tenant", "{tenant}", ":id", "{id}", ":externalReference", "{externalReference}", ":kind", "{kind}",
		).Replace(route.Path)
		operations, _ := paths[path].(map[string]any)
		op, there := operations[strings.ToLower(route.Method)].(map[string]any)
		if !there || op["operationId"] == nil || op["summary"] == "" {
			t.Errorf("%s %s is not in the document", route.Method, path)
			continue
		}
		if asked, said := op["security"].([]any); !said || len(asked) == 0 != open[path] {
			t.Errorf("%s %s: secured by %v", route.Method, path, op["security"])
		}
	}
	described := 0
	for _, operations := range paths {
		described += len(operations.(map[string]any))
	}
	if seen == 0 || seen != described {
		t.Errorf("%d routes, %d operations described", seen, described)
	}
}

func TestNoRouteAnswersWithoutAToken(t *testing.T) {
	var routes gin.RoutesInfo
	w := newWorld(t, func(s *v1.Server) {
		r := gin.New()
		s.Register(r)
		routes = r.Routes()
	})
	for _, route := range routes {
		if !strings.HasPrefix(route.Path, "/v1") ||
			strings.HasPrefix(route.Path, "/v1/auth/") && route.Path != "/v1/auth/me" {
			continue
		}
		path := strings.NewReplacer(":tenant", "ext:x", ":id", "x").Replace(route.Path)
		if a := w.ask("", route.Method, path, nil); a.status != 401 || a.header.Get("WWW-Authenticate") != "Bearer" ||
			a.text("code") != "unauthenticated" {
			t.Errorf("%s %s: %d %s", route.Method, path, a.status, a.raw)
		}
		if a := w.ask(w.service("", "none:such"), route.Method, path, nil); route.Path != "/v1/auth/me" && a.status != 403 {
			t.Errorf("%s %s without a scope: %d %s", route.Method, path, a.status, a.raw)
		}
	}
	for path, want := range map[string]int{"/v1/nothing": 404, "/v1/auth/nothing": 404} {
		if a := w.ask("", "GET", path, nil); a.status != want || a.text("code") != "not_found" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
	if a := w.ask("", "PATCH", "/v1/tenants", nil); a.status != 405 || a.text("code") != "method_not_allowed" {
		t.Errorf("PATCH: %d %s", a.status, a.raw)
	}
}
