package v1_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"patapay/domain/asaas/simulator/accounts"
)

// holds tells whether text has the secret's middle, in clear or in hexadecimal.
func holds(text, secret string) bool {
	part := secret[12 : len(secret)-6] // prefix and last four may be shown
	return strings.Contains(text, part) || strings.Contains(text, hex.EncodeToString([]byte(part)))
}

func TestASecretIsInNoAnswerNoLogAndNoRow(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("canario")
	path, token := "/v1/tenants/"+id+"/connection", w.login(email)
	account := w.sim.AddAccount(accounts.Account{Key: "$aact_hmlg_000canary-of-a-key-0123456789"})
	broken := "$aact_hmlg_000canary-of-a-key-that-is-refused"
	var seen strings.Builder
	send := func(token, method, path string, body any, headers ...string) answer {
		a := w.ask(token, method, path, body, headers...)
		seen.WriteString(a.raw)
		return a
	}
	for _, body := range []any{
		map[string]string{"apiKey": broken},
		map[string]any{"apiKey": []string{broken}},
		map[string]any{"apiKey": "x", broken: 1},
		map[string]any{"walletId": broken, "apiKey": account.Key},
		map[string]any{"notificationEmail": broken},
		map[string]any{"environment": broken},
		`{"apiKey":"` + broken + `"`,
	} {
		if a := send(token, "PUT", path, body, `If-Match: "0"`); a.status < 400 || a.status >= 500 {
			t.Fatalf("%v: %d %s", body, a.status, a.raw)
		}
	}
	send(token, "GET", path+"?apiKey="+broken, nil)
	send(token, "GET", "/v1/tenants/"+broken+"/connection", nil)
	send(broken, "GET", path, nil)
	send("", "POST", "/v1/auth/login", map[string]string{"email": broken, "password": broken})
	made := w.must(200, token, "PUT", path, map[string]string{"apiKey": account.Key}, `If-Match: "0"`)
	rest := strings.Replace(made.raw, made.text("webhookToken"), "", 1)
	seen.WriteString(rest)
	send(token, "GET", path, nil)
	send(token, "GET", "/v1/tenants/"+id+"/audit", nil)
	told := strings.ReplaceAll(seen.String(), `"instance":"/v1/tenants/`+broken, "") // the path that the caller asked for
	rows := w.everyRow()
	for name, secret := range map[string]string{
		"key": account.Key, "refused key": broken, "webhook token": made.text("webhookToken"),
		"password": password, "access token": token,
	} {
		for where, text := range map[string]string{"an answer": told, "the log": w.logs.String(), "a row": rows} {
			if holds(text, secret) {
				t.Errorf("the %s is in %s", name, where)
			}
		}
	}
	if !strings.Contains(rows, "canario@example.com") ||
		!strings.Contains(w.logs.String(), "putConnection") &&
			!strings.Contains(w.logs.String(), "/v1/tenants/:tenant/connection") {
		t.Error("this test looked at nothing")
	}
}

// everyRow returns all rows of all tables as text: bytes in hexadecimal, and instants that XML knows no form of.
func (w *world) everyRow() string {
	w.t.Helper()
	rows, err := w.owner.Query(
		w.t.Context(),
		`SELECT query_to_xml(format('SELECT t::text FROM %I.%I t', schemaname, tablename), true, false, '')::text
		FROM pg_tables WHERE schemaname = 'public'`,
	)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var all strings.Builder
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			w.t.Fatal(err)
		}
		all.WriteString(text)
	}
	if rows.Err() != nil {
		w.t.Fatal(rows.Err())
	}
	return all.String()
}
