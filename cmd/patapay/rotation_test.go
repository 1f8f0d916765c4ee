package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants/connect"
	"patapay/tenants/tenantstest"
)

// stranger posts from an address that nobody trusts and returns the status.
func stranger(t *testing.T, url, token string, body []byte) int {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("asaas-access-token", token)
	res, err := client.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	return res.StatusCode
}

// numbered returns n events of payments of their own.
func (w *monitorWorld) numbered(t *testing.T, n int) [][]byte {
	t.Helper()
	list := make([][]byte, n)
	for i := range list {
		body, err := samples.Edit{
			Fresh:   true,
			Counter: int64(20_000_000 + i),
			Now:     w.Now(),
			Account: w.account.ID,
			Entity:  map[string]string{"payment": fmt.Sprintf("pay_rotation%06d", i)},
		}.
			Apply(samples.Event("payment_created_pix.real"))
		require.NoError(t, err)
		list[i] = body
	}
	return list
}

func TestRotationAndKeyReplacementUnderLoadLoseNothingAndTheRevokedTokenIsWrong(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	const perSecond, seconds = 300, 4
	bodies := w.numbered(t, perSecond*seconds+2)
	hook := w.hook[len("/v3/webhooks/"):]
	first := w.sim.Token(hook)
	second, err := w.sim.AddKey(w.account.ID, "")
	require.NoError(t, err)

	var wrong atomic.Int64
	var group sync.WaitGroup
	begun := time.Now()
	group.Go(
		func() { // as Asaas: with the token that the configuration carries now, and each tenth a retry with the one before
			slots := make(chan struct{}, 32)
			var sent sync.WaitGroup
			for i, body := range bodies[:perSecond*seconds] {
				time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / perSecond)))
				secret := w.sim.Token(hook)
				if i%10 == 0 {
					secret = first
				}
				slots <- struct{}{}
				sent.Go(func() {
					defer func() { <-slots }()
					if got := webhooks.Send(context.Background(), w.url, secret, body); got.Status != 200 {
						wrong.Add(1)
					}
				})
			}
			sent.Wait()
		},
	)
	rotate := func() {
		report, err := w.Connector.EnsureWebhook(
			t.Context(),
			w.self,
			connect.Ensure{Renew: true, Precondition: connect.Unconditional},
		)
		require.NoError(t, err)
		require.True(t, report.Token)
	}
	at := func(d time.Duration) { time.Sleep(time.Until(begun.Add(d))) }
	at(time.Second)
	rotate()
	at(2 * time.Second)
	_, err = w.Connector.Save(
		t.Context(),
		w.self,
		connect.Connect{Key: secretKey(second), ConfirmTaxID: true, Precondition: connect.Unconditional},
	)
	require.NoError(t, err)
	at(3 * time.Second)
	rotate()
	group.Wait()
	took := time.Since(begun)
	require.Zero(t, wrong.Load(), "answers but 200")
	if tenantstest.TimesCount {
		require.Less(t, took, (seconds+2)*time.Second, "the pace was held")
	}
	require.Equal(
		t,
		perSecond*seconds,
		w.count(
			t,
			`SELECT count(*) FROM events WHERE entity_id LIKE 'pay_rotation%' AND source = 1 AND outcome <> 'quarantined'`,
		),
	)

	n, err := w.Connector.Revoke(t.Context(), w.self, connect.Unconditional)
	require.NoError(t, err)
	require.NotZero(t, n)
	w.ahead.Add(int64(5 * time.Second)) // as long as a door remembers a token
	last := bodies[perSecond*seconds:]
	require.Equal(t, 401, stranger(t, w.url, first, last[0]))
	require.Equal(t, 200, webhooks.Send(t.Context(), w.url, first, last[0]).Status, "of a trusted sender it is a hint")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM truth_wants WHERE reason = 'hint'`))
	require.Zero(
		t,
		w.count(
			t,
			`SELECT count(*) FROM events WHERE source = 1 AND entity_id = $1`,
			fmt.Sprintf("pay_rotation%06d", perSecond*seconds),
		),
	)
	require.Equal(t, 200, stranger(t, w.url, w.sim.Token(hook), last[1]), "the newest token counts, whoever brings it")
}

func TestFaultTheFourthClinicIsActiveTenSecondsAfterOneCall(t *testing.T) {
	r := startDev(t)
	code, body := askAPI(
		t,
		"POST",
		r.URL+"/v1/tenants",
		r.AdminToken,
		`{"externalId":"quarta","name":"Clínica Nova","taxId":"19131243000197","sandbox":true,`+
			`"admin":{"name":"Ana","email":"quarta@example.com"}}`,
	)
	require.Equal(t, 201, code, body)
	begun := time.Now()
	req, err := http.NewRequestWithContext(
		t.Context(),
		"PUT",
		r.URL+"/v1/tenants/ext:quarta/connection",
		bytes.NewReader(fmt.Appendf(nil, `{"apiKey":%q,"setUp":true}`, r.NewKey)),
	)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.AdminToken)
	req.Header.Set("If-Match", `"0"`)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
	tenantstest.Eventually(t, 10*time.Second, "the clinic is active", func() bool {
		_, body = askAPI(t, "GET", r.URL+"/v1/tenants/ext:quarta/connection", r.AdminToken, "")
		return bytes.Contains([]byte(body), []byte(`"state":"active"`))
	})
	t.Logf("active after %s", time.Since(begun).Round(time.Millisecond))
	tenantstest.Eventually(t, 20*time.Second, "the round trip and the first import", func() bool {
		_, body = askAPI(t, "GET", r.URL+"/v1/tenants/ext:quarta/operations", r.AdminToken, "")
		return bytes.Count([]byte(body), []byte(`"state":"done","progress":5`)) == 1 &&
			bytes.Count([]byte(body), []byte(`"state":"done","progress":6`)) == 1
	})
	require.Contains(t, body, "Asaas avisou em ")
}
