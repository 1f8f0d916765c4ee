package tenants_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// world is one test's database, opened by every role, with one connected clinic or more.
type world struct {
	db                           *tenantstest.Database
	api, ingest, worker, sweeper *tenants.DB
	vault                        *vault.Vault
	inbox                        *inbox.Inbox
	applier                      *apply.Applier
	all                          *pgxpool.Pool // the owner's: sees every row
	now                          time.Time
	events                       int // that pay and advance have sent
}

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{db: tenantstest.New(t), now: start}
	master, err := vault.NewMaster()
	require.NoError(t, err)
	w.vault, err = vault.New(master)
	require.NoError(t, err)
	open := func(role string) *tenants.DB {
		db, err := tenants.Open(w.db.URL(role), tenants.Options{Name: role, Pooler: w.db.Pooled()})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	w.api, w.ingest, w.worker, w.sweeper = open(tenantstest.API), open(tenantstest.Ingest), open(tenantstest.Worker),
		open(tenantstest.Sweeper)
	w.all, err = pgxpool.New(t.Context(), w.db.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(w.all.Close)
	w.inbox = inbox.NewInbox(w.ingest, 0)
	t.Cleanup(w.inbox.Close)
	w.applier = &apply.Applier{DB: w.worker, Vault: w.vault, Now: func() time.Time { return w.now }}
	return w
}

// clinic makes a connected clinic whose account is bound.
func (w *world) clinic(t testing.TB, name, account string) domain.ClinicID {
	t.Helper()
	c, created, err := w.api.AddClinic(t.Context(), tenants.Clinic{Name: name, ExternalID: name}, w.vault, w.now)
	require.NoError(t, err)
	require.True(t, created)
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		return connection.Save(
			tx,
			connection.Connection{
				PublicID:    tenants.NewID(w.now),
				Environment: domain.Sandbox,
				Account:     account,
				State:       "awaiting_first_event",
				Since:       w.now,
				Version:     1,
			},
			vault.Secret{},
			w.vault,
			w.now,
		)
	}))
	return c.ID
}

// deliver stores body as the receiver would.
func (w *world) deliver(t testing.TB, clinic domain.ClinicID, body []byte) inbox.Found {
	t.Helper()
	found, err := w.inbox.Accept(context.Background(), w.inbound(t, clinic, body))
	require.NoError(t, err)
	return found
}

func (w *world) inbound(t testing.TB, clinic domain.ClinicID, body []byte) *inbox.InboundEvent {
	t.Helper()
	env := asaas.Peek(body)
	a := &inbox.InboundEvent{
		Clinic:     clinic,
		Type:       env.Event,
		Kind:       env.Kind,
		Entity:     env.Entity,
		At:         env.Created,
		Outcome:    domain.Received,
		BodyHash:   sha256.Sum256(body),
		ReceivedAt: w.now,
	}
	a.Key, a.ID = asaas.EventKeyOf(domain.Sandbox, env.ID, body)
	require.NoError(t, w.worker.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		sealed, err := tx.Seal(w.vault, "body", a.ID, body)
		a.Sealed = sealed
		return err
	}))
	return a
}

// apply runs the clinic until no event is pending.
func (w *world) apply(t testing.TB, clinic domain.ClinicID) (all apply.Report) {
	t.Helper()
	for {
		r, err := w.applier.Run(t.Context(), clinic)
		require.NoError(t, err)
		all.Rows, all.Dead, all.Changes = all.Rows+r.Rows, all.Dead+r.Dead, append(all.Changes, r.Changes...)
		if !r.More {
			return all
		}
	}
}

func TestAPixPaymentBecomesAReceivedInvoice(t *testing.T) {
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	require.Equal(t, inbox.New, w.deliver(t, clinic, samples.Event("payment_received_pix.real")))
	require.Equal(t, inbox.New, w.deliver(t, clinic, samples.Event("payment_created_pix.real")))
	require.Equal(t, inbox.Same, w.deliver(t, clinic, samples.Event("payment_created_pix.real")))

	r := w.apply(t, clinic)
	require.Equal(t, 2, r.Rows)
	require.Zero(t, r.Dead)
	require.Len(t, r.Changes, 1)
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		i, err := query.InvoiceByAsaasID(tx, "pay_3h08j28ezvwv7s4h")
		require.NoError(t, err)
		require.Equal(t, domain.InvoiceReceived, i.Value.Status)
		require.Equal(t, domain.Some(domain.Money(1000)), i.Value.Value)
		require.Equal(t, domain.Some(domain.Money(801)), i.Value.NetValue)
		c, err := connection.Load(tx)
		require.Equal(t, domain.ConnectionActive, c.State)
		return err
	}))
}

// The gateway's answer to a read repeats what somebody typed into a text there.
func TestACardNumberInAnAnswerOfTheGatewayIsHiddenBeforeItIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	event := samples.Event("payment_received_pix.real")
	require.Equal(t, inbox.New, w.deliver(t, clinic, event))
	w.apply(t, clinic)
	var told struct{ Payment map[string]any }
	require.NoError(t, json.Unmarshal(event, &told))
	told.Payment["description"] = "cartão 4111 1111 1111 1111"
	body, err := json.Marshal(told.Payment)
	require.NoError(t, err)

	var kept []byte
	require.NoError(t, w.worker.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		task := apply.ReadTask{
			Kind: domain.KindPayment, Entity: told.Payment["id"].(string), Known: []domain.EventKey{{}},
		}
		answer := apply.GatewayAnswer{Body: body, Clock: w.now, Found: true}
		if err := apply.KeepAnswer(tx, task, answer, domain.Sandbox, w.vault, w.now); err != nil {
			return err
		}
		var row struct {
			ID   string
			Body []byte
		}
		err := tx.Gorm().Raw(`SELECT e.event_id AS id, b.sealed AS body FROM events e
			JOIN event_bodies b USING (clinic_id, environment, seq, id_hash) WHERE e.source = 2`).Take(&row).Error
		if err != nil {
			return err
		}
		open, err := tx.Opener(w.vault)
		if err == nil {
			kept, err = open("body", row.ID, row.Body)
		}
		return err
	}))
	require.Contains(t, string(kept), "cartão **** **** **** 1111")
}
