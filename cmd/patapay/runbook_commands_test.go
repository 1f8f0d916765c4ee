package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/dev"
	"patapay/cmd/patapay/remote"
	"patapay/tenants/tenantstest"
)

// notRun is what the runbooks name and no test of theirs runs, and why.
var notRun = map[string]string{
	"patapay work": "a process that does not end; `dev` is one here",
}

// runbookCommand finds commands of the program, statements and requests, in a block of commands or between backticks.
var runbookCommand = regexp.MustCompile("(?m)(?:^|`)((?:patapay [a-z]|SELECT |GET /|POST …)[^`\n]*)(?:`|$)")

// runbookCommands returns every command of the runbooks, and the runbook that names it first.
func runbookCommands(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	require.NoError(t, err)
	found := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range runbookCommand.FindAllStringSubmatch(string(raw), -1) {
			if found[m[1]] == "" {
				found[m[1]] = filepath.Base(file)
			}
		}
	}
	return found
}

// deployment is a running PataPay whose clinic ext:my-clinic is connected to the simulator.
type deployment struct {
	dev.Readiness
	t        *testing.T
	env      []string
	account  string       // of the clinic, at Asaas
	hook     string       // the webhook's address at Asaas
	payment  string       // Asaas's id of one that is paid
	endpoint string       // end_…
	answers  atomic.Int64 // what the system behind the endpoint answers
	pid      int          // of a backend that hangs
}

func newDeployment(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{Readiness: startDev(t), t: t}
	d.env = append(
		os.Environ(), "XDG_CONFIG_HOME="+t.TempDir(), "PATAPAY_URL="+d.URL, "PATAPAY_TOKEN="+d.AdminToken,
		"ENVIRONMENT=development", "DATABASE_URL="+d.DatabaseURL, "ASAAS_SIMULATOR_URL="+d.SimulatorURL,
		"PUBLIC_URL="+d.URL, "OPS_ADDR="+d.OpsAddr, "HTTP_ADDR="+strings.TrimPrefix(d.URL, "http://"), "LOG_LEVEL=error",
	)
	if os.Getenv("REDIS_URL") == "" {
		d.env = append(d.env, "NOTIFICATIONS=off")
	}
	code, body := askAPI(t, "POST", d.URL+"/v1/tenants", d.AdminToken, `{"externalId":"my-clinic","name":"Minha clínica",
		"taxId":"19131243000197","sandbox":true,"admin":{"name":"Ana","email":"minha@example.com"}}`)
	require.Equal(t, 201, code, body)
	d.mustRun(d.NewKey+"\n", "patapay connection connect ext:my-clinic")
	shown := d.mustRun("", "patapay connection show ext:my-clinic")
	d.account = regexp.MustCompile(`accountId +(\S+)`).FindStringSubmatch(shown)[1]
	var list struct{ Data []struct{ ID string } }
	require.NoError(t, json.Unmarshal([]byte(d.atAsaas("GET", "/v3/webhooks", "")), &list))
	d.hook = "/v3/webhooks/" + list.Data[0].ID
	d.payment = d.pay()
	d.awaitInvoice(d.payment)
	d.answers.Store(http.StatusNoContent)
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(d.answers.Load()))
	}))
	t.Cleanup(system.Close)
	d.endpoint = regexp.MustCompile(`end_\w+`).FindString(
		d.mustRun("", "patapay endpoints add --tenant ext:my-clinic --to "+system.URL),
	)
	return d
}

// run runs a line as a person would, and returns what it wrote and its exit code.
func (d *deployment) run(typed, line string) (out string, code int) {
	d.t.Helper()
	path, err := binary()
	require.NoError(d.t, err)
	cmd := exec.CommandContext(d.t.Context(), path, strings.Fields(line)[1:]...)
	cmd.Env, cmd.Stdin = d.env, strings.NewReader(typed)
	text, _ := cmd.CombinedOutput()
	return string(text), cmd.ProcessState.ExitCode()
}

func (d *deployment) mustRun(typed, line string) string {
	d.t.Helper()
	out, code := d.run(typed, line)
	require.Zero(d.t, code, "%s\n%s", line, out)
	return out
}

// atAsaas makes a request of the simulator with the clinic's key.
func (d *deployment) atAsaas(method, path, body string) string {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.SimulatorURL+path, strings.NewReader(body))
	require.NoError(d.t, err)
	req.Header.Set("access_token", d.NewKey)
	req.Header.Set("Content-Type", "application/json")
	return d.answered(req)
}

// answered sends a request and returns the body of a good answer.
func (d *deployment) answered(req *http.Request) string {
	d.t.Helper()
	answer := httptest.NewRecorder()
	res, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	defer res.Body.Close()
	_, _ = answer.Body.ReadFrom(res.Body)
	require.Less(d.t, res.StatusCode, 300, "%s %s: %s", req.Method, req.URL.Path, answer.Body)
	return answer.Body.String()
}

// pay makes a Pix happen at Asaas and returns the payment's id.
func (d *deployment) pay() string {
	d.t.Helper()
	var made struct{ Payments []string }
	answer := d.atAsaas("POST", "/admin/accounts/"+d.account+"/flows/pix", "{}")
	require.NoError(d.t, json.Unmarshal([]byte(answer), &made))
	return made.Payments[0]
}

// pause has Asaas keep the clinic's queue.
func (d *deployment) pause() { d.atAsaas("PUT", d.hook, `{"interrupted":true}`) }

// status returns the status of an invoice, "" while there is none.
func (d *deployment) status(payment string) string {
	_, body := askAPI(d.t, "GET", d.URL+"/v1/tenants/ext:my-clinic/invoices/"+payment, d.AdminToken, "")
	var got struct{ Status string }
	_ = json.Unmarshal([]byte(body), &got)
	return got.Status
}

func (d *deployment) awaitInvoice(payment string) {
	d.t.Helper()
	tenantstest.Eventually(d.t, time.Minute, payment+" is received", func() bool {
		return d.status(payment) == "received"
	})
}

// sql runs a statement as the database's owner and returns its first number; 0: it has none.
func (d *deployment) sql(query string) (n int) {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), d.DatabaseURL)
	require.NoError(d.t, err)
	defer conn.Close(d.t.Context())
	rows, err := conn.Query(d.t.Context(), query)
	require.NoError(d.t, err)
	for rows.Next() {
		if values, err := rows.Values(); err == nil && len(values) == 1 {
			switch v := values[0].(type) {
			case int64:
				n = int(v)
			case bool:
				n = map[bool]int{true: 1}[v]
			}
		}
	}
	require.NoError(d.t, rows.Err(), query)
	return n
}

// hang leaves a transaction open, as a forgotten console does.
func (d *deployment) hang() {
	conn, err := pgx.Connect(d.t.Context(), d.DatabaseURL)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { _ = conn.Close(d.t.Context()) })
	_, err = conn.Exec(d.t.Context(), `BEGIN`)
	require.NoError(d.t, err)
	require.NoError(d.t, conn.QueryRow(d.t.Context(), `SELECT pg_backend_pid() WHERE txid_current() > 0`).Scan(&d.pid))
}

// runbookRow is one command of a runbook, what is wrong before it, and what is seen of it.
type runbookRow struct {
	line  string
	plant func()        // nil: nothing is wrong
	typed string        // to the program
	code  int           // that the program ends with
	seen  string        // pattern of what it writes
	cured func() string // "" when what was planted is cured; nil: the command changes nothing
}

// check runs the row's command.
func (d *deployment) check(row runbookRow) {
	d.t.Helper()
	if row.plant != nil {
		row.plant()
	}
	line := strings.NewReplacer(
		"end_…", d.endpoint, "end_06a1", d.endpoint, "pay_123", d.payment, "{id}", d.payment,
		"POST …", "POST /v1/tenants/ext:my-clinic",
	).Replace(row.line)
	out, code := "", 0
	method, path, isRequest := strings.Cut(line, " /")
	switch {
	case strings.HasPrefix(line, "SELECT "):
		d.sql(strings.ReplaceAll(line, "(pid)", "(pid) FROM pg_stat_activity WHERE pid = "+strconv.Itoa(d.pid)))
	case isRequest && method == strings.ToUpper(method):
		code, out = askAPI(d.t, method, d.URL+"/"+path, d.AdminToken, "")
	default:
		out, code = d.run(row.typed, line)
	}
	require.Equal(d.t, row.code, code, "%s\n%s", row.line, out)
	require.Regexp(d.t, row.seen, out, row.line)
	if row.cured != nil {
		require.Empty(d.t, row.cured(), "%s\n%s", row.line, out)
	}
}

// rows are the commands in an order in which each finds what it is for.
func (d *deployment) rows() []runbookRow {
	var missed string
	invoiceOf := func(payment *string) func() string {
		return func() string { d.awaitInvoice(*payment); return "" }
	}
	counts := func(query string, want int) func() string {
		return func() string {
			if n := d.sql(query); n != want {
				return query + " is " + strconv.Itoa(n)
			}
			return ""
		}
	}
	dead := `SELECT count(*) FROM events WHERE outcome = 'dead'`
	return []runbookRow{
		{line: "patapay doctor", seen: `(?m)^ok +port OPS_ADDR +\S+ is a running patapay's$`},
		{line: "patapay config --check", seen: `(?i)settings`},
		{line: "patapay health --ready", seen: `^$`},
		{line: "patapay keys new", seen: `MASTER_KEYSET=`},
		{line: "patapay keys rotate pepper", seen: `every webhook token is kept under the newest pepper`},
		{
			line: "patapay connection check ext:my-clinic", seen: `(?m)^webhook +ok`,
			plant: func() { d.atAsaas("POST", "/admin/clock", `{"advance":"61s"}`) }, // the set-up has just checked it
		},
		{line: "patapay invoices show pay_123 --tenant ext:my-clinic", seen: `(?m)^status +received$`},
		{line: "patapay events list --tenant ext:my-clinic --outcome received", seen: ``},
		{line: "patapay feed follow --tenant ext:my-clinic --once", seen: `invoice\.updated`},
		{line: "patapay ledger verify", seen: `(?m)^ok +ten_\w+ [1-9]\d* bookings$`},
		{line: "patapay ledger match ext:my-clinic", seen: `.`},
		{line: "GET /v1/ops/alarms", code: 200, seen: `"data":`},
		{line: "GET /v1/ops/shapes", code: 200, seen: `"data":`},
		{line: "POST …/invoices/{id}/reconcile", code: 200, seen: `.`},
		{
			line: "patapay events replay --tenant ext:my-clinic --outcome dead", typed: "y\n", seen: `events +2`,
			plant: func() {
				d.sql(`WITH given_up AS (UPDATE events SET outcome = 'dead', reason = 'failed', applied_at = NULL
					WHERE entity_id = '` + d.payment + `' AND source = 1 RETURNING clinic_id, environment, seq, id_hash)
					INSERT INTO due (clinic_id, environment, seq, id_hash, next_at, tries, last_error)
					SELECT clinic_id, environment, seq, id_hash, 'infinity', 5, 'internal' FROM given_up`)
			},
			cured: counts(dead, 0),
		},
		{
			line: "patapay webhook reactivate ext:my-clinic", seen: `state +active`,
			plant: func() { d.pause(); missed = d.pay() }, cured: invoiceOf(&missed),
		},
		{
			line: "patapay reconcile ext:my-clinic", seen: `unexplained +0`,
			plant: func() { d.pause(); missed = d.pay() }, cured: invoiceOf(&missed),
		},
		{
			line: "patapay webhook ensure ext:my-clinic", seen: `(?m)^interrupted +true`, cured: func() string {
				if strings.Contains(d.atAsaas("GET", d.hook, ""), `"interrupted":true`) {
					return "the queue is paused"
				}
				return ""
			},
		},
		{
			line: "SELECT pg_terminate_backend(pid)", plant: d.hang, cured: func() string {
				return counts(`SELECT count(*) FROM pg_stat_activity WHERE pid = `+strconv.Itoa(d.pid), 0)()
			},
		},
		{line: "SELECT pid, usename, application_name, xact_start, query FROM pg_stat_activity " +
			"WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT 3"},
		{line: "SELECT gid, prepared, owner FROM pg_prepared_xacts"},
		{line: "SELECT pid, state, wait_event, query FROM pg_stat_activity WHERE usename LIKE 'patapay_%'"},
		{line: "SELECT pid, usename, query FROM pg_stat_activity WHERE wait_event_type = 'Lock'"},
		{
			line: "patapay endpoints test end_06a1 --tenant ext:my-clinic", code: remote.ExitUnhealthy, seen: `did not arrive`,
			plant: func() { d.answers.Store(http.StatusInternalServerError) },
		},
		{line: "patapay endpoints deliveries end_… ext:my-clinic --failed", seen: `500`},
		{line: "patapay migrate", seen: ``},
		{line: "patapay migrate new-epoch", seen: `epoch 2 of the feed begins`},
		{
			line: "patapay endpoints list ext:my-clinic", seen: `paused +new_epoch`, plant: func() {
				d.pay() // what is to be sent is of another history
				tenantstest.Eventually(d.t, time.Minute, "the endpoint is paused", func() bool {
					return d.sql(`SELECT count(*) FROM endpoints WHERE state = 'paused'`) == 1
				})
			},
		},
		{
			line: "patapay endpoints resume end_… --tenant ext:my-clinic", seen: `state +active`,
			plant: func() { d.answers.Store(http.StatusNoContent) },
		},
	}
}

func TestEveryCommandOfARunbookRunsAndShowsOrCuresWhatItIsFor(t *testing.T) {
	t.Parallel()
	named := runbookCommands(t)
	require.Greater(t, len(named), 20)
	d := newDeployment(t)
	for _, row := range d.rows() {
		require.Contains(t, named, row.line, "no runbook names it")
		delete(named, row.line)
		d.check(row)
	}
	for line, reason := range notRun {
		require.Contains(t, named, line, "no runbook names it")
		require.NotEmpty(t, reason)
		delete(named, line)
	}
	require.Empty(t, named, "each is run here, or in notRun with a reason")
}
