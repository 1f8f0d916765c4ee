package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// store is the door of the database and the rooms below it.
var store = []string{
	"tenants", "tenants/alarm", "tenants/apply", "tenants/connection", "tenants/inbox", "tenants/ledger", "tenants/payers",
	"tenants/people", "tenants/query", "tenants/radar",
}

// simulated is the parts of the offline gateway.
var simulated = []string{
	"domain/asaas/simulator/accounts", "domain/asaas/simulator/api", "domain/asaas/simulator/clock",
	"domain/asaas/simulator/flows", "domain/asaas/simulator/webhooks",
}

// resources are the parts of /v1, one package a noun. They know each other only where one
// shows what another is about.
var resources = []string{
	"api/v1/agenda",
	"api/v1/alarms",
	"api/v1/clinics",
	"api/v1/connection",
	"api/v1/endpoints",
	"api/v1/events",
	"api/v1/exports",
	"api/v1/feed",
	"api/v1/fleet",
	"api/v1/glance",
	"api/v1/invoices",
	"api/v1/ledger",
	"api/v1/operations",
	"api/v1/people",
}

// arrows is which of our packages each package may import. A new arrow is a decision: it
// changes this table in a commit of its own. Tests may import what they need.
var arrows = map[string][]string{
	"domain":                  {},
	"domain/domaintest":       {"domain", "domain/asaas"},
	"domain/asaas":            {"domain"},
	"domain/agenda":           {"domain", "domain/asaas"},
	"domain/endpoint":         {"domain"},
	"domain/glance":           {"domain", "domain/agenda"},
	"domain/asaas/jsonobject": {},
	"domain/asaas/samples":    {"domain/asaas", "domain/asaas/jsonobject"},
	"domain/asaas/scenarios":  {"domain/asaas/simulator/accounts", "domain/asaas/simulator/flows"},
	"domain/asaas/simulator":  slices.Concat(simulated, []string{"domain/asaas/simulator/admin"}),

	"domain/asaas/simulator/clock": {},
	"domain/asaas/simulator/accounts": {
		"domain",
		"domain/asaas",
		"domain/asaas/jsonobject",
		"domain/asaas/simulator/clock",
	},
	"domain/asaas/simulator/webhooks": {
		"domain/asaas", "domain/asaas/jsonobject", "domain/asaas/samples", "domain/asaas/simulator/accounts",
		"domain/asaas/simulator/clock",
	},
	"domain/asaas/simulator/flows": {"domain/asaas/jsonobject", "domain/asaas/simulator/accounts"},
	"domain/asaas/simulator/api": {
		"domain", "domain/asaas", "domain/asaas/jsonobject", "domain/asaas/simulator/accounts",
		"domain/asaas/simulator/webhooks",
	},
	"domain/asaas/simulator/admin": simulated,

	"migrations":         {},
	"web":                {},
	"web/ptbr":           {},
	"tenants/devstack":   {},
	"tenants/vault":      {"domain"},
	"tenants":            {"domain", "domain/asaas", "tenants/vault"},
	"tenants/agenda":     {"domain", "domain/agenda", "domain/asaas", "domain/glance", "tenants"},
	"tenants/alarm":      {"domain", "tenants"},
	"tenants/fleet":      {"domain", "tenants"},
	"tenants/people":     {"domain", "tenants", "tenants/vault"},
	"tenants/radar":      {"domain", "domain/asaas", "tenants", "tenants/alarm"},
	"tenants/payers":     {"domain", "tenants", "tenants/vault"},
	"tenants/connection": {"domain", "domain/asaas", "tenants", "tenants/vault"},
	"tenants/inbox":      {"domain", "tenants", "tenants/alarm", "tenants/vault"},
	"tenants/ledger":     {"domain", "domain/asaas", "tenants"},
	"tenants/query": {
		"domain",
		"domain/asaas",
		"domain/glance",
		"tenants",
		"tenants/inbox",
		"tenants/ledger",
		"tenants/vault",
	},
	"tenants/apply": {
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/ledger",
		"tenants/payers",
		"tenants/radar",
		"tenants/vault",
	},
	"tenants/asaasapi":    {"domain", "domain/asaas", "tenants/vault"}, // the REST client knows no clinic
	"tenants/connect":     slices.Concat(store, []string{"domain", "domain/asaas", "tenants/asaasapi", "tenants/vault"}),
	"tenants/tenantstest": {"domain", "migrations", "tenants", "tenants/devstack", "tenants/vault"},
	"tenants/endpoints": {
		"domain",
		"domain/endpoint",
		"tenants",
		"tenants/alarm",
		"tenants/query",
		"tenants/vault",
	},
	"tenants/exports": {
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/ledger",
		"tenants/payers",
		"tenants/query",
		"tenants/vault",
	},
	"jobs": slices.Concat(
		store,
		[]string{
			"tenants/agenda",
			"tenants/exports",
			"tenants/fleet",
			"domain",
			"domain/asaas",
			"tenants/asaasapi",
			"tenants/connect",
			"tenants/vault",
		},
	),
	"jobs/endpoints": {"domain", "domain/endpoint", "tenants", "tenants/endpoints", "tenants/query", "tenants/vault"},
	"api/problem":    {"domain"},
	"api/auth":       {"api/problem", "domain"},
	"api/shares":     {"domain"},
	"api/webhook": {
		"api/problem",
		"api/shares",
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/inbox",
		"tenants/vault",
	},
	"api/rest": {
		"api/auth",
		"api/problem",
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/asaasapi",
		"tenants/people",
		"tenants/query",
		"tenants/vault",
	},
	"api/v1": slices.Concat(
		resources,
		[]string{
			"api/auth",
			"api/problem",
			"api/rest",
			"domain",
			"domain/endpoint",
			"tenants",
			"tenants/apply",
			"tenants/connect",
			"tenants/ledger",
			"tenants/vault",
		},
	),
	"api/v1/agenda": {"api/rest", "domain", "domain/agenda", "domain/asaas", "tenants", "tenants/agenda"},
	"api/v1/alarms": {"api/rest", "domain", "tenants", "tenants/alarm", "tenants/radar"},
	"api/v1/fleet": {
		"api/problem",
		"api/rest",
		"domain",
		"tenants",
		"tenants/alarm",
		"tenants/apply",
		"tenants/fleet",
		"tenants/people",
		"tenants/query",
	},
	"api/v1/operations": {"api/rest", "domain", "tenants", "tenants/connect"},
	"api/v1/people": {
		"api/auth",
		"api/problem",
		"api/rest",
		"domain",
		"domain/agenda",
		"tenants",
		"tenants/people",
		"tenants/vault",
	},
	"api/v1/connection": {
		"api/problem",
		"api/rest",
		"api/v1/operations",
		"domain",
		"tenants",
		"tenants/asaasapi",
		"tenants/connect",
		"tenants/connection",
		"tenants/vault",
	},
	"api/v1/clinics": {
		"api/auth",
		"api/problem",
		"api/rest",
		"api/v1/connection",
		"api/v1/people",
		"domain",
		"tenants",
		"tenants/connect",
		"tenants/people",
	},
	"api/v1/invoices": {
		"api/problem",
		"api/rest",
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/connect",
		"tenants/payers",
		"tenants/query",
	},
	"api/v1/ledger": {
		"api/problem",
		"api/rest",
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/apply",
		"tenants/connect",
		"tenants/exports",
		"tenants/ledger",
		"tenants/payers",
		"tenants/query",
	},
	"api/v1/events": {
		"api/auth",
		"api/problem",
		"api/rest",
		"api/v1/invoices",
		"api/v1/ledger",
		"api/v1/operations",
		"domain",
		"domain/asaas",
		"tenants",
		"tenants/apply",
		"tenants/inbox",
		"tenants/query",
	},
	"api/v1/feed": {
		"api/auth",
		"api/problem",
		"api/rest",
		"api/shares",
		"api/v1/agenda",
		"api/v1/connection",
		"api/v1/invoices",
		"api/v1/ledger",
		"domain",
		"domain/endpoint",
		"tenants",
		"tenants/agenda",
		"tenants/connection",
		"tenants/ledger",
		"tenants/query",
		"tenants/vault",
	},
	"api/v1/glance": {
		"api/rest",
		"api/v1/agenda",
		"domain",
		"domain/asaas",
		"domain/glance",
		"tenants",
		"tenants/agenda",
		"tenants/connection",
		"tenants/ledger",
		"tenants/payers",
		"tenants/query",
	},
	"api/v1/endpoints": {
		"api/problem",
		"api/rest",
		"domain",
		"domain/endpoint",
		"tenants",
		"tenants/endpoints",
		"tenants/query",
	},
	"api/v1/exports": {
		"api/problem",
		"api/rest",
		"api/v1/events",
		"api/v1/invoices",
		"api/v1/ledger",
		"api/v1/operations",
		"domain",
		"tenants",
		"tenants/exports",
		"tenants/ledger",
	},
	"api/calendar":              {"api/auth", "domain", "domain/asaas", "tenants", "tenants/agenda", "tenants/people"},
	"api/docs/examples/verify":  {}, // a program for others: nothing of ours
	"api/docs":                  {"api/problem", "domain/asaas", "domain/asaas/samples"},
	"api/contract":              {},
	"api/client":                {}, // anybody's program: it knows the contract alone
	"api/client/clienttest":     {},
	"api/client/example/mirror": {"api/client"},
	"api":                       {"api/auth", "api/calendar", "api/problem", "api/v1", "api/webhook", "domain", "tenants"},
	"cmd/patapay":               {"*"},
	"cmd/patapay/app":           {"*"},
	"cmd/patapay/dev":           {"*"},
	"cmd/patapay/remote": {
		"api/client",
		"cmd/patapay/app",
		"domain",
	}, // speaks /v1 to a process that runs somewhere else
	"bench":              {"*"},
	"bench/loadgen":      {"*"},
	"bench/naive":        {"*"},
	"scripts/testreport": {},
}

// strangers is what a layer must not import, whoever wrote it: the first path that is the
// package or above it counts.
var strangers = map[string][]string{
	"domain":  {"."}, // a path with a dot in it is not the standard library's
	"tenants": {"github.com/gin-gonic", "github.com/danielgtaylor/huma", "github.com/hibiken/asynq"},
	"api":     {"github.com/hibiken/asynq", "gorm.io", "github.com/jackc/pgx"},
	"jobs": slices.Concat(
		store,
		[]string{"domain", "domain/asaas", "tenants/asaasapi", "tenants/connect", "tenants/vault"},
	),
}

// violations returns one line for each import that the tables do not allow.
func violations(imports map[string][]string) (bad []string) {
	for pkg, list := range imports {
		allowed, known := arrows[pkg]
		if !known {
			bad = append(bad, fmt.Sprintf("%s is in no layer: add it to arrows", pkg))
		}
		for _, path := range list {
			ours, isOurs := strings.CutPrefix(path, "patapay/")
			switch {
			case isOurs && !slices.Contains(allowed, "*") && !slices.Contains(allowed, ours):
				bad = append(bad, fmt.Sprintf("%s imports %s", pkg, ours))
			case !isOurs && isStranger(pkg, path):
				bad = append(bad, fmt.Sprintf("%s imports %s", pkg, path))
			}
		}
	}
	slices.Sort(bad)
	return bad
}

func isStranger(pkg, path string) bool {
	if pkg == "tenants/tenantstest" ||
		strings.HasPrefix(pkg, "api/client/example/") { // hands tests their Redis; is another team's program
		return false
	}
	for layer, list := range strangers {
		if pkg != layer && !strings.HasPrefix(pkg, layer+"/") {
			continue
		}
		for _, stranger := range list {
			if strings.HasPrefix(path, stranger) || stranger == "." && strings.Contains(path, ".") {
				return true
			}
		}
	}
	return false
}

func TestEveryImportFollowsAnArrow(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "patapay/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		imports[strings.TrimPrefix(p.ImportPath, "patapay/")] = p.Imports
	}
	if len(imports["domain"]) == 0 || len(imports["cmd/patapay"]) == 0 {
		t.Fatal("go list told nothing of domain or cmd/patapay")
	}
	for _, line := range violations(imports) {
		t.Error(line)
	}
}

func TestAPlantedArrowIsFound(t *testing.T) {
	for _, row := range []struct{ pkg, path string }{
		{"domain", "patapay/tenants"},
		{"domain", "github.com/google/uuid"},
		{"domain/asaas", "golang.org/x/text"},
		{"tenants", "patapay/api"},
		{"tenants", "github.com/gin-gonic/gin"},
		{"tenants/connect", "github.com/hibiken/asynq"},
		{"jobs", "patapay/api/webhook"},
		{"api/webhook", "patapay/jobs"},
		{"api/v1", "github.com/hibiken/asynq"},
		{"api/auth", "patapay/tenants"},
		{"migrations", "patapay/domain"},
		{"utils", "fmt"},
	} {
		if bad := violations(map[string][]string{row.pkg: {row.path}}); len(bad) != 1 {
			t.Errorf("%s -> %s: %v, want one line", row.pkg, row.path, bad)
		}
	}
	if bad := violations(
		map[string][]string{"jobs": {"patapay/tenants", "github.com/hibiken/asynq", "fmt"}},
	); len(
		bad,
	) != 0 {
		t.Errorf("an arrow that is drawn: %v", bad)
	}
}
