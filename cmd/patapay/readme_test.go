package main

import (
	"context"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/client/clienttest"
	"patapay/cmd/patapay/remote"
	"patapay/tenants/tenantstest"
)

// commandsOf returns the shell lines below a heading of the README.
func commandsOf(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	require.True(t, found, "README has no %s", heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var lines []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1) {
		lines = append(lines, strings.Split(strings.TrimSpace(block[1]), "\n")...)
	}
	return lines
}

func TestWhatTheReadmeTellsBillingDevelopersRunsAsWritten(t *testing.T) {
	lines := commandsOf(t, "Read it from billing")
	require.LessOrEqual(t, len(lines), 12, "from a token to a followed feed in at most twelve commands")
	require.True(t, strings.HasPrefix(lines[0], "export PATAPAY_URL="), "the token comes first")
	r := startDev(t)
	c := clienttest.Clinic{
		ID:           r.Clinics[0].ID,
		Token:        r.Clinics[0].Token,
		AccountID:    r.Clinics[0].AccountID,
		WebhookToken: r.Clinics[0].WebhookToken,
	}
	session := &clienttest.Dev{URL: r.URL, WebhookURL: r.WebhookURL}
	require.NoError(t, session.Fill(t.Context(), c, 0, 5))
	tenantstest.Eventually(t, time.Minute, "the events are applied", func() bool {
		_, body := askAPI(t, "GET", r.URL+"/v1/tenants/"+c.ID+"/invoices", c.Token, "")
		return strings.Count(body, `"asaasId"`) >= 5
	})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	go func() { // while somebody tries, payers pay
		for n := 5; ctx.Err() == nil && session.Send(ctx, c, c.Event("PAYMENT_CREATED", "PENDING", n, 1000)) == nil; n++ {
			time.Sleep(200 * time.Millisecond)
		}
	}()
	out := map[int]string{}
	script := "set -eu\n"
	for i, line := range lines[1:] {
		script += line + "\nprintf '\\n--- %s\\n' " + string(rune('a'+i)) + "\n"
	}
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Env = append(os.Environ(), "PATAPAY_URL="+r.URL, "PATAPAY_TOKEN="+c.Token)
	var errors strings.Builder
	cmd.Stderr = &errors
	text, err := cmd.Output()
	require.NoError(t, err, "%s\n%s", text, errors.String())
	for i, part := range regexp.MustCompile(`\n--- [a-z]\n`).Split(string(text), -1) {
		out[i] = part
	}
	require.Contains(t, out[1], c.ID, "whom the token speaks for")
	require.Contains(t, out[3], `"hasMore":true`)
	require.Regexp(t, `"total":\d+`, out[4])
	require.Contains(t, out[5], `"type":"/docs/erros/nao-encontrado"`)
	require.Contains(t, out[7], `"type":"invoice.updated"`, "the long poll")
	require.Regexp(t, `(?s)id: \d+\nevent: change\ndata: \{`, out[8], "the stream")
}

func TestTheCommandsShowInvoicesEventsAndTheFeed(t *testing.T) {
	r := startDev(t)
	c := clienttest.Clinic{ID: r.Clinics[0].ID, AccountID: r.Clinics[0].AccountID, WebhookToken: r.Clinics[0].WebhookToken}
	session := &clienttest.Dev{WebhookURL: r.WebhookURL}
	require.NoError(t, session.Fill(t.Context(), c, 0, 120))
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("PATAPAY_URL", r.URL)
	t.Setenv("PATAPAY_TOKEN", r.Clinics[0].Token)
	require.Eventually(t, func() bool {
		out, _ := cli(t, "", "invoices", "list", c.ID, "--limit", "0", "-o", "ndjson")
		return strings.Count(out, "\n") == 120
	}, 20*time.Second, 100*time.Millisecond, "all pages of all invoices")
	id, file := clienttest.Payment(7), filepath.Join(t.TempDir(), "faturas.csv")
	for _, row := range []struct {
		line string
		code int
		want string // pattern
	}{
		{"invoices list " + c.ID + " --limit 3 -o csv", 0, `^asaasId,status,method,(.*\n){4}$`},
		{"invoices list " + c.ID + " --status overdue -o ndjson", 0, `^$`},
		{"invoices list " + c.ID + " --reference orc-7", 0, `(?m)^` + id + ` +pending +boleto`},
		{"invoices list " + c.ID + " --status paid", remote.ExitUsage, `400|422`},
		{"invoices list", remote.ExitUsage, `which clinic`},
		{"export " + c.ID + " --kind invoices", 0, `(?s)\x{feff}Vencimento;.*` + id + `;.*`},
		{
			"export " + c.ID + " --kind invoices --filter status=pending --filter externalReference=orc-7 -f " + file,
			0, `1/1 rows 1-1`,
		},
		{"export " + c.ID + " --kind invoices -f " + file, remote.ExitUsage, `there already`},
		{"export " + c.ID + " --kind events --filter status=paid", remote.ExitUsage, `422`},
		{"export " + c.ID + " --kind events --filter status", remote.ExitUsage, `name=value`},
		{"export " + c.ID + " --kind ledger --dry-run", 0, `would POST`},
		{"invoices show " + id + " --tenant " + c.ID, 0, `(?m)^asaasId +` + id + `$`},
		{"invoices show pay_nobody --tenant " + c.ID, remote.ExitNotFound, `not_found`},
		{"events list " + c.ID + " --entity " + id + " --since 1h", 0, `PAYMENT_CREATED +` + id},
		{"events list " + c.ID + " --type PAYMENT_DELETED -o ndjson", 0, `^$`},
		{"events show rev_nothing --tenant " + c.ID, remote.ExitNotFound, `not_found`},
		{"feed follow " + c.ID + " --once", 0, `(?m)^2  20.*invoice\.updated  pay_\d+  pending  v1$`},
		{"feed follow " + c.ID + " --once -o ndjson", 0, `(?m)^\{.*"seq":120\b`},
		{"feed follow " + c.ID + " --once --now", 0, `^$`},
		{"feed follow " + c.ID + " --once --after 999999", 0, `^$`},
		{"feed follow --once", remote.ExitUsage, `needs a clinic`},
		{"feed follow", remote.ExitDenied, `403`},
	} {
		out, code := cli(t, "", strings.Fields(row.line)...)
		require.Equal(t, row.code, code, "%s: %s", row.line, out)
		require.Regexp(t, row.want, out, row.line)
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(text), "\n"), "the heading and what the filters leave")
	require.Contains(t, string(text), ";"+id+";")
}

// The examples of reading operations run as the pages show them; what they name is there or
// is not, and nothing else is wrong with them.
func TestEveryCurlExampleOfTheDocsIsAnsweredAsTheContractSays(t *testing.T) {
	r := startDev(t)
	code, body := askAPI(
		t,
		"POST",
		r.URL+"/v1/tenants",
		r.AdminToken,
		`{"externalId":"minha-clinica","name":"Clínica","taxId":"19131243000197","sandbox":true,`+
			`"admin":{"name":"Ana","email":"ana@example.com"}}`,
	)
	require.Equal(t, 201, code, body)
	_, front := askAPI(t, "GET", r.URL+"/docs", "", "")
	pages := regexp.MustCompile(`href="(/docs/operacoes/\w+)"><span class="method get"`).FindAllStringSubmatch(front, -1)
	require.Greater(t, len(pages), 30)
	answers := map[string]int{}
	for _, page := range pages {
		_, text := askAPI(t, "GET", r.URL+page[1], "", "")
		code := regexp.MustCompile(`(?s)<h3>curl</h3>.*?<code>(.*?)</code>`).FindStringSubmatch(text)
		require.NotNil(t, code, page[1])
		line := strings.Replace(
			html.UnescapeString(code[1]),
			"curl -sS",
			"curl -sS --max-time 2 -o /dev/null -w '%{http_code}'",
			1,
		)
		cmd := exec.CommandContext(t.Context(), "bash", "-c", line)
		cmd.Env = append(os.Environ(), "PATAPAY_URL="+r.URL, "PATAPAY_TOKEN="+r.AdminToken)
		out, _ := cmd.Output() // a stream ends by its time limit
		answers[string(out)]++
		allowed := []string{"200", "404"}
		if slices.ContainsFunc(
			[]string{"/listSessions", "/listFactors", "/listCalendars"},
			func(one string) bool { return strings.HasSuffix(page[1], one) },
		) { // a program has none
			allowed = []string{"403"}
		}
		require.Contains(t, allowed, string(out), "%s\n%s", page[1], line)
	}
	require.Greater(t, answers["200"], answers["404"], "%v", answers)
}
