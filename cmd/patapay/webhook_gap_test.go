package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants/connect"
)

// remove deletes our configuration at the gateway, as somebody in its panel would.
func (w *monitorWorld) remove(t *testing.T) {
	t.Helper()
	r := httptest.NewRequest("DELETE", w.hook, nil)
	r.Header.Set("access_token", w.account.Key)
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, r)
	require.Equal(t, 200, answer.Code)
}

// byHand makes a configuration with our URL in place of ours, as somebody in the panel would.
func (w *monitorWorld) byHand(t *testing.T, hook webhooks.Webhook) {
	t.Helper()
	w.remove(t)
	hook.URL = w.Connector.WebhookURL
	id, err := w.sim.AddWebhook(w.account.ID, hook)
	require.NoError(t, err)
	w.hook = "/v3/webhooks/" + id
}

const lastWrong = "another URL"

// Nothing that happens while a webhook is not as it should be is told later (docs/gateway.md,
// pause): whatever was wrong, the next turn puts it right and compares, once, at once.
func TestWhatAWrongWebhookDidNotTellIsComparedAtOnceAndWaitedForTheNight(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.play(t, flows.All()[0])
	w.quiet(t)
	w.monitor(t, 0)
	compared := 0
	for _, wrong := range []struct {
		name  string
		plant func()
	}{
		{"disabled", func() { w.panel(t, `{"enabled":false}`) }},
		{"events missing", func() { w.panel(t, `{"events":["PAYMENT_CREATED"]}`) }},
		{"deleted", func() { w.remove(t) }},
		{"made anew", func() { w.byHand(t, webhooks.Webhook{Token: "another-token-of-somebodys-own-making-x"}) }},
		{"version 2", func() { w.byHand(t, webhooks.Webhook{Version: 2}) }},
		{"send type", func() { w.panel(t, `{"sendType":"NON_SEQUENTIALLY"}`) }},
		{"disabled and enabled again by somebody", func() {
			w.panel(t, `{"enabled":false}`)
			_, err := w.Connector.Check(t.Context(), w.self)
			require.NoError(t, err)
			w.panel(t, `{"enabled":true}`)
		}},
		{lastWrong, func() { w.panel(t, `{"url":"https://elsewhere.example/hook"}`) }},
	} {
		w.ahead.Add(int64(time.Minute))
		wrong.plant()
		w.play(t, flows.All()[0])
		w.monitor(t, halfHour)
		compared++
		require.Equal(t, compared, w.count(t, `SELECT count(*) FROM certificates`), "one comparison: "+wrong.name)
		require.Zero(t, w.count(t, `SELECT count(*) FROM guard_rounds WHERE gap_since IS NOT NULL`), wrong.name)
		w.monitor(t, halfHour)
		require.Equal(t, compared, w.count(t, `SELECT count(*) FROM certificates`), "and no second one: "+wrong.name)
		report, err := w.Connector.ReadWebhook(t.Context(), w.self)
		require.NoError(t, err)
		require.True(t, len(report.Others) == 0, wrong.name)
		for _, line := range report.Lines {
			taste := line.Field == "name" || line.Field == "email"
			require.True(t, line.OK || taste, "%s: %+v", wrong.name, line)
		}
		w.hook = "/v3/webhooks/" + report.Webhook.ID
		if wrong.name != lastWrong { // that one's queue goes nowhere
			w.quiet(t)
		}
	}
}

func TestATurnThatCannotReadTheWebhooksIsNoGap(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	w.sim.SetAPI("broken", 0)
	w.monitor(t, halfHour)
	w.sim.SetAPI("", 0)
	w.monitor(t, halfHour)
	require.Zero(t, w.count(t, `SELECT count(*) FROM certificates`))
}

func TestAVersion2WebhookIsMadeAnewAlsoWhenTheAccountHasAllTenAndWasNeverRepaired(t *testing.T) {
	t.Parallel()
	for _, beside := range []int{0, 9} {
		w := newMonitorWorld(t)
		w.byHand(t, webhooks.Webhook{Version: 2, Email: "fin@example.com"})
		for range beside {
			_, err := w.sim.AddWebhook(
				w.account.ID,
				webhooks.Webhook{URL: "https://elsewhere.example/hook", Events: []string{"TRANSFER_CREATED"}},
			)
			require.NoError(t, err)
		}
		report, err := w.Connector.EnsureWebhook(t.Context(), w.self, connect.Ensure{Precondition: connect.Unconditional})
		require.NoError(t, err)
		require.True(t, report.OK(), "%+v", report)
		require.True(t, report.Created && report.Deleted == 1, "%+v", report)
		require.Equal(t, 3, report.Webhook.APIVersion)
		require.Len(t, w.sim.State().Accounts[0].Webhooks, beside+1)
		w.play(t, flows.All()[0])
		w.quiet(t)
		require.Zero(t, w.count(t, `SELECT count(*) FROM hints`), "its deliveries carry our token")
		again, err := w.Connector.EnsureWebhook(t.Context(), w.self, connect.Ensure{Precondition: connect.Unconditional})
		require.NoError(t, err)
		require.Equal(t, report.Webhook.ID, again.Webhook.ID, "a second time changes nothing")
	}
}
