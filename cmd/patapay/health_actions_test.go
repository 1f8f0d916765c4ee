package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
)

// check makes a health check that a person asked for, and returns the check of that name.
func (w *monitorWorld) check(t *testing.T, name string) connection.Check {
	t.Helper()
	w.ahead.Add(int64(time.Minute))
	list, err := w.Connector.Check(t.Context(), w.self)
	require.NoError(t, err)
	i := slices.IndexFunc(list, func(c connection.Check) bool { return c.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return list[i]
}

func (w *monitorWorld) ensure(t *testing.T) {
	t.Helper()
	_, err := w.Connector.EnsureWebhook(
		t.Context(),
		w.self,
		connect.Ensure{KeepOne: true, Precondition: connect.Unconditional},
	)
	require.NoError(t, err)
}

// operate asks for long work and waits until a worker has done it.
func (w *monitorWorld) operate(t *testing.T, kind domain.OperationKind) {
	t.Helper()
	_, err := w.Connector.Operate(t.Context(), w.self, kind, connect.Unconditional)
	require.NoError(t, err)
	tenantstest.Eventually(t, time.Minute, string(kind), func() bool {
		return w.count(t, `SELECT count(*) FROM operations WHERE state = 'running'`) == 0
	})
	require.Zero(t, w.count(t, `SELECT count(*) FROM operations WHERE state = 'failed'`))
}

// newKey saves another key of the account, with the day that was typed beside it.
func (w *monitorWorld) newKey(t *testing.T) {
	t.Helper()
	key, err := w.sim.AddKey(w.account.ID, "")
	require.NoError(t, err)
	day := domain.Day(w.Now().AddDate(1, 0, 0).Format(time.DateOnly))
	_, err = w.Connector.Save(
		t.Context(),
		w.self,
		connect.Connect{Key: secretKey(key), KeyExpiresOn: &day, ConfirmTaxID: true, Precondition: connect.Unconditional},
	)
	require.NoError(t, err)
}

// fault is one way in which a check fails, and what is done about it: the action that the
// check offers, or, where only a person at Asaas can, what its text says.
type fault struct {
	plant  func(t *testing.T, w *monitorWorld)
	action string // that must be offered
	says   string // in the text, where the action is a person's
	press  func(t *testing.T, w *monitorWorld)
}

func behave(b accounts.Behaviour) func(*testing.T, *monitorWorld) {
	return func(t *testing.T, w *monitorWorld) { require.NoError(t, w.sim.SetKey(w.account.Key, b)) }
}

func panel(body string) func(*testing.T, *monitorWorld) {
	return func(t *testing.T, w *monitorWorld) { w.panel(t, body) }
}

func ensure(t *testing.T, w *monitorWorld) { w.ensure(t) }

func replaceKey(t *testing.T, w *monitorWorld) { w.newKey(t) }

func operate(kind domain.OperationKind) func(*testing.T, *monitorWorld) {
	return func(t *testing.T, w *monitorWorld) { w.operate(t, kind) }
}

func typed(days int) func(*testing.T, *monitorWorld) {
	return func(t *testing.T, w *monitorWorld) {
		day := domain.Day(w.Now().AddDate(0, 0, days).Format(time.DateOnly))
		_, err := w.Connector.Save(
			t.Context(),
			w.self,
			connect.Connect{KeyExpiresOn: &day, Precondition: connect.Unconditional},
		)
		require.NoError(t, err)
	}
}

func commercial(days int) func(*testing.T, *monitorWorld) {
	return func(t *testing.T, w *monitorWorld) {
		w.ahead.Add(int64(25 * time.Hour)) // it is read once a day
		require.NoError(
			t,
			w.sim.Switch(w.account.ID, accounts.Switches{CommercialEnds: w.Now().AddDate(0, 0, days).Format(time.DateOnly)}),
		)
	}
}

var faults = map[string][]fault{
	"key_accepted": {{behave(accounts.KeyRevoked), "replace_key", "", replaceKey}},
	"key_expiry":   {{typed(10), "replace_key", "", replaceKey}, {typed(-1), "replace_key", "", replaceKey}},
	"permissions": {{func(t *testing.T, w *monitorWorld) {
		w.ahead.Add(int64(25 * time.Hour))
		behave(accounts.KeyNoPermission)(t, w)
	}, "edit_key", "Cobranças (ler)|Antecipações (ler)|Webhooks (ler)|Financeiro (ler)|Clientes (ler)|" +
		"Edite a chave no Asaas|não verificável por leitura", behave("")}},
	"ip": {{behave(accounts.KeyBlockedIP), "allow_ips", "Libere os IPs", behave("")}},
	"webhook": {
		{func(t *testing.T, w *monitorWorld) { w.remove(t) }, "ensure_webhook", "", ensure},
		{func(t *testing.T, w *monitorWorld) {
			_, err := w.sim.AddWebhook(w.account.ID, webhooks.Webhook{URL: w.Connector.WebhookURL})
			require.NoError(t, err)
		}, "ensure_webhook", "Manter só um", ensure},
	},
	"webhook_enabled": {{panel(`{"enabled":false}`), "ensure_webhook", "", ensure}},
	"queue":           {{panel(`{"interrupted":true}`), "reactivate", "", operate(domain.OperationReactivate)}},
	"penalties": {{func(_ *testing.T, w *monitorWorld) {
		w.sim.Lock()
		defer w.sim.Unlock()
		for _, hooks := range w.sim.Hooks {
			hooks[0].Penalized = 5
		}
	}, "reactivate", "", operate(domain.OperationReactivate)}},
	"webhook_settings": {
		{panel(`{"sendType":"NON_SEQUENTIALLY"}`), "ensure_webhook", "", ensure},
		{panel(`{"events":["PAYMENT_CREATED"]}`), "ensure_webhook", "", ensure},
		{func(t *testing.T, w *monitorWorld) { w.byHand(t, webhooks.Webhook{Version: 2}) }, "ensure_webhook", "", ensure},
	},
	"last_event": {{func(*testing.T, *monitorWorld) {}, "test", "", operate(domain.OperationTest)}},
	"delay": {{func(t *testing.T, w *monitorWorld) {
		body := w.forge(t, "payment_received_pix.real", "pay_late")
		w.ahead.Add(int64(time.Hour))
		w.post(t, token, body)
	}, "", "nada a fazer", func(t *testing.T, w *monitorWorld) {
		for range 3 {
			w.ahead.Add(int64(2 * time.Second))
			w.post(t, token, w.forge(t, "payment_received_pix.real", "pay_in_time"))
		}
	}}},
	"silence": {{func(t *testing.T, w *monitorWorld) {
		w.play(t, flows.All()[0])
		w.quiet(t)
		_, err := w.superuser(
			t,
		).Exec(
			t.Context(),
			`INSERT INTO traffic_hours SELECT $1, date_trunc('hour', $2::timestamptz) - n * interval '1 hour', 20
			FROM generate_series(24, 700) n`,
			w.clinic,
			w.Now(),
		)
		require.NoError(t, err)
		w.ahead.Add(int64(5 * time.Hour))
	}, "test", "", operate(domain.OperationTest)}},
	"processing": {{func(t *testing.T, w *monitorWorld) {
		w.play(t, flows.All()[0])
		w.quiet(t)
		_, err := w.superuser(t).Exec(t.Context(), `UPDATE events SET outcome = 'dead' WHERE outcome = 'applied'`)
		require.NoError(t, err)
	}, "see_events", "reprocesse", func(t *testing.T, w *monitorWorld) {
		_, err := w.superuser(
			t,
		).Exec(
			t.Context(),
			`UPDATE events SET outcome = 'applied' WHERE outcome = 'dead'`,
		) // as a replay ends
		require.NoError(t, err)
	}}},
	"commercial_data": {
		{commercial(20), "confirm_commercial_data", "Confirme-os no Asaas", commercial(365)},
		{commercial(-1), "confirm_commercial_data", "Confirme-os no Asaas", commercial(365)},
	},
	"withdrawal_validation": {{
		func(t *testing.T, w *monitorWorld) {
			got := webhooks.Send(t.Context(), w.url, token, []byte(`{"type":"TRANSFER","transfer":{"id":"t"}}`))
			require.Equal(t, 503, got.Status)
			tenantstest.Eventually(t, time.Minute, "the alarm", func() bool {
				return w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'withdrawal_validation'`) == 1
			})
		}, "remove_withdrawal_validation",
		"Este endereço não aprova saques: tire-o de 'Mecanismos de segurança'",
		func(_ *testing.T, w *monitorWorld) { w.ahead.Add(int64(8 * 24 * time.Hour)) },
	}},
}

// A check may offer an action only if it mends what the check found, or if its text says what
// a person must do at Asaas: the one for version 2 did nothing, and said that it helped.
func TestTheActionThatACheckOffersMendsWhatItFound(t *testing.T) {
	t.Parallel()
	names := func() (names []string) {
		w := newMonitorWorld(t)
		list, err := w.Connector.Check(t.Context(), w.self)
		require.NoError(t, err)
		for _, c := range list {
			names = append(names, c.Name)
		}
		return names
	}()
	require.ElementsMatch(
		t,
		names,
		slices.Collect(maps.Keys(faults)),
		"the checks there are, and those that are planted here",
	)
	for name, planted := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, f := range planted {
				w := newMonitorWorld(t)
				w.check(t, name)
				f.plant(t, w)
				found := w.check(t, name)
				require.NotEqual(t, "ok", found.Status, "planted: %+v", found)
				require.Equal(t, f.action, found.Action, "%+v", found)
				for _, words := range strings.Split(f.says, "|") {
					require.Contains(t, found.Detail, words)
				}
				f.press(t, w)
				require.Equal(t, "ok", w.check(t, name).Status, "pressed: %+v", w.check(t, name))
			}
		})
	}
}

func TestASuspendedClinicIsLookedAtAndNothingIsChanged(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	_, err := w.superuser(t).Exec(t.Context(), `UPDATE clinics SET state = 'suspended' WHERE clinic_id = $1`, w.clinic)
	require.NoError(t, err)
	w.panel(t, `{"enabled":false}`)
	w.monitor(t, halfHour)
	require.False(t, w.sim.State().Accounts[0].Webhooks[0].Enabled, "nothing is repaired")
	w.in(t, func(tx *tenants.Tx) error {
		list, _, err := connection.Checks(tx)
		require.True(
			t,
			slices.ContainsFunc(
				list,
				func(c connection.Check) bool { return c.Name == "webhook_enabled" && c.Status == "failed" },
			),
		)
		return err
	})
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM guard_rounds WHERE gap_since IS NOT NULL`),
		"what is lost meanwhile is compared when it resumes",
	)
}
