package main

import (
	"testing"
	"time"

	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants/tenantstest"
)

// A second body under one event id (docs/architecture.md, accept): which of them matter.

func TestABodyThatDiffersInNothingThatCountsCostsNoReadAndNoAlarm(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	id := w.play(t, flows.FlowDeleted).Payments[0]
	body := w.forge(t, "payment_created_pix.real", id)
	w.post(t, token, body)
	tenantstest.Eventually(t, 10*time.Second, "applied", func() bool { return w.invoice(t, id).Status != "" })
	w.post(t, token, w.edited(t, body, "payment.description=Consulta de retorno"))
	w.ahead.Add(int64(6 * time.Second))
	tenantstest.Eventually(t, 10*time.Second, "the read is taken back", func() bool { return w.readRequests(t, id) == 0 })
	if snapshots, alarms := w.snapshots(t, id), w.alarms(t, "event_variant"); snapshots+alarms != 0 {
		t.Errorf("%d answers and %d alarms for another description", snapshots, alarms)
	}
	w.post(t, token, w.edited(t, body, "payment.value=1.00"))
	w.ahead.Add(int64(time.Minute)) // one read an entity and minute
	tenantstest.Eventually(
		t,
		10*time.Second,
		"another amount is asked about",
		func() bool { return w.snapshots(t, id) == 1 },
	)
	if n := w.alarms(t, "event_variant"); n != 1 {
		t.Errorf("%d alarms for another amount, want 1", n)
	}
}

func TestABodyOfAnotherTypeOrEntityUnderOneIdIsAskedAbout(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"type": "event=PAYMENT_UPDATED", "entity": "payment.id=pay_0000000000000009", "status": "payment.status=RECEIVED",
	} {
		w := newProgramWorld(t)
		id := w.play(t, flows.FlowDeleted).Payments[0]
		body := w.forge(t, "payment_created_pix.real", id)
		w.post(t, token, body)
		tenantstest.Eventually(t, 10*time.Second, "applied", func() bool { return w.invoice(t, id).Status != "" })
		w.post(t, token, w.edited(t, body, change))
		w.ahead.Add(int64(6 * time.Second))
		tenantstest.Eventually(
			t,
			10*time.Second,
			name+": asked about",
			func() bool { return w.snapshots(t, id) == 1 && w.alarms(t, "event_variant") > 0 },
		)
	}
}

// edited returns body with one member changed, under the same event id.
func (w *programWorld) edited(t *testing.T, body []byte, set string) []byte {
	t.Helper()
	changed, err := samples.Edit{Set: []string{set}}.Apply(body)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func (w *programWorld) readRequests(t *testing.T, id string) int {
	return w.count(t, `SELECT count(*) FROM truth_wants WHERE entity_id = $1 AND due_at < 'infinity'`, id)
}

func (w *programWorld) snapshots(t *testing.T, id string) int {
	return w.count(t, `SELECT count(*) FROM events WHERE entity_id = $1 AND source = 2`, id)
}

func (w *programWorld) alarms(t *testing.T, kind string) int {
	return w.count(t, `SELECT coalesce(sum(count), 0) FROM alarms WHERE kind = $1`, kind)
}
