package v1_test

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/inbox"
)

// whats returns the kinds of a timeline's entries in order.
func whats(r reply) (words []string) {
	for _, m := range r.body["moments"].([]any) {
		words = append(words, m.(map[string]any)["what"].(string))
	}
	return words
}

// quarantine stores a body as the receiver does when it is not believed.
func (w *readWorld) quarantine(t testing.TB, c tenants.Clinic, body []byte, reason string) domain.EventKey {
	t.Helper()
	env := asaas.Peek(body)
	a := &inbox.InboundEvent{
		Clinic:     c.ID,
		Type:       env.Event,
		Kind:       env.Kind,
		Entity:     env.Entity,
		At:         env.Created,
		Outcome:    domain.Quarantined,
		Reason:     reason,
		BodyHash:   sha256.Sum256(body),
		ReceivedAt: w.now,
	}
	a.Key, a.ID = asaas.EventKeyOf(domain.Sandbox, env.ID, body)
	require.NoError(t, w.worker.In(t.Context(), c.ID, func(tx *tenants.Tx) (err error) {
		a.Sealed, err = tx.Seal(w.vault, "body", a.ID, body)
		return err
	}))
	_, err := w.inbox.Accept(t.Context(), a)
	require.NoError(t, err)
	return a.Key
}

func TestOneCallReturnsAnInvoicesWholeTimelineInOrder(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	key := w.deliver(t, c, samples.Event("payment_received_pix.real"))[0]
	log := inbox.NewDeliveryLog(w.ingest)
	for _, after := range []time.Duration{0, time.Minute, 2 * time.Minute} {
		log.Add(inbox.Delivery{Clinic: c.ID, Key: key, At: w.now.Add(after), Code: 200, SourceIP: "52.67.12.206"})
	}
	log.Close()
	r := w.as(t, c, "admin")
	r.ok("/events/" + key.Public() + "/payload?reveal=true") // somebody looks
	invoice := r.ok("/invoices/pay_3h08j28ezvwv7s4h")
	timeline := r.ok("/invoices/" + invoice.body["id"].(string) + "/timeline")
	require.Equal(
		t,
		[]string{
			"received",
			"person",
			"applied",
			"booked",
			"booked",
			"changed",
			"read_wanted",
			"deduplicated",
			"deduplicated",
		},
		whats(timeline),
		timeline.text,
	)
	require.Equal(t, "payment", timeline.body["kind"])
	require.Equal(t, invoice.body["id"], timeline.body["id"])
	moments := timeline.body["moments"].([]any)
	change := moments[5].(map[string]any)["change"].(map[string]any)
	require.Equal(t, map[string]any{"seq": 1.0, "version": 1.0, "status": "received"}, change)
	booking := moments[3].(map[string]any)["booking"].(map[string]any)
	require.Equal(t, key.Public(), booking["event"])
	require.Equal(t, timeline.text, r.ok("/invoices/pay_3h08j28ezvwv7s4h/timeline").text, "by Asaas's id")
	event := r.ok("/events/" + key.Public() + "/timeline")
	require.Equal(t, whats(timeline), whats(event))
	require.Equal(t, key.Public(), event.body["event"])
	require.Equal(
		t,
		304,
		r.get("/invoices/pay_3h08j28ezvwv7s4h/timeline", "If-None-Match", timeline.header.Get("ETag")).status,
	)
}

func TestWhoDidSomethingIsToldToThoseWhoReadTheAuditLog(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	key := w.deliver(t, c, samples.Event("payment_received_pix.real"))[0]
	w.as(t, c, "admin").ok("/events/" + key.Public() + "/payload?reveal=true")
	for role, actor := range map[string]any{"admin": "usr_1", "reader": nil} {
		for _, m := range w.as(t, c, role).ok("/invoices/pay_3h08j28ezvwv7s4h/timeline").body["moments"].([]any) {
			if person, is := m.(map[string]any)["person"].(map[string]any); is {
				require.Equal(t, map[string]any{"action": "event.reveal", "role": "admin", "actor": actor}, person, role)
			}
		}
	}
}

func TestAnObjectThatOnlyAQuarantinedEventOrAnUnverifiedDeliveryNamedHasATimeline(t *testing.T) {
	w := newReadWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	key := w.quarantine(t, vida, samples.Event("payment_received_pix.real"), "foreign_account")
	kept, err := w.inbox.KeepUnverified(
		t.Context(),
		&inbox.Unverified{
			Clinic:   vida.ID,
			BodyHash: [32]byte{1},
			At:       w.now.Add(time.Second),
			Type:     "PAYMENT_OVERDUE",
			Kind:     domain.KindPayment,
			Entity:   "pay_hinted",
			SourceIP: "52.67.12.206",
			Sealed:   []byte("x"),
		},
	)
	require.NoError(t, err)
	require.True(t, kept)
	r, stranger := w.as(t, vida, "admin"), w.as(t, sorriso, "admin")
	timeline := r.ok("/invoices/pay_3h08j28ezvwv7s4h/timeline")
	require.Equal(t, []string{"quarantined"}, whats(timeline))
	require.Equal(t, "foreign_account", timeline.body["moments"].([]any)[0].(map[string]any)["reason"])
	require.Nil(t, timeline.body["id"])
	require.Equal(t, []string{"quarantined"}, whats(r.ok("/events/"+key.Public()+"/timeline")))
	require.Len(t, r.ok("/events?entity=pay_3h08j28ezvwv7s4h").data(), 1, "the list finds it too")
	named := r.ok("/invoices/pay_hinted/timeline")
	require.Equal(t, []string{"hint", "read_wanted"}, whats(named))
	for _, id := range []string{"pay_3h08j28ezvwv7s4h", "pay_hinted", "pay_never"} {
		require.Equal(t, 404, stranger.get("/invoices/"+id+"/timeline").status, "another clinic's "+id)
	}
	require.Equal(t, 404, r.get("/checkouts/pay_hinted/timeline").status, "of another kind")
	require.Equal(t, 404, r.get("/invoices/"+r.ok("/events").data()[0]["id"].(string)+"/timeline").status)
}

func TestWhyAnEventChangedNothingIsTold(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	keys := w.deliver(
		t,
		c,
		samples.Event("payment_received_pix.real"),
		samples.Event("invoice_created.doc"),
		[]byte(`{"id":"evt_odd&1","event":"PAYMENT_CREATED","dateCreated":"2026-11-22 08:00:00"}`),
	)
	r := w.as(t, c, "admin")
	for n, want := range map[int][2]string{1: {"no_effect", "other_family"}, 2: {"dead", "no_entity"}} {
		timeline := r.ok("/events/" + keys[n].Public() + "/timeline")
		require.Equal(t, []string{"received", want[0]}, whats(timeline), timeline.text)
		require.Equal(t, want[1], timeline.body["moments"].([]any)[1].(map[string]any)["reason"])
	}
	waiting := w.store(
		t,
		c,
		edited("payment_received_pix.real", "pay_3h08j28ezvwv7s4h", "pay_waits", `"id": "evt_`, `"id": "evt_w`),
	)
	timeline := r.ok("/events/" + waiting[0].Public() + "/timeline")
	require.Equal(t, []string{"received", "waiting"}, whats(timeline), timeline.text)
}

func TestATimelineOfAThousandEventsHasTheNewestFiveHundred(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	id := url.PathEscape("pay_3h08j28ezvwv7s4h")
	body := string(samples.Event("payment_received_pix.real"))
	eventID := asaas.Peek([]byte(body)).ID
	for n := range 502 {
		w.store(t, c, []byte(strings.Replace(body, eventID, fmt.Sprintf("evt_more&%d", 900000000+n), 1)))
	}
	timeline := w.as(t, c, "admin").ok("/invoices/" + id + "/timeline")
	require.Equal(t, true, timeline.body["truncated"])
	require.GreaterOrEqual(t, len(whats(timeline)), 1000)
}
