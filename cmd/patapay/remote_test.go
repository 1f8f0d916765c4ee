package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patapay/cmd/patapay/remote"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// cli runs a command line against a running PataPay and returns what it wrote and its exit
// code. input is what would be typed.
func cli(t *testing.T, input string, line ...string) (out string, code int) {
	t.Helper()
	var tree struct {
		Connection remote.ConnectionCmd `cmd:""`
		Webhook    remote.WebhookCmd    `cmd:""`
		Endpoints  remote.EndpointsCmd  `cmd:""`
		Reconcile  remote.ReconcileCmd  `cmd:""`
		Listen     remote.ListenCmd     `cmd:""`
		Login      remote.LoginCmd      `cmd:""`
		Whoami     remote.WhoamiCmd     `cmd:""`
		Invoices   remote.InvoicesCmd   `cmd:""`
		Events     remote.EventsCmd     `cmd:""`
		Feed       remote.FeedCmd       `cmd:""`
		Export     remote.ExportCmd     `cmd:""`
		Tenants    remote.TenantsCmd    `cmd:""`
		Ops        remote.OpsCmd        `cmd:""`
	}
	parser, err := kong.New(
		&tree,
		kong.BindTo(t.Context(), (*context.Context)(nil)),
		kong.Exit(func(int) { t.Fatal("kong left") }),
	)
	require.NoError(t, err)
	parsed, err := parser.Parse(line)
	require.NoError(t, err)
	var b bytes.Buffer
	r := remoteOf(parsed.Selected().Target.Addr().Interface())
	r.In, r.Out, r.Err, r.Pause = strings.NewReader(input), &b, &b, 20*time.Millisecond
	err = parsed.Run()
	var coded interface{ ExitCode() int }
	switch {
	case err == nil:
	case errors.As(err, &coded):
		code = coded.ExitCode()
		b.WriteString(err.Error())
	default:
		t.Fatalf("%v: %v", line, err)
	}
	return b.String(), code
}

// remoteOf returns the remote inside a command.
func remoteOf(command any) *remote.Remote {
	switch c := command.(type) {
	case *remote.ConnectionShowCmd:
		return &c.Remote
	case *remote.ExportCmd:
		return &c.Remote
	case *remote.ConnectionCheckCmd:
		return &c.Remote
	case *remote.ConnectionConnectCmd:
		return &c.Remote
	case *remote.ConnectionReplaceKeyCmd:
		return &c.Remote
	case *remote.ConnectionDisconnectCmd:
		return &c.Remote
	case *remote.ConnectionProductionCmd:
		return &c.Remote
	case *remote.TenantsListCmd:
		return &c.Remote
	case *remote.OpsOverviewCmd:
		return &c.Remote
	case *remote.OpsClinicsCmd:
		return &c.Remote
	case *remote.OpsAlarmsCmd:
		return &c.Remote
	case *remote.WebhookShowCmd:
		return &c.Remote
	case *remote.WebhookEnsureCmd:
		return &c.Remote
	case *remote.WebhookReactivateCmd:
		return &c.Remote
	case *remote.WebhookUnpenalizeCmd:
		return &c.Remote
	case *remote.ReconcileCmd:
		return &c.Remote
	case *remote.ListenCmd:
		return &c.Remote
	case *remote.LoginCmd:
		return &c.Remote
	case *remote.WhoamiCmd:
		return &c.Remote
	case *remote.InvoicesListCmd:
		return &c.Remote
	case *remote.InvoicesShowCmd:
		return &c.Remote
	case *remote.EventsListCmd:
		return &c.Remote
	case *remote.EventsShowCmd:
		return &c.Remote
	case *remote.EventsTailCmd:
		return &c.Remote
	case *remote.EventsReplayCmd:
		return &c.Remote
	case *remote.FeedFollowCmd:
		return &c.Remote
	case *remote.EndpointsListCmd:
		return &c.Remote
	case *remote.EndpointsShowCmd:
		return &c.Remote
	case *remote.EndpointsAddCmd:
		return &c.Remote
	case *remote.EndpointsPauseCmd:
		return &c.Remote
	case *remote.EndpointsResumeCmd:
		return &c.Remote
	case *remote.EndpointsTestCmd:
		return &c.Remote
	case *remote.EndpointsRotateCmd:
		return &c.Remote
	case *remote.EndpointsReplayCmd:
		return &c.Remote
	case *remote.EndpointsDeliveriesCmd:
		return &c.Remote
	case *remote.EndpointsRemoveCmd:
		return &c.Remote
	}
	panic("a command without a remote")
}

func TestTheCommandsTakeAClinicThroughItsLife(t *testing.T) {
	r := startDev(t)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", r.URL)
	t.Setenv("PATAPAY_TOKEN", r.AdminToken)
	code, body := askAPI(
		t,
		"POST",
		r.URL+"/v1/tenants",
		r.AdminToken,
		`{"externalId":"quarta","name":"Clínica Nova","taxId":"19131243000197","sandbox":true,`+
			`"admin":{"name":"Ana","email":"quarta@example.com"}}`,
	)
	require.Equal(t, 201, code, body)

	out, exit := cli(t, "", "connection", "connect", "ext:quarta", "--dry-run", "--key-file", keyFile(t, r.NewKey))
	require.Zero(t, exit)
	require.Contains(t, out, "would PUT ")
	require.NotContains(t, out, r.NewKey)
	out, exit = cli(t, "nokey\n", "connection", "connect", "ext:quarta")
	require.Equal(t, remote.ExitUsage, exit, out)
	require.Contains(t, out, "not_asaas_key")
	out, exit = cli(t, r.NewKey+"\n", "connection", "connect", "ext:quarta")
	require.Zero(t, exit, out)
	require.Contains(t, out, "5/5 canceled_event")
	require.Regexp(t, `state +active`, out)
	require.NotContains(t, out, r.NewKey)

	out, exit = cli(t, "", "connection", "show", "--tenant", "ext:quarta", "-o", "json")
	require.Zero(t, exit, out)
	require.Contains(t, out, `"state": "active"`)
	out, exit = cli(t, "", "webhook", "show", "ext:quarta", "-o", "csv")
	require.Zero(t, exit, out)
	require.True(t, strings.HasPrefix(out, "field,ok,wanted,got\n"), out)
	out, exit = cli(t, "", "webhook", "ensure", "ext:quarta")
	require.Zero(t, exit, out)
	out, exit = cli(t, "", "webhook", "unpenalize", "ext:quarta")
	require.Zero(t, exit, out)
	out, exit = cli(t, "", "webhook", "reactivate", "ext:quarta")
	require.Zero(t, exit, out)
	require.Contains(t, out, "5/5 check_invoices")
	out, exit = cli(t, "", "reconcile", "ext:quarta", "--days", "3")
	require.Zero(t, exit, out)
	require.Regexp(t, `unexplained +0`, out)
	out, exit = cli(t, "", "reconcile", "ext:quarta", "--days", "91")
	require.Equal(t, remote.ExitUsage, exit, out)
	out, exit = cli(t, "", "reconcile", "ext:quarta", "--invoice", "pay_nobody00000001")
	require.Zero(t, exit, out)
	require.Regexp(t, `found +false`, out)

	requests := make(chan string, 100)
	there := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, in *http.Request) {
		raw, _ := io.ReadAll(in.Body)
		requests <- string(raw)
	}))
	t.Cleanup(there.Close)
	out, exit = cli(t, "", "listen", "ext:quarta", "--forward-to", there.URL, "--since", "1h", "--once")
	require.Zero(t, exit, out)
	require.Contains(t, <-requests, `"event":"CHECKOUT_CREATED"`)
	require.Regexp(t, `CHECKOUT_CANCELED +200 OK`, out)
	out, exit = cli(t, "", "events", "tail", "ext:quarta", "--since", "1h", "--once")
	require.Zero(t, exit, out)
	require.Regexp(t, `CHECKOUT_CREATED .* applied`, out)
	out, exit = cli(t, "", "events", "replay", "--tenant", "ext:quarta")
	require.Equal(t, remote.ExitUsage, exit, out)
	out, exit = cli(
		t, "", "events", "replay", "--tenant", "ext:quarta", "--type", "CHECKOUT_CREATED,CHECKOUT_CANCELED",
		"--dry-run",
	)
	require.Zero(t, exit, out)
	require.Contains(t, out, "2 events, 0 objects would change")
	out, exit = cli(t, "n\n", "events", "replay", "--tenant", "ext:quarta", "--since", "1h")
	require.Equal(t, remote.ExitFailure, exit, out)
	out, exit = cli(t, "y\n", "events", "replay", "--tenant", "ext:quarta", "--since", "1h")
	require.Zero(t, exit, out)
	require.Regexp(t, `changes +0`, out)

	out, exit = cli(t, r.NewKey, "connection", "replace-key", "ext:quarta")
	require.Zero(t, exit, out)
	out, exit = cli(t, "n\n", "connection", "disconnect", "ext:quarta")
	require.Equal(t, remote.ExitFailure, exit, out)
	out, exit = cli(t, "", "connection", "disconnect", "ext:quarta", "--yes")
	require.Zero(t, exit, out)
	require.Regexp(t, `webhook +deleted`, out)
	out, exit = cli(t, "", "webhook", "show", "ext:quarta")
	require.Equal(t, remote.ExitNotFound, exit, out)
	out, exit = cli(t, "", "connection", "show", "ext:nobody")
	require.Equal(t, remote.ExitNotFound, exit, out)
	t.Setenv("PATAPAY_TOKEN", "wrong")
	out, exit = cli(t, "", "connection", "show", "ext:quarta")
	require.Equal(t, remote.ExitDenied, exit, out)
}

// keyFile returns a file that holds a key.
func keyFile(t *testing.T, key string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(key+"\n"), 0o600))
	return file
}

func TestTheCommandsPushAClinicsChangesSomewhere(t *testing.T) {
	r := startDev(t)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", r.URL)
	t.Setenv("PATAPAY_TOKEN", r.AdminToken)
	t.Setenv("PATAPAY_TENANT", r.Clinics[0].ID)
	var answer atomic.Int64
	answer.Store(http.StatusNoContent)
	system := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(answer.Load())) }),
	)
	defer system.Close()

	out, exit := cli(t, "", "endpoints", "add", "--to", "ftp://system.example")
	require.Equal(t, remote.ExitUsage, exit, out)
	require.Contains(t, out, "/url: ")
	out, exit = cli(t, "", "endpoints", "add", "--to", system.URL, "--types", "invoice.updated", "-o", "json")
	require.Zero(t, exit, out)
	secret, id := regexp.MustCompile(`whsec_[\w+/]+=`).FindString(out), regexp.MustCompile(`end_\w+`).FindString(out)
	require.NotEmpty(t, secret)
	out, exit = cli(t, "", "endpoints", "test", id)
	require.Zero(t, exit, out)
	require.Regexp(t, `code +204`, out)
	answer.Store(http.StatusInternalServerError)
	out, exit = cli(t, "", "endpoints", "test", id)
	require.Equal(t, remote.ExitUnhealthy, exit, out)
	require.Contains(t, out, "it did not arrive: refused")
	out, exit = cli(t, "", "endpoints", "deliveries", id, "--failed", "-o", "csv")
	require.Zero(t, exit, out)
	require.Len(t, strings.Split(strings.TrimSpace(out), "\n"), 2, out)
	for _, step := range [][2]string{
		{"pause", `state +paused`},
		{"show", `reason +by_request`},
		{"resume", `state +active`},
		{"rotate", `secret +whsec_`},
	} {
		out, exit = cli(t, "", "endpoints", step[0], id)
		require.Zero(t, exit, out)
		require.Regexp(t, step[1], out)
	}
	require.NotContains(t, out, secret)
	out, exit = cli(t, "", "endpoints", "replay", id, "--after", "0", "--yes")
	require.Zero(t, exit, out)
	out, exit = cli(t, "", "endpoints", "list")
	require.Zero(t, exit, out)
	require.Contains(t, out, system.URL)
	out, exit = cli(t, "no\n", "endpoints", "remove", id)
	require.NotZero(t, exit, out)
	out, exit = cli(t, "", "endpoints", "remove", id, "--yes")
	require.Zero(t, exit, out)
	out, exit = cli(t, "", "endpoints", "show", id)
	require.Equal(t, remote.ExitNotFound, exit, out)
}

func TestACheckThatIsNotPassedEndsWithFive(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(
			w,
			`{"checks":[{"name":"queue","status":"failed",`+
				`"detail":"A fila está pausada no Asaas."},{"name":"ip","status":"ok"}]}`,
		)
	}))
	t.Cleanup(server.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", server.URL)
	out, code := cli(t, "", "connection", "check", "ten_1")
	require.Equal(t, remote.ExitUnhealthy, code)
	require.Contains(t, out, "not as it should be: queue")
}

func TestAReplayTellsWhatWouldChangeAndWhatFailedAgain(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, string(body))
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, `{"state":"done","steps":[],"result":{"events":3,"changes":1,"failed":2}}`)
		case strings.Contains(string(body), "dryRun"):
			_, _ = io.WriteString(
				w,
				`{"matched":3,"preview":{"objects":[{"kind":"payment","asaasId":"pay_1","fields":[{"field":"Status",`+
					`"before":"overdue","after":"received"}],"bookings":[{}]}]}}`,
			)
		default:
			w.Header().Set("Location", "/v1/operations/opr_1")
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"matched":3,"operation":{"id":"opr_1","state":"running"},"preview":null}`)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", server.URL)
	out, code := cli(t, "", "events", "replay", "--tenant", "ten_1", "--dry-run", "evt_1", "evt_2", "evt_3")
	require.Zero(t, code, out)
	require.Regexp(t, `payment +pay_1 +Status +overdue +received`, out)
	require.Regexp(t, `payment +pay_1 +ledger +1 bookings`, out)
	require.Equal(t, []string{`{"dryRun":true,"events":["evt_1","evt_2","evt_3"]}`}, asked)
	out, code = cli(t, "y\n", "events", "replay", "--tenant", "ten_1", "--view", "dead")
	require.Equal(t, remote.ExitUnhealthy, code, out)
	require.Contains(t, out, "2 failed again")
	require.Equal(t, `{"filter":{"outcome":["dead"]}}`, asked[2])
}

func TestARefusalNamesEachFieldAndWhatIsWrongWithIt(t *testing.T) {
	answers := map[string]string{
		"GET": `{"type":"/docs/erros/x","title":"Not valid","status":422,"code":"invalid",
			"detail":"Some of it cannot be.","retryable":false,
			"errors":[{"parameter":"status","code":"not_one_of_allowed","detail":"pending or paid"},
			{"pointer":"/days","code":"out_of_range"}]}`,
		"POST": `{"type":"/docs/erros/y","title":"Not here","status":404,"code":"not_found","retryable":false}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(map[string]int{"GET": http.StatusUnprocessableEntity, "POST": http.StatusNotFound}[r.Method])
		_, _ = io.WriteString(w, answers[r.Method])
	}))
	t.Cleanup(server.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", server.URL)
	out, code := cli(t, "", "invoices", "list", "ten_1", "--status", "payed")
	require.Equal(t, remote.ExitUsage, code)
	require.Equal(
		t,
		"Some of it cannot be. (422 invalid)\n  status: pending or paid (not_one_of_allowed)\n  /days: (out_of_range)",
		out,
	)
	out, code = cli(t, "", "reconcile", "ten_1", "--invoice", "pay_1")
	require.Equal(t, remote.ExitNotFound, code)
	require.Equal(t, "Not here (404 not_found)", out)
	out, code = cli(t, "", "webhook", "ensure", "ten_1", "--email", "nobody")
	require.Equal(t, remote.ExitUsage, code, out)
}

func TestWhatDoesNotAnswerOrIsNotPataPayIsSaidSo(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", proxy.URL)
	out, code := cli(t, "", "whoami")
	require.Equal(t, remote.ExitFailure, code)
	require.Equal(t, "Bad Gateway (502 http_502)", out)
	away := httptest.NewServer(nil)
	away.Close()
	out, code = cli(t, "", "whoami", "--url", away.URL)
	require.Equal(t, remote.ExitFailure, code)
	require.Equal(t, "no answer from "+away.URL+": is PataPay running there?", out)
}

func TestAListIsReadPageByPageAndShownAsTheAPIWroteIt(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("limit")+" "+q.Get("cursor")+" "+q.Get("status"))
		w.Header().Set("Content-Type", "application/json")
		page := `{"data":[{"id":"ivc_1","news":1}],"page":{"hasMore":true,"nextCursor":"c1","prevCursor":null}}`
		if q.Get("cursor") != "" {
			page = `{"data":[{"id":"ivc_2"},{"id":"ivc_3"}],"page":{"hasMore":true,"nextCursor":"c2","prevCursor":null}}`
		}
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(server.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", server.URL)
	out, code := cli(t, "", "invoices", "list", "ten_1", "--limit", "3", "--status", "pending,paid", "-o", "ndjson")
	require.Zero(t, code, out)
	require.Equal(t, []string{"3  pending,paid", "2 c1 pending,paid"}, asked)
	require.Equal(t, `{"id":"ivc_1","news":1}`+"\n"+`{"id":"ivc_2"}`+"\n"+`{"id":"ivc_3"}`+"\n", out)
}

func TestALoginIsKeptForItsAddressOnly(t *testing.T) {
	var tokens []string
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"subject":"cli","role":"service"}`)
	})
	ours, theirs := httptest.NewServer(answer), httptest.NewServer(answer)
	t.Cleanup(ours.Close)
	t.Cleanup(theirs.Close)
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("PATAPAY_TOKEN", "")
	out, code := cli(t, "the-token\n", "login", "--url", ours.URL)
	require.Zero(t, code, out)
	info, err := os.Stat(filepath.Join(dir, "patapay", "login.json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	_, code = cli(t, "", "whoami")
	require.Zero(t, code)
	_, code = cli(t, "", "whoami", "--url", theirs.URL)
	require.Zero(t, code)
	require.Equal(t, []string{"Bearer the-token", "Bearer the-token", ""}, tokens)
}

// TestALoginWithASecondFactorAsksForItsCode: the code is the second line of the input, as a prompt's would be.
func TestALoginWithASecondFactorAsksForItsCode(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Authorization")+string(body))
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v1/auth/login":
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"status":409,"code":"second_factor_required","title":"x","type":"x","retryable":false,`+
				`"challenge":{"token":"waits","expiresAt":"2026-11-29T12:00:00Z"}}`)
		case "/v1/auth/login/factor":
			_, _ = io.WriteString(w, `{"accessToken":"opened","tokenType":"Bearer","expiresIn":900}`)
		default:
			_, _ = io.WriteString(w, `{"subject":"usr_1","role":"sre"}`)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_TOKEN", "")
	out, code := cli(t, "the password\n123456\n", "login", "--email", "sre@example.com", "--url", server.URL)
	require.Zero(t, code, out)
	require.Equal(t, []string{
		`/v1/auth/login {"email":"sre@example.com","password":"the password"}`,
		`/v1/auth/login/factor {"challenge":"waits","code":"123456"}`, "/v1/auth/me Bearer opened",
	}, asked)
}

func TestASpreadsheetTakesNoCellForAFormula(t *testing.T) {
	var b bytes.Buffer
	r := remote.Remote{Output: "csv", Out: &b}
	require.NoError(t, r.Show([]byte(`{"data":[{"name":"=HYPERLINK(1)","n":-5},{"name":"Ana, Maria"}]}`), "name", "n"))
	require.Equal(t, "name,n\n'=HYPERLINK(1),-5\n\"Ana, Maria\",\n", b.String())
}
