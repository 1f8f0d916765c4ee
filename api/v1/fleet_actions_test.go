package v1_test

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/fleet"
	"patapay/tenants/tenantstest"
)

const actionReason = "Chamado 4711: eventos parados"

// deadClinics makes clinics that have one event each whose applying was given up, and one that has none.
func deadClinics(t *testing.T, w *readWorld, names ...string) (list []tenants.Clinic) {
	t.Helper()
	for _, name := range names {
		list = append(list, w.clinic(t, name))
		w.dead(t, list[len(list)-1], samples.Event("payment_received_pix.real"))
	}
	w.clinic(t, "Zen")
	w.countFleet(t)
	return list
}

func statesOf(a reply) (states []any) {
	for _, item := range a.body["items"].([]any) {
		states = append(states, item.(map[string]any)["state"])
	}
	return states
}

func (w *readWorld) deadEvents(t *testing.T, c tenants.Clinic) int {
	return w.count(t, `SELECT count(*) FROM events WHERE clinic_id = $1 AND outcome = 'dead'`, c.ID)
}

func TestABulkActionDoesWhatItsPreviewFrozeAndStopsWithinOneClinic(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	list := deadClinics(t, w, "Ana", "Bia", "Caio")
	r := w.operator(t, tenants.Clinic{}, auth.RoleSRE)
	r.base = "/v1/ops"
	before := w.fingerprint(t)
	preview := r.post("/actions", map[string]any{"kind": "replay_dead"})
	require.Equal(t, 201, preview.status, preview.text)
	require.Equal(t, before, w.fingerprint(t), "a preview did something")
	require.Equal(t, []any{"waiting", "waiting", "waiting", "skipped"}, statesOf(preview))
	require.Equal(t, "nothing_dead", preview.body["items"].([]any)[3].(map[string]any)["code"])
	w.dead(t, list[0], samples.Event("payment_authorized.made")) // and after the preview
	w.clinic(t, "Nova")

	action := "/actions/" + preview.body["id"].(string)
	var stopped atomic.Int32
	w.applier.Crash = func(point string) {
		if point == "replay-chunk" && stopped.Add(1) == 1 {
			stop := r.post(action+"/stop", nil)
			assert.Equal(
				t,
				[]any{200, []any{"running", "left", "left", "skipped"}},
				[]any{stop.status, statesOf(stop)},
				stop.text,
			)
		}
	}
	require.Equal(t, 422, r.post(action+"/begin", map[string]any{"reason": "curto"}).status)
	begun := r.post(action+"/begin", map[string]any{"reason": actionReason})
	require.Equal(t, 202, begun.status, begun.text)
	tenantstest.Eventually(t, time.Minute, "the end of the clinic that was under way", func() bool {
		return slices.Equal(statesOf(r.ok(action)), []any{"done", "left", "left", "skipped"})
	})
	require.Equal(t, "stopped", r.ok(action).body["state"])
	require.EqualValues(t, 1, stopped.Load(), "clinics that were begun")
	require.Equal(
		t,
		[]int{1, 1, 1},
		[]int{w.deadEvents(t, list[0]), w.deadEvents(t, list[1]), w.deadEvents(t, list[2])},
		"the later event is none of the set",
	)

	seen := w.as(t, list[0], auth.RoleAdmin).ok("/audit").data()
	require.Equal(t, "operator.replay_dead", seen[0]["action"])
	require.Equal(t, actionReason, seen[0]["detail"].(map[string]any)["reason"])
	require.Empty(t, w.as(t, list[1], auth.RoleAdmin).ok("/audit").data(), "nothing was done to it")
	require.Equal(
		t,
		[]any{"fleet.action_stop", "fleet.action"},
		[]any{r.ok("/audit").data()[0]["action"], r.ok("/audit").data()[1]["action"]},
	)
	again := r.post(action+"/begin", map[string]any{"reason": actionReason})
	require.Equal(t, 409, again.status, "once")
	require.Contains(t, again.body["detail"], "outra ação em massa está em andamento", "an operator is told why")
	require.Len(t, r.ok("/actions").data(), 1)
	for _, who := range []*reader{w.console(t), w.as(t, list[0], auth.RoleAdmin)} {
		who.base = "/v1/ops"
		require.Equal(t, 403, who.post("/actions", map[string]any{"kind": "replay_dead"}).status)
		require.Equal(t, 403, who.post(action+"/stop", nil).status)
	}
}

func TestASetThatIsTooOldOrEmptyOrForeignIsNotActedOn(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	list := deadClinics(t, w, "Ana")
	r := w.operator(t, tenants.Clinic{}, auth.RoleSRE)
	r.base = "/v1/ops"
	id := list[0].PublicID.Public("ten")
	one := r.post("/actions", map[string]any{"kind": "reactivate_queue", "tenants": []string{id}})
	require.Equal(t, "queue_runs", one.body["items"].([]any)[0].(map[string]any)["code"], one.text)
	require.Equal(
		t,
		404,
		r.post(
			"/actions",
			map[string]any{"kind": "check_connection", "tenants": []string{id, tenants.NewID(w.now).Public("ten")}},
		).status,
	)
	require.Equal(t, 422, r.post("/actions", map[string]any{"kind": "check_connection", "q": "ninguém"}).status)
	require.Equal(t, 422, r.post("/actions", map[string]any{"kind": "delete_clinic"}).status)
	w.now = w.now.Add(fleet.PreviewLife)
	require.Equal(
		t,
		409,
		r.post("/actions/"+one.body["id"].(string)+"/begin", map[string]any{"reason": actionReason}).status,
	)
	require.Equal(
		t,
		404,
		r.post("/actions/"+tenants.NewID(w.now).Public("act")+"/begin", map[string]any{"reason": actionReason}).status,
	)
}

// An action whose process ends goes on with the next one, and no clinic is told of it twice.
func TestABulkActionIsResumedAndEachClinicReadsOfItOnce(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	list := deadClinics(t, w, "Ana", "Bia", "Caio")
	a := fleet.Action{
		ID:        tenants.NewID(w.now),
		Kind:      fleet.ReplayDead,
		Reason:    actionReason,
		Actor:     "usr_x",
		Role:      auth.RoleSRE,
		CreatedAt: w.now,
	}
	var items []fleet.Item
	for _, c := range list {
		items = append(
			items,
			fleet.Item{ClinicID: c.ID, Clinic: c.PublicID, Name: c.Name, State: "waiting", Events: w.eventIDs(t, c)},
		)
	}
	require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) error {
		if err := fleet.CreateAction(tx, a, items); err != nil {
			return err
		}
		return fleet.Begin(tx, a, w.now)
	}))
	work := func(ctx context.Context) {
		f := &jobs.FleetActions{DB: w.api, Applier: w.applier, Chain: w.chain, Now: w.clock}
		o := &jobs.Operations{
			DB: w.api, Now: w.clock, Log: slog.New(slog.DiscardHandler), AtOnce: 1,
			Handlers: map[domain.OperationKind]jobs.OperationHandler{domain.OperationFleetAction: f.Work},
		}
		o.Begin(ctx, 0, a.ID)
		ended, end := context.WithCancel(ctx)
		end()
		o.Run(ended) // returns once what was begun has ended
	}
	dying, die := context.WithCancel(t.Context())
	chunks := 0
	w.applier.Crash = func(string) {
		if chunks++; chunks == 2 {
			die()
		}
	}
	work(dying)
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM fleet_action_items WHERE state = 'running'`),
		"it ended within a clinic",
	)
	work(t.Context())
	require.Equal(t, 3, w.count(t, `SELECT count(*) FROM fleet_action_items WHERE state = 'done'`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM fleet_actions WHERE state = 'done'`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM operations WHERE clinic_id = 0 AND state = 'done'`))
	for _, c := range list {
		require.Equal(
			t,
			1,
			w.count(t, `SELECT count(*) FROM audit WHERE clinic_id = $1 AND action = 'operator.replay_dead'`, c.ID),
			c.Name,
		)
		require.Zero(t, w.deadEvents(t, c))
	}
}

func (w *readWorld) eventIDs(t *testing.T, c tenants.Clinic) (ids []string) {
	t.Helper()
	for _, e := range w.as(t, c, auth.RoleAdmin).ok("/events").data() {
		ids = append(ids, e["id"].(string))
	}
	return ids
}

// Each kind does at the gateway what its button says, for a person whose second factor is fresh.
func TestEachBulkActionReachesTheGateway(t *testing.T) {
	w := newWorld(t)
	path, admin, _, _ := connected(w, "rede")
	w.must(200, admin, "POST", path+"/webhook", nil, "If-Match: *")
	sre := w.operator(auth.RoleSRE)
	act := func(kind string) map[string]any {
		t.Helper()
		preview := w.must(201, sre, "POST", "/v1/ops/actions", map[string]any{"kind": kind})
		id := preview.text("id")
		w.must(202, sre, "POST", "/v1/ops/actions/"+id+"/begin", map[string]any{"reason": actionReason})
		var last answer
		tenantstest.Eventually(t, time.Minute, kind, func() bool {
			last = w.must(200, sre, "GET", "/v1/ops/actions/"+id, nil)
			return last.text("state") == "done"
		})
		return last.body["items"].([]any)[0].(map[string]any)
	}
	w.exec(`DELETE FROM connection_checks`)
	require.Equal(t, "done", act("check_connection")["state"])
	require.Equal(t, 1, w.count(`SELECT count(*) FROM connection_checks`))
	require.Equal(t, "done", act("repair_webhook")["state"])
	require.Equal(t, "queue_runs", act("reactivate_queue")["code"])
	w.exec(`UPDATE connections SET state = 'paused'`)
	require.Equal(t, "done", act("reactivate_queue")["state"])
	require.Equal(t, 1, w.count(`SELECT count(*) FROM operations WHERE kind = 'connection.reactivate' AND state = 'done'`))
	w.exec(`UPDATE clinics SET state = 'suspended'`)
	require.Equal(t, "suspended", act("check_connection")["code"])
	tenant := path[:len(path)-len("/connection")]
	seen := w.must(200, admin, "GET", tenant+"/audit?limit=50", nil).raw
	for _, action := range []string{"operator.check_connection", "operator.repair_webhook", "operator.reactivate_queue"} {
		require.Contains(t, seen, action)
	}
	w.later(11 * time.Minute)
	stale := w.ask(sre, "POST", "/v1/ops/actions", map[string]any{"kind": "check_connection"})
	require.Equal(
		t,
		[]any{403, "fresh_factor_required"},
		[]any{stale.status, stale.text("code")},
		url.PathEscape(stale.raw),
	)
}
