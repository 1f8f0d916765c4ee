//go:build faults

package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
)

// passenger is a person who logs in and refreshes, by whatever door, while the keys of the doors change.
type passenger struct {
	t               *testing.T
	email, password string
	doors           func() []*program
	jar             http.CookieJar
	seen            map[string][]string // key id → access tokens that it signed
	logins          int
}

// ourPages is the PUBLIC_URL of the doors, which a browser names as its Origin.
const ourPages = "http://127.0.0.1:9"

// newPassenger adds an administrator of a clinic to the field's database.
func newPassenger(t *testing.T, f *field, doors func() []*program) *passenger {
	t.Helper()
	email := "ana@example.com"
	out, err := f.command(nil, "operator", "add", "--email", email, "--name", "Ana", "--role", "sre").Output()
	require.NoError(t, err)
	require.NoError(t, f.change(t.Context(), `UPDATE users SET role = 'admin', clinic_id =
		(SELECT min(clinic_id) FROM clinics WHERE clinic_id > 0) WHERE email = $1`, email))
	return &passenger{
		t: t, email: email, password: strings.TrimSpace(string(out)), doors: doors, seen: map[string][]string{},
	}
}

// ask asks one door; broken tells that it was killed before its answer.
func (p *passenger) ask(door *program, method, path, token string, body any) (code int, text []byte, broken bool) {
	p.t.Helper()
	raw, _ := json.Marshal(body)
	origin := strings.TrimSuffix(door.url, "/financial/gateway-payments/webhook/asaas")
	req, err := http.NewRequestWithContext(p.t.Context(), method, origin+path, bytes.NewReader(raw))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", ourPages)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := (&http.Client{Timeout: 20 * time.Second, Jar: p.jar}).Do(req)
	if err != nil {
		return 0, nil, true
	}
	defer res.Body.Close()
	if text, err = io.ReadAll(res.Body); err != nil {
		return 0, nil, true
	}
	return res.StatusCode, text, false
}

// step gets the next access token, by a refresh or, one time in five and after a door broke, by a login, and shows it
// to every door: each must take it, whichever key it was signed with.
func (p *passenger) step() {
	doors := p.doors()
	door, path, body := doors[mathrand.N(len(doors))], "/v1/auth/refresh", any(nil)
	if p.jar == nil || mathrand.N(5) == 0 {
		p.jar, _ = cookiejar.New(nil)
		path, body = "/v1/auth/login", map[string]string{"email": p.email, "password": p.password}
		p.logins++
	}
	code, text, broken := p.ask(door, "POST", path, "", body)
	if broken { // whether the cookie was used nobody knows
		p.jar = nil
		return
	}
	var got struct{ AccessToken string }
	if code != http.StatusOK || json.Unmarshal(text, &got) != nil {
		p.t.Errorf("%s: %d %s", path, code, text)
		p.jar = nil
		return
	}
	kid := keyIDOf(p.t, got.AccessToken)
	p.seen[kid] = append(p.seen[kid], got.AccessToken)
	for _, door := range doors {
		if code, text, broken := p.ask(door, "GET", "/v1/auth/me", got.AccessToken, nil); !broken && code != 200 {
			p.t.Errorf("a token of %s: %d %s", kid, code, text)
		}
	}
}

// keyIDOf returns the name of the key that signed a token.
func keyIDOf(t *testing.T, token string) string {
	t.Helper()
	head, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	require.NoError(t, err)
	var header struct{ Kid string }
	require.NoError(t, json.Unmarshal(head, &header))
	return header.Kid
}

// TestFaultTheSigningKeyIsRotatedUnderLoginsDeliveriesAndKills takes the steps of a new signing key
// (docs/operations.md) while events come and a person logs in and refreshes, and kills a door, the worker
// and the command at twenty random instants. No token is refused on the way; at the end the old key opens
// nothing and signed nothing that counts.
func TestFaultTheSigningKeyIsRotatedUnderLoginsDeliveriesAndKills(t *testing.T) {
	f := newField(t, "off", 20)
	f.env = append(f.env, "PUBLIC_URL="+ourPages)
	seed := make([]byte, 32)
	_, _ = rand.Read(seed)
	fresh := base64.StdEncoding.EncodeToString(seed)
	steps := [][]string{
		{"JWT_OLD_KEY=" + fresh},
		{"JWT_SIGNING_KEY=" + fresh, "JWT_OLD_KEY=" + app.DevelopmentSeed.Reveal()},
	}
	alone := []string{"JWT_SIGNING_KEY=" + fresh}
	doors := []*program{f.start("serve"), f.start("serve")}
	work := f.start("work")
	var mu sync.Mutex
	open := func() []*program {
		mu.Lock()
		defer mu.Unlock()
		return append([]*program{}, doors...)
	}
	l := newLives(f, open()...)
	end := l.telling()
	p := newPassenger(t, f, open)
	out, err := f.command(nil, "token", "--name", "before", "--ttl", "960h", "--scope", "tenants:read").Output()
	require.NoError(t, err)
	before := strings.TrimSpace(string(out))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				p.step()
			}
		}
	}()
	for kill := range 20 {
		env := steps[kill/10]
		run := f.command(env, "keys", "rotate", "jwt")
		require.NoError(t, run.Start())
		time.Sleep(mathrand.N(500 * time.Millisecond)) // the instant is what the fault is
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL)
		_ = run.Wait()
		if kill%5 == 4 {
			work.kill()
			work = f.start("work", env...)
			continue
		}
		one := f.start("serve", env...)
		mu.Lock()
		old := doors[kill%2]
		doors[kill%2] = one
		mu.Unlock()
		l.through(open()...)
		old.kill()
	}
	close(stop)
	<-stopped
	p.step() // by the new key
	finish := func() (string, int) {
		out, err := f.command(steps[1], "keys", "rotate", "jwt", "--finish").CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return string(out), exit.ExitCode()
		}
		require.NoError(t, err)
		return string(out), 0
	}
	f.forgetKilled()
	told, code := finish()
	require.Equal(t, 5, code, told)
	require.Contains(t, told, "1 programs' tokens were signed by another key")
	f.run("token", "--revoke", idOf(t, before))
	told, code = finish()
	require.Equal(t, 0, code, told)
	sent := end()

	require.Len(t, p.seen, 2, "keys that signed for the person")
	last := open()[0]
	ours := keyIDOf(t, before)
	require.NotEmpty(t, p.seen[ours])
	after := f.start("serve", alone...)
	status := func(door *program, token string) int {
		code, text, broken := p.ask(door, "GET", "/v1/auth/me", token, nil)
		require.False(t, broken, "%s", text)
		return code
	}
	for kid, tokens := range p.seen {
		for _, token := range tokens {
			require.Equal(t, http.StatusOK, status(last, token), "while both are believed")
			want := http.StatusOK
			if kid == ours {
				want = http.StatusUnauthorized
			}
			require.Equal(t, want, status(after, token))
		}
	}
	out, err = f.command(nil, "token", "--name", "thief", "--scope", "tenants:read").Output()
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, status(after, strings.TrimSpace(string(out))), "signed with the old key")
	out, err = f.command(alone, "token", "--name", "after", "--scope", "tenants:read").Output()
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status(after, strings.TrimSpace(string(out))))
	for _, door := range open() {
		door.kill()
	}
	mu.Lock()
	doors = []*program{after}
	mu.Unlock()
	p.step() // the session of before goes on
	work.kill()
	l.through(after)
	f.start("work", alone...)
	l.applied(sent, 2*time.Minute)
	l.only()
	for kid, tokens := range p.seen {
		t.Logf("key %s signed %d tokens of %d logins, beside %d events", kid, len(tokens), p.logins, sent)
	}
}

// idOf returns the id (jti) of a token.
func idOf(t *testing.T, token string) string {
	t.Helper()
	middle, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	var claims struct{ Jti string }
	require.NoError(t, json.Unmarshal(middle, &claims))
	return claims.Jti
}
