package v1_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/tenants"
	store "patapay/tenants/agenda"
)

func (w *readWorld) derive(t *testing.T, clinic domain.ClinicID) {
	t.Helper()
	require.NoError(t, w.worker.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		_, err := store.Derive(tx, w.now)
		return err
	}))
}

// plantDisputes gives the clinic disputes that are due on these days.
func (w *readWorld) plantDisputes(t *testing.T, clinic domain.ClinicID, days ...string) {
	t.Helper()
	for n, day := range days {
		w.exec(
			t,
			`INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value,
			  state, version, created_at, updated_at)
			VALUES ($1, gen_random_uuid(), $2, 'disputed', 'CHARGEBACK_REQUESTED', 'CREDIT_CARD', 1500,
			  json_build_object('ID', $2::text, 'Status', 'disputed',
			    'Chargeback', json_build_object('Deadline', $3::text)), 1, $4, $4)`,
			clinic,
			fmt.Sprintf("pay_%d", n),
			day,
			w.now,
		)
	}
}

func TestAClinicsAgendaIsListedFilteredAndPaged(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.plantDisputes(t, c.ID, "2026-11-30", "2026-11-25", "")
	w.derive(t, c.ID)
	r := w.as(t, c, auth.RoleAdmin)
	all := r.ok("/deadlines")
	subjects := func(a reply) (list []any) {
		for _, d := range a.data() {
			list = append(list, d["subject"])
		}
		return list
	}
	require.Equal(
		t,
		[]any{"pay_1", "pay_0", "pay_2"},
		subjects(all),
		"the first due first, and last what nobody told a day of",
	)
	first := all.data()[0]
	delete(first, "id")
	require.Equal(t, map[string]any{
		"kind":    "dispute_deadline",
		"state":   "open",
		"subject": "pay_1",
		"since":   nil,
		"dueAt":   "2026-11-26T02:59:00Z",
		"dueOn":   "2026-11-25",
		"amount": map[string]any{
			"amountCents": 1500.0,
			"currency":    "BRL",
		},
		"count":     1.0,
		"actor":     "clinic",
		"action":    "answer_dispute",
		"ends":      "documents_sent",
		"version":   1.0,
		"openedAt":  "2026-11-22T12:00:00Z",
		"updatedAt": "2026-11-22T12:00:00Z",
		"closedAt":  nil,
	}, first)
	require.Equal(t, []any{"pay_2"}, subjects(r.ok("/deadlines?kind=dispute_documents")))
	require.Equal(t, []any{"pay_1"}, subjects(r.ok("/deadlines?due%5Blte%5D=2026-11-25")))
	require.Equal(
		t,
		[]any{"pay_0"},
		subjects(r.ok("/deadlines?due%5Bgte%5D=2026-11-26")),
		"a day that nobody told is in no bounds",
	)
	page := r.ok("/deadlines?limit=2")
	require.Equal(t, []any{"pay_2"}, subjects(r.ok("/deadlines"+linked(t, page, "next"))))
	require.Equal(t, 422, r.get("/deadlines?kind=nothing").status)

	w.exec(t, `UPDATE invoices SET asaas_status = 'CHARGEBACK_DISPUTE' WHERE clinic_id = $1 AND asaas_id = 'pay_1'`, c.ID)
	w.now = w.now.Add(time.Minute)
	w.derive(t, c.ID)
	require.Equal(t, []any{"pay_0", "pay_2"}, subjects(r.ok("/deadlines")))
	closed := r.ok("/deadlines?state=closed").data()
	require.Equal(
		t,
		[]any{"closed", 2.0, "2026-11-22T12:01:00Z"},
		[]any{closed[0]["state"], closed[0]["version"], closed[0]["closedAt"]},
	)
	var types []any
	for _, e := range r.ok("/feed").data() {
		types = append(types, e["type"])
	}
	require.Equal(t, []any{"deadline.opened", "deadline.opened", "deadline.opened", "deadline.closed"}, types)
	entry := r.ok("/feed").data()[3]
	require.Equal(t, []any{closed[0]["id"], "pay_1", 2.0}, []any{entry["objectId"], entry["asaasId"], entry["version"]})
	require.Equal(t, closed[0], entry["object"], "the feed and the list tell the same")
}

func TestOperatorsSeeTheSumOfAllAgendasAndNoClinic(t *testing.T) {
	w := newReadWorld(t)
	for _, name := range []string{"Vida", "Sorriso"} {
		c := w.clinic(t, name)
		w.plantDisputes(t, c.ID, "2026-11-30", "2026-11-21")
		w.derive(t, c.ID)
		require.Equal(t, 403, w.as(t, c, auth.RoleAdmin).get("/v1/ops/deadlines").status)
	}
	platform := &reader{t, w, "/v1/ops", w.token(t, nil, "service")}
	require.Equal(t, []map[string]any{{
		"kind": string(agenda.DisputeDeadline), "count": 4.0, "clinics": 2.0, "late": 2.0, "nextDue": "2026-12-01T02:59:00Z",
		"amount": map[string]any{"amountCents": 6000.0, "currency": "BRL"},
	}}, platform.ok("/deadlines").data())
}
