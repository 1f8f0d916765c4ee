package jobs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/domain/domaintest"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// readsWorld is a worker without goroutines: its clock stands until a test moves it, and each read is counted.
type readsWorld struct {
	t       *testing.T
	base    *tenantstest.Database
	now     time.Time
	clinic  domain.ClinicID
	vault   *vault.Vault
	worker  *tenants.DB
	sweeper *tenants.DB
	inbox   *inbox.Inbox
	applier *apply.Applier
	reads   *GatewayReads
	owner   *pgx.Conn
	objects map[string][]byte // what the gateway has, by entity
	answer  func(id string) (Reading, error)
	asked   map[string][]time.Time
	calls   []time.Time
}

func newReadsWorld(t *testing.T) *readsWorld {
	t.Helper()
	base := tenantstest.New(t)
	open := func(role string) *tenants.DB {
		db, err := tenants.Open(base.URL(role), tenants.Options{Name: role, MaxConns: 3, Pooler: base.Pooled()})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	w := &readsWorld{
		t:       t,
		base:    base,
		now:     time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
		objects: map[string][]byte{},
		asked:   map[string][]time.Time{},
	}
	api := open(tenantstest.API)
	w.worker, w.sweeper = open(tenantstest.Worker), open(tenantstest.Sweeper)
	w.inbox = inbox.NewInbox(open(tenantstest.Ingest), 0)
	t.Cleanup(w.inbox.Close)
	master, err := vault.NewMaster()
	require.NoError(t, err)
	w.vault, err = vault.New(master)
	require.NoError(t, err)
	w.owner, err = pgx.Connect(t.Context(), base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.owner.Close(context.Background()) })
	c, _, err := api.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", Sandbox: true}, w.vault, w.now)
	require.NoError(t, err)
	w.clinic = c.ID
	require.NoError(t, api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		made := connection.Connection{
			PublicID:    tenants.NewID(w.now),
			Environment: domain.Sandbox,
			Account:     "acc-1",
			State:       "active",
			Since:       w.now,
			Confirm:     true,
			Version:     1,
		}
		return connection.Save(tx, made, vault.NewSecret("$aact_hmlg_key"), w.vault, w.now)
	}))
	w.applier = &apply.Applier{DB: w.worker, Vault: w.vault, Now: func() time.Time { return w.now }}
	w.reads = &GatewayReads{
		DB:      w.worker,
		Gateway: w,
		Vault:   w.vault,
		Now:     func() time.Time { return w.now },
		Log:     slog.New(slog.DiscardHandler),
	}
	w.answer = w.good
	return w
}

// Read makes the world a gateway.
func (w *readsWorld) Read(
	_ context.Context,
	_ domain.Environment,
	_ vault.Secret,
	_ domain.Kind,
	id string,
	_ domain.ReadReason,
) (Reading, error) {
	w.calls = append(w.calls, w.now)
	reading, err := w.answer(id)
	if r, refused := err.(refusal); err == nil || refused && r.AboutEntity() {
		w.asked[id] = append(w.asked[id], w.now)
	}
	return reading, err
}

// good answers with what the gateway has: 404 for a payment that only an anticipation names.
func (w *readsWorld) good(id string) (Reading, error) {
	if w.objects[id] == nil {
		return Reading{GatewayAnswer: apply.GatewayAnswer{Clock: w.now}}, nil
	}
	return found(w.now, w.objects[id]), nil
}

func found(at time.Time, body []byte) Reading {
	return Reading{GatewayAnswer: apply.GatewayAnswer{Body: body, Clock: at, Found: true}}
}

// answersAboutEntity are those that tell nothing more when they are asked for again.
func (w *readsWorld) answersAboutEntity() map[string]func(string) (Reading, error) {
	return map[string]func(string) (Reading, error){
		"200": w.good,
		"404": func(string) (Reading, error) { return Reading{GatewayAnswer: apply.GatewayAnswer{Clock: w.now}}, nil },
		"403": func(string) (Reading, error) {
			return Reading{}, refusal{&asaasapi.Error{Code: asaasapi.PermissionLacks}}
		},
		"without a status": func(id string) (Reading, error) {
			return found(w.now, fmt.Appendf(nil, `{"id":%q}`, id)), nil
		},
		"another status": func(id string) (Reading, error) {
			return found(w.now, fmt.Appendf(nil, `{"id":%q,"status":"BRAND_NEW"}`, id)), nil
		},
		"not to be read": func(string) (Reading, error) { return found(w.now, []byte(`{"id":7}`)), nil },
	}
}

// deliver stores a body as the receiver would.
func (w *readsWorld) deliver(body []byte) {
	w.t.Helper()
	env := asaas.Peek(body)
	a := &inbox.InboundEvent{
		Clinic: w.clinic, Type: env.Event, Kind: env.Kind, Entity: env.Entity, At: env.Created, Outcome: domain.Received,
		BodyHash: sha256.Sum256(body), ReceivedAt: w.now,
	}
	a.Key, a.ID = asaas.EventKeyOf(domain.Sandbox, env.ID, body)
	require.NoError(w.t, w.worker.In(w.t.Context(), w.clinic, func(tx *tenants.Tx) (err error) {
		a.Sealed, err = tx.Seal(w.vault, "body", a.ID, body)
		return err
	}))
	_, err := w.inbox.Accept(w.t.Context(), a)
	require.NoError(w.t, err)
}

// apply runs until no event is pending.
func (w *readsWorld) apply() {
	w.t.Helper()
	for more := true; more; {
		r, err := w.applier.Run(w.t.Context(), w.clinic)
		require.NoError(w.t, err)
		more = r.More
	}
}

// pass lets time pass in steps; in each, what is due is read and applied, as a worker would each second.
func (w *readsWorld) pass(d, step time.Duration) {
	w.t.Helper()
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(step) {
		for range 20 { // batches of a step
			clinics, err := apply.ClinicsToRead(w.sweeper, w.t.Context(), w.now, 10)
			require.NoError(w.t, err)
			if len(clinics) == 0 {
				break
			}
			require.NoError(w.t, w.reads.ask(w.t.Context(), w.clinic))
			w.apply()
		}
	}
}

func (w *readsWorld) number(query string) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.owner.QueryRow(w.t.Context(), query).Scan(&n))
	return n
}

// state is all that a reader of the clinic sees, without versions and times.
func (w *readsWorld) state() (text string) {
	w.t.Helper()
	require.NoError(w.t, w.owner.QueryRow(w.t.Context(), `SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM (
		SELECT asaas_id || ' ' || status || ' ' || confirmed_by AS line FROM invoices
		UNION ALL SELECT asaas_id || ' ' || status || ' ' || confirmed_by FROM anticipations
		UNION ALL SELECT asaas_id || ' ' || status FROM checkouts
		UNION ALL SELECT account || ' ' || sum(amount) FROM ledger_entries GROUP BY account) s`).Scan(&text))
	return text
}

// lived delivers the events of n random histories, in any order, and returns their entities.
func (w *readsWorld) lived(rng *rand.Rand, n int) (ids []string) {
	w.t.Helper()
	var bodies [][]byte
	for len(ids) < n {
		h := domaintest.New(rng)
		if w.objects[h.Entity] != nil {
			continue
		}
		for _, s := range h.Steps {
			if s.Record.GatewaySnapshot == nil {
				bodies = append(bodies, s.Body("acc-1"))
				w.objects[h.Entity] = s.Object()
			}
		}
		ids = append(ids, h.Entity)
	}
	rng.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	for _, body := range bodies {
		w.deliver(body)
	}
	w.apply()
	return ids
}

// A payment that Asaas answered 404 for was read every minute, for ever, and each answer stored more than the last.
func TestReadsOfOneEntityEndWhateverTheGatewayAnswers(t *testing.T) {
	t.Parallel()
	for name := range (&readsWorld{}).answersAboutEntity() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newReadsWorld(t)
			w.answer = w.answersAboutEntity()[name]
			rng := rand.New(rand.NewPCG(seedOf(t), 1))
			ids := w.lived(rng, 40)
			w.pass(24*time.Hour, 10*time.Minute)
			for _, id := range ids {
				require.LessOrEqual(t, len(w.asked[id]), 6, "%s", id)
			}
			asked, stored := len(w.calls), w.number(`SELECT coalesce(sum(length(supersedes)), 0) FROM records`)
			require.LessOrEqual(
				t,
				stored,
				26*w.number(`SELECT count(*) FROM records WHERE truth_clock IS NULL`),
				"each event is listed once",
			)
			w.pass(10*24*time.Hour, 6*time.Hour)
			require.Len(t, w.calls, asked, "nobody asks for more")
			require.Zero(t, w.number(`SELECT count(*) FROM truth_wants WHERE due_at < 'infinity'`))
		})
	}
}

func seedOf(t *testing.T) uint64 {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return seed
}

func TestAfterItsLastReadAPaymentIsNotAtAsaasUntilItIsToldOfAgainOrFound(t *testing.T) {
	t.Parallel()
	w := newReadsWorld(t)
	w.answer = w.answersAboutEntity()["404"]
	body := samples.Event("payment_received_pix.real")
	id := asaas.Peek(body).Entity
	status := func() (s string) {
		require.NoError(
			t,
			w.owner.QueryRow(
				t.Context(),
				`SELECT status || ' ' || confirmed_by || ' ' || (paid_at IS NOT NULL) FROM invoices`,
			).Scan(&s),
		)
		return s
	}
	w.deliver(body)
	w.apply()
	w.pass(2*time.Hour, time.Minute)
	require.Equal(t, "received webhook true", status(), "reads are still due: as told, and not confirmed")
	w.pass(24*time.Hour, 10*time.Minute)
	require.Equal(t, "not_at_asaas webhook false", status())
	require.Len(t, w.asked[id], 5)
	require.Zero(t, w.number(`SELECT coalesce(sum(amount), 0)::int FROM ledger_entries WHERE account = 'asaas_available'`))

	again, err := samples.Edit{
		Set: []string{`id=evt_later&999999999`, "dateCreated=" + w.now.In(asaas.SaoPaulo).Format(time.DateTime)},
	}.Apply(body)
	require.NoError(t, err)
	w.deliver(again)
	w.apply()
	require.Equal(t, "received webhook true", status(), "an event tells of it again")
	w.objects[id] = []byte(`{"id":"` + id + `","status":"RECEIVED","value":129.9,"netValue":128.91}`)
	w.answer = w.good
	w.pass(time.Hour, time.Minute)
	require.Equal(t, "received api true", status(), "and one answer brings it back")
}

// A permission that was missing for a day used up the reads of what was told meanwhile: nothing asked for them when the
// clinic had put it right.
func TestReadsThatRefusalsUsedUpBeginAnewWithAKeyThatMayAndThoseOf404DoNot(t *testing.T) {
	t.Parallel()
	w := newReadsWorld(t)
	ids := w.lived(rand.New(rand.NewPCG(seedOf(t), 3)), 20)
	refused, unknown := w.answersAboutEntity()["403"], w.answersAboutEntity()["404"]
	w.answer = func(id string) (Reading, error) {
		if id == ids[0] {
			return unknown(id)
		}
		return refused(id)
	}
	w.pass(48*time.Hour, 10*time.Minute)
	w.answer, w.asked = w.good, map[string][]time.Time{}
	w.pass(24*time.Hour, time.Hour)
	require.Empty(t, w.asked, "nobody asks by itself")
	require.NoError(t, w.worker.In(t.Context(), w.clinic, func(tx *tenants.Tx) error { return apply.ReadAnew(tx, w.now) }))
	w.pass(time.Hour, time.Minute)
	require.NotEmpty(t, w.asked)
	require.Empty(t, w.asked[ids[0]], "Asaas does not know it whatever the key")
	require.Zero(t, w.number(`SELECT count(*) FROM truth_wants WHERE last_error <> ''`))
}

// An outage of the gateway, a key that is refused or an account without quota says nothing about any payment.
// The refusal of a key that was replaced while it was asked with paused the reads of the new one for five minutes.
func TestARefusalOfAKeyThatWasReplacedMeanwhilePausesNoReadOfTheNewOne(t *testing.T) {
	t.Parallel()
	w := newReadsWorld(t)
	w.deliver(samples.Event("payment_received_pix.real"))
	w.apply()
	w.answer = func(string) (Reading, error) {
		w.answer = w.good
		require.NoError(t, w.worker.In(t.Context(), w.clinic, func(tx *tenants.Tx) error {
			c, err := connection.Load(tx)
			if err != nil {
				return err
			}
			c.Version++
			if err := connection.Save(tx, c, vault.NewSecret("$aact_hmlg_new"), w.vault, w.now); err != nil {
				return err
			}
			return apply.ReadAnew(tx, w.now)
		}))
		return Reading{}, refusal{&asaasapi.Error{Code: asaasapi.KeyRefused}}
	}
	w.pass(time.Minute, time.Second)
	require.Len(t, w.calls, 2, "refused, and at once asked with the new key")
	require.Zero(t, w.number(`SELECT count(*) FROM read_pauses`))
	require.Zero(t, w.number(`SELECT count(*) FROM alarms WHERE kind = 'key_refused'`))
	require.Zero(t, w.number(`SELECT count(*) FROM connections WHERE state = 'key_refused'`))
}

func TestAnOutageUsesUpNoReadAndIsProbedOnceInFiveMinutes(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	calm := newReadsWorld(t)
	calm.lived(rand.New(rand.NewPCG(seed, 2)), 30)
	calm.pass(30*time.Hour, 10*time.Minute)
	for name, outage := range map[string]error{
		"cut": fmt.Errorf("connection reset"), "5xx": refusal{&asaasapi.Error{Code: asaasapi.TimedOut}},
		"429": refusal{&asaasapi.Error{Code: asaasapi.RateLimited, RetryAfter: 30 * time.Second}},
		"401": refusal{&asaasapi.Error{Code: asaasapi.KeyRefused}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newReadsWorld(t)
			w.answer = func(string) (Reading, error) { return Reading{}, outage }
			w.lived(rand.New(rand.NewPCG(seed, 2)), 30)
			w.pass(12*time.Hour, time.Minute)
			require.NotEmpty(t, w.calls)
			for i, at := range w.calls[1:] {
				require.GreaterOrEqual(t, at.Sub(w.calls[i]), 5*time.Minute, "one probe for the account")
			}
			require.Empty(t, w.asked)
			require.Zero(t, w.number(`SELECT count(*) FROM truth_wants WHERE answers > 0`), "no read is used up")
			w.answer = w.good
			w.pass(time.Hour, time.Minute)
			require.Zero(
				t,
				w.number(`SELECT count(*) FROM truth_wants WHERE due_at < 'infinity' AND answers = 0`),
				"all are read within an hour",
			)
			w.pass(29*time.Hour, 10*time.Minute)
			require.Equal(t, calm.state(), w.state(), "as if nothing had been")
		})
	}
}
