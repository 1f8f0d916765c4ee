package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// The rows of docs/webhook-answers.md for senders with a valid token.

func TestRow1ANewEventIsStoredNotifiedOfAndAnswered200(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND outcome = 'received'`, vida.id))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM event_bodies WHERE clinic_id = $1 AND sealed <> ''`, vida.id))
	tenantstest.Eventually(t, time.Minute, "notified", func() bool { return w.notified.Load() == 1 })
	require.Equal(t, 1, w.apply(t, vida))
}

func TestRow2ADuplicateGetsTheSameAnswerAndWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	first := w.post(t, vida.token, vida.paid(1))
	w.apply(t, vida)
	before := w.dump(t)
	again := w.post(t, vida.token, vida.paid(1))
	for _, r := range []*reply{&first, &again} {
		r.header.Del("Date")
		r.header.Del("X-Request-Id")
	}
	require.Equal(t, first.header, again.header)
	require.Equal(t, first.body, again.body)
	require.Empty(t, changed(before, w.dump(t)))
}

func TestRow3WhatARetryCannotCureIsStoredAndAnswered200(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	paid := string(vida.paid(1))
	for name, c := range map[string]struct{ body, outcome, reason string }{
		"unknown type": {
			strings.Replace(paid, "PAYMENT_RECEIVED", "PAYMENT_BLESSED", 1), "applied", "unknown_type",
		},
		"unknown family": {`{"id":"evt_a&2","event":"MOON_ROSE","moon":{"id":"m"}}`, "no_effect", "unknown_type"},
		"another family": {
			`{"id":"evt_a&3","event":"TRANSFER_CREATED","transfer":{"id":"t"}}`, "no_effect", "other_family",
		},
		"no payment in it":      {`{"id":"evt_a&4","event":"PAYMENT_RECEIVED"}`, "dead", "no_entity"},
		"payment without an id": {`{"id":"evt_a&5","event":"PAYMENT_RECEIVED","payment":{"value":1}}`, "dead", "no_entity"},
		"number out of range":   {strings.NewReplacer("310.00", "1e400", "&1\"", "&6\"").Replace(paid), "applied", ""},
		"third decimal":         {strings.NewReplacer("310.00", "0.005", "&1\"", "&7\"").Replace(paid), "*", ""},
		"comma in a number":     {strings.NewReplacer("310.00", `"12,50"`, "&1\"", "&8\"").Replace(paid), "*", ""},
		"broken UTF-8":          {strings.NewReplacer("PIX", "\xff\xfe", "&1\"", "&9\"").Replace(paid), "*", ""},
		"NUL in a name":         {strings.NewReplacer("PIX", `\u0000`, "&1\"", "&10\"").Replace(paid), "*", ""},
		"lone surrogate":        {strings.NewReplacer("PIX", `\ud800`, "&1\"", "&11\"").Replace(paid), "*", ""},
		"no JSON":               {`payment=1&status=RECEIVED`, "dead", "unreadable"},
		"nothing":               {``, "dead", "unreadable"},
		"two documents":         {`{"id":"evt_a&12","event":"PAYMENT_CREATED"}{"id":"evt_a&13"}`, "dead", "unreadable"},
		"trailing bytes":        {`{"id":"evt_a&14","event":"PAYMENT_CREATED"} x`, "dead", "unreadable"},
		"nested 100,000 deep":   {strings.Repeat("[", 100_000), "dead", "unreadable"},
		"nested in a member": {
			`{"id":"evt_a&15","event":"PAYMENT_CREATED","x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
			"dead", "*",
		},
		"types all wrong":         {`{"id":7,"event":[],"dateCreated":{},"payment":"pay_1"}`, "no_effect", "unknown_type"},
		"payment is an old ghost": {`{"id":"evt_a&16","event":"PAYMENT_RECEIVED","payment":{"id":"pay_ghost"}}`, "*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.count(t, `SELECT count(*) FROM events`)
			w.accepted(
				t,
				vida.token,
				[]byte(strings.ReplaceAll(c.body, "pay_0000000000000001", "pay_"+strings.ReplaceAll(name, " ", ""))),
			) // each its own
			require.Equal(t, before+1, w.count(t, `SELECT count(*) FROM events`))
			require.Equal(t, before+1, w.count(t, `SELECT count(*) FROM event_bodies WHERE sealed <> ''`))
			w.apply(t, vida)
			var outcome, reason string
			require.NoError(
				t,
				w.owner.QueryRow(
					t.Context(),
					`SELECT outcome, reason FROM events ORDER BY xmin::text::bigint DESC, ctid DESC LIMIT 1`,
				).Scan(&outcome, &reason),
			)
			if c.outcome == "*" {
				require.Contains(t, []string{"applied", "no_effect", "dead"}, outcome)
				return
			}
			require.Equal(t, c.outcome, outcome)
			if c.reason != "*" && c.reason != "" {
				require.Equal(t, c.reason, reason)
			}
		})
	}
	require.Zero(t, w.count(t, `SELECT count(*) FROM events WHERE outcome = 'received'`))
	w.alarm(t, vida, "dead_letters")
}

func TestRow4AnAbsentAccountLeavesTheTokenToDecideAndIsNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for i, body := range []string{
		`{"id":"evt_a&1","event":"PAYMENT_CREATED","payment":{"id":"pay_1","status":"PENDING"}}`,
		`{"id":"evt_a&2","event":"PAYMENT_CREATED","account":null,"payment":{"id":"pay_1","status":"PENDING"}}`,
	} {
		w.accepted(t, vida.token, []byte(body))
		require.Equal(
			t,
			i+1,
			w.count(
				t,
				`SELECT count(*) FROM events WHERE clinic_id = $1 AND outcome = 'received' AND notes = 'account_absent'`,
				vida.id,
			),
		)
	}
}

func TestRow5TheTokenOfOneClinicOnTheBodyOfAnotherChangesNoOtherRowOfEither(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	w.accepted(t, vida.token, vida.paid(1))
	w.accepted(t, sorriso.token, sorriso.paid(2))
	w.apply(t, vida)
	w.apply(t, sorriso)
	before := w.dump(t)
	w.accepted(t, sorriso.token, event(vida.account, 3, "PAYMENT_REFUNDED", "pay_0000000000000001", "REFUNDED"))
	require.Equal(t, "quarantined foreign_account", w.outcome(t, sorriso, 3))
	w.alarm(t, sorriso, "quarantine_foreign_account")
	require.Zero(t, w.apply(t, vida)+w.apply(t, sorriso))
	require.ElementsMatch(t, []string{"events", "event_bodies", "alarms", "quarantined"}, changed(before, w.dump(t)))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms`))
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1`, vida.id),
		"the body's clinic sees nothing of it",
	)
	require.Equal(
		t,
		2,
		w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND outcome IN ('applied', 'quarantined')`, sorriso.id),
	)
}

func TestRow5AForgedFirstEventBindsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fresh := w.clinic(t, "Nova")
	require.NoError(t, w.in(fresh, func(tx *tenants.Tx) error {
		c, err := connection.Load(tx)
		c.Account, c.State = "", "awaiting_first_event"
		if err != nil {
			return err
		}
		return connection.Save(tx, c, vault.Secret{}, w.vault, w.now())
	}))
	before := w.dump(t)["connections"]
	w.accepted(t, fresh.token, event("acc-of-a-stranger", 1, "PAYMENT_RECEIVED", "pay_1", "RECEIVED"))
	w.apply(t, fresh)
	require.Equal(t, "quarantined foreign_account", w.outcome(t, fresh, 1))
	require.Equal(t, before, w.dump(t)["connections"])
}

func TestRow6ASecondBodyUnderOneIdIsKeptBesideTheFirstAndTheGatewayIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, event(vida.account, 1, "PAYMENT_CREATED", "pay_1", "PENDING"))
	w.apply(t, vida)
	for range 3 {
		w.accepted(t, vida.token, event(vida.account, 1, "PAYMENT_CREATED", "pay_1", "RECEIVED"))
	}
	require.Zero(t, w.apply(t, vida), "the first stands")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND notes = 'variant'`, vida.id))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM event_variants WHERE clinic_id = $1`, vida.id))
	require.Equal(
		t,
		1,
		w.count(
			t,
			`SELECT count(*) FROM truth_wants
			WHERE clinic_id = $1 AND entity_id = 'pay_1' AND reason = 'variant' AND due_at < 'infinity'`,
			vida.id,
		),
	)
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		i, err := query.InvoiceByAsaasID(tx, "pay_1")
		require.Equal(t, domain.InvoicePending, i.Value.Status)
		return err
	}))
}

func TestRow6TwoPublishedSamplesShareOneEventId(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	byID := map[string][]string{}
	for _, name := range samples.Names() {
		id := asaas.Peek(samples.Event(name)).ID
		byID[id] = append(byID[id], name)
	}
	shared := 0
	for id, names := range byID {
		if id == "" || len(names) < 2 || string(samples.Event(names[0])) == string(samples.Event(names[1])) {
			continue
		}
		shared++
		for _, name := range names {
			body, err := samples.Edit{Account: vida.account}.Apply(samples.Event(name))
			require.NoError(t, err)
			w.accepted(t, vida.token, body)
		}
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events WHERE event_id = $1`, id), names)
		require.Equal(
			t,
			len(names)-1,
			w.count(
				t,
				`SELECT count(*) FROM event_variants v JOIN events e USING (clinic_id, environment, seq, id_hash)
				WHERE e.event_id = $1`,
				id,
			),
			names,
		)
	}
	require.Positive(t, shared)
}

func TestRow7ASuspendedClinicsEventsAreStoredHeldAndAppliedWhenItResumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	state := func(s string) {
		require.NoError(t, w.in(vida, func(tx *tenants.Tx) error { return tx.SetClinicState(s, w.now()) }))
	}
	state("suspended")
	w.accepted(t, vida.token, vida.paid(1))
	require.Zero(t, w.apply(t, vida))
	require.Equal(t, "held suspended", w.outcome(t, vida, 1))
	require.Zero(t, w.apply(t, vida), "held rows are not due")
	state("active")
	w.accepted(t, vida.token, vida.paid(2)) // the door still remembers the clinic as suspended
	require.Equal(t, 2, w.apply(t, vida))
	require.Equal(t, "applied", w.outcome(t, vida, 1))
	require.Equal(t, "applied", w.outcome(t, vida, 2))
}

func TestRow8OfADeletedClinicOnlyIdAndHashAreKeptForFourteenDaysThen401(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error {
		if err := tx.SetClinicState("deleted", w.now()); err != nil {
			return err
		}
		return tx.DestroyKeys()
	}))
	w.accepted(t, vida.token, vida.paid(1))
	w.accepted(t, vida.token, vida.paid(1))
	w.accepted(t, "", vida.paid(2)) // without its token: no more is kept
	require.Equal(t, "no_effect clinic_deleted", w.outcome(t, vida, 1))
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND entity_id = '' AND length(body_hash) = 32`, vida.id),
	)
	require.Zero(t, w.count(t, `SELECT count(*) FROM event_bodies`))
	require.Zero(
		t,
		w.count(
			t,
			`SELECT count(*) FROM due`,
		)+w.count(
			t,
			`SELECT count(*) FROM hints`,
		)+w.count(
			t,
			`SELECT coalesce(sum(length(sealed)), 0) FROM strays`,
		),
	)
	w.ahead.Store(int64(14*24*time.Hour + time.Second))
	for _, from := range []string{"127.0.0.1", "127.0.0.2"} {
		got := w.do(t, call{token: vida.token, from: from, body: strings.NewReader(string(vida.paid(3)))})
		require.Equal(t, http.StatusUnauthorized, got.code)
	}
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`))
}

func TestADisconnectedClinicsLateDeliveriesAreAnswered200AndKeepNoBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	require.NoError(t, w.in(vida, func(tx *tenants.Tx) error { return connection.Disconnect(tx, w.now()) }))
	w.accepted(t, vida.token, vida.paid(1))
	require.Equal(t, "no_effect disconnected", w.outcome(t, vida, 1))
	require.Zero(t, w.count(t, `SELECT count(*) FROM event_bodies`))
	w.ahead.Store(int64(14*24*time.Hour + time.Second))
	w.trusts.Store(false)
	require.Equal(t, http.StatusUnauthorized, w.post(t, vida.token, vida.paid(2)).code)
}

// A withdrawal that asks for our approval is a body with a type and without an event: it names
// a charge in a split, and was stored as an event of that payment.
func TestRow20AWithdrawalIsNeverApprovedAndIsNoEventOfAPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	for i, body := range []string{
		`{"type":"TRANSFER","transfer":{"object":"transfer","id":"t","value":10}}`, `{"type":"BILL","bill":{"id":"b"}}`,
		`{"type":"PIX_QR_CODE","pixQrCode":{}}`, `{"type":"MOBILE_PHONE_RECHARGE"}`,
		`{"type":"PIX_REFUND","payment":{"id":"pay_1","status":"REFUNDED"}}`,
		`{"type":"PAYMENT_SPLIT","paymentSplit":{"id":"s"},"payment":{"id":"pay_1","status":"RECEIVED"}}`,
		`{"payment":{"id":"pay_1"},"type":"OF_NEXT_YEAR"}`,
	} {
		for range 3 { // as often as Asaas asks
			got := w.post(t, vida.token, []byte(body))
			require.Equal(t, http.StatusServiceUnavailable, got.code, body)
			require.Equal(t, refused, got.body)
		}
		require.Equal(
			t,
			i+1,
			w.count(
				t,
				`SELECT count(*) FROM events
				WHERE outcome = 'no_effect' AND reason = 'withdrawal_validation'
				  AND kind NOT IN ('payment', 'checkout', 'anticipation') AND entity_id = ''`,
			),
			body,
		)
		got := w.post(t, "", []byte(body))
		require.Equal(t, http.StatusUnauthorized, got.code, body)
	}
	require.Equal(t, 7, w.count(t, `SELECT count(*) FROM events`))
	require.Zero(t, w.apply(t, vida))
	require.Zero(
		t,
		w.count(
			t,
			`SELECT count(*) FROM invoices`,
		)+w.count(
			t,
			`SELECT count(*) FROM truth_wants`,
		)+w.count(
			t,
			`SELECT count(*) FROM hints`,
		),
	)
	w.alarm(t, vida, "withdrawal_validation")
	require.Zero(t, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'deliveries_failing'`), "no failure of the queue")
	w.accepted(
		t,
		vida.token,
		[]byte(`{"id":"evt_a&40","event":"TRANSFER_CREATED","type":"TRANSFER","transfer":{"id":"t"}}`),
	)
	require.Zero(
		t,
		w.count(t, `SELECT count(*) FROM events WHERE seq = 40 AND reason = 'withdrawal_validation'`),
		"an event with a type is an event",
	)
}
