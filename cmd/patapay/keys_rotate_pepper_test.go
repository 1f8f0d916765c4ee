package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
	"patapay/tenants/tenantstest"
)

// pepperWorld is one database and the processes that have some of two peppers.
type pepperWorld struct {
	db              *tenantstest.Database
	ingest          *tenants.DB
	clinic          tenants.Clinic
	old, both, next *app.App
}

func newPepperWorld(t *testing.T) *pepperWorld {
	t.Helper()
	w := &pepperWorld{db: tenantstest.New(t)}
	right := settingsOf(w.db)
	with := func(pepper string) *app.App {
		return opened(t, append(right[:len(right):len(right)], "TOKEN_PEPPER="+pepper))
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	fresh, was := base64.StdEncoding.EncodeToString(random), app.DevelopmentPepper.Reveal()
	w.old, w.both, w.next = with(was), with(fresh+","+was), with(fresh)
	var err error
	w.ingest, err = tenants.Open(
		w.db.URL(tenantstest.Ingest),
		tenants.Options{Name: "ingest", Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(w.ingest.Close)
	w.clinic, _, err = w.old.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: "Vida"}, w.old.Vault, time.Now())
	require.NoError(t, err)
	w.audit(t, w.old)
	return w
}

// audit adds an entry to the clinic's log as process a does.
func (w *pepperWorld) audit(t *testing.T, a *app.App) {
	t.Helper()
	require.NoError(t, a.APIDB.In(t.Context(), w.clinic.ID, func(tx *tenants.Tx) error {
		return tx.Audit(
			tenants.ChainOf(a.Chains),
			tenants.AuditEntry{At: time.Now(), Actor: "usr_1", Action: "tenant.create"},
		)
	}))
}

// add makes a token as process a does.
func (w *pepperWorld) add(t *testing.T, a *app.App, token string) error {
	t.Helper()
	return a.APIDB.In(t.Context(), w.clinic.ID, func(tx *tenants.Tx) error {
		return connection.AddToken(tx, a.Config.Peppers.Digest(token), domain.Sandbox, "xxxx", time.Now())
	})
}

// finds asks as a receiver of process a does that remembers nothing yet.
func (w *pepperWorld) finds(t *testing.T, a *app.App, token string) bool {
	t.Helper()
	owner, err := inbox.NewTokenResolver(w.ingest, a.Vault, a.Config.Peppers, time.Now).ByToken(t.Context(), token, true)
	if domain.CodeOf(err) != domain.NotFound {
		require.NoError(t, err)
		require.Equal(t, w.clinic.ID, owner.Clinic)
	}
	return err == nil
}

// left is how many tokens are kept under another pepper than the newest.
func (w *pepperWorld) left(t *testing.T) int {
	t.Helper()
	left, err := leftUnderOld(w.both, t.Context())
	require.NoError(t, err)
	return left.Tokens
}

// use has the token used until it has moved, so that no more than left stay behind.
func (w *pepperWorld) use(t *testing.T, token string, left int) {
	t.Helper()
	tenantstest.Eventually(t, time.Minute, "a token that is used moves to the newest pepper", func() bool {
		return w.finds(t, w.both, token) && w.left(t) == left
	})
}

func TestAPepperIsRetiredWhileProcessesWithTheOldOneGoOnAndNothingIsLeftUnderIt(t *testing.T) {
	t.Parallel()
	w := newPepperWorld(t)
	require.NoError(t, w.add(t, w.old, "before anybody noted a pepper"))
	require.NoError(t, w.old.KeysFit(t.Context()))
	require.NoError(t, w.add(t, w.old, "idle"))
	require.ErrorContains(t, w.next.KeysFit(t.Context()), "TOKEN_PEPPER", "without the old one it would answer 401")
	require.NoError(t, w.both.KeysFit(t.Context()))
	require.ErrorContains(t, w.next.KeysFit(t.Context()), "TOKEN_PEPPER", "as long as tokens are left under it")
	require.NoError(t, w.old.KeysFit(t.Context()))

	require.NoError(t, w.add(t, w.both, "of a new process"))
	require.NoError(t, w.add(t, w.old, "of an old process"))
	tokens := []string{"before anybody noted a pepper", "idle", "of a new process", "of an old process"}
	require.Equal(t, 3, w.left(t))
	var told bytes.Buffer
	require.Equal(t, unhealthy(3), retirePepper(w.both, t.Context(), &told))
	require.Contains(
		t,
		told.String(),
		"3 webhook tokens of 1 clinics are left under the old pepper, the oldest of "+time.Now().UTC().Format("2006"),
	)
	w.use(t, tokens[0], 2)
	w.use(t, tokens[3], 1)
	require.Equal(t, unhealthy(1), retirePepper(w.both, t.Context(), io.Discard), "one was never used")
	for _, token := range tokens {
		require.True(t, w.finds(t, w.old, token), "an old process goes on finding %q", token)
	}
	w.use(t, "idle", 0)
	require.NoError(t, rotatePepper(w.both, t.Context(), false, io.Discard))
	require.NoError(t, retirePepper(w.both, t.Context(), io.Discard))

	for _, token := range tokens {
		require.True(t, w.finds(t, w.next, token), token)
		require.False(t, w.finds(t, w.old, token), "the old pepper finds nothing any more: %q", token)
	}
	require.ErrorContains(t, w.old.KeysFit(t.Context()), "TOKEN_PEPPER")
	require.Equal(t, domain.Unavailable, domain.CodeOf(w.add(t, w.old, "too late")), "nobody would find it")
	require.NoError(t, w.both.KeysFit(t.Context()), "one that was not started anew yet")
	require.NoError(t, w.next.KeysFit(t.Context()))
	var peppers int
	require.NoError(t, w.next.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
		list, err := connection.Peppers(tx)
		peppers = len(list)
		return err
	}))
	require.Equal(t, 1, peppers, "the retired one is not noted again")

	w.audit(t, w.next)
	var log bytes.Buffer
	require.NoError(t, verifyAudit(w.next, t.Context(), "", &log), "the chain has a key of its own: %s", &log)
	require.Contains(t, log.String(), "2 entries")
}

// Of a run that was killed in the middle everything stays as it was, or is done.
func TestAPepperIsRetiredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newPepperWorld(t)
	require.NoError(t, w.both.KeysFit(t.Context()))
	require.NoError(t, w.add(t, w.both, "token"))
	killed := context.Canceled
	require.ErrorIs(t, w.both.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
		left, err := connection.RetirePeppers(tx, w.both.Config.Peppers.Newest(), time.Now())
		require.NoError(t, err)
		require.Zero(t, left.Tokens)
		return killed
	}), killed)
	require.True(t, w.finds(t, w.old, "token"))
	require.NoError(t, w.old.KeysFit(t.Context()))
	require.NoError(t, retirePepper(w.both, t.Context(), io.Discard))
	require.NoError(t, retirePepper(w.both, t.Context(), io.Discard), "again")
	require.True(t, w.finds(t, w.next, "token"))
}

// A clinic that gets no deliveries never moves its token by using it: --renew gives it
// one, and the gateway is told of it.
func TestRenewGivesClinicsThatAreSilentATokenUnderTheNewPepperAndDoesNothingTwice(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	fresh := base64.StdEncoding.EncodeToString(random)
	with := func(pepper string) *app.App {
		a := opened(
			t,
			[]string{
				"ENVIRONMENT=development",
				"DATABASE_URL=" + w.Config.DatabaseURL.Reveal(),
				"NOTIFICATIONS=off",
				"TOKEN_PEPPER=" + pepper,
			},
		)
		connector := *w.Connector
		connector.Peppers, a.Connector, a.Now = a.Config.Peppers, &connector, w.Now
		return a
	}
	both, next := with(fresh+","+app.DevelopmentPepper.Reveal()), with(fresh)
	require.NoError(t, both.KeysFit(t.Context()))
	hook := w.hook[len("/v3/webhooks/"):]
	first := w.sim.Token(hook)
	old, err := leftUnderOld(both, t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, old.Clinics)
	var told bytes.Buffer
	require.NoError(t, rotatePepper(both, t.Context(), true, &told))
	require.Contains(t, told.String(), "1 clinics have a fresh webhook token")
	require.Contains(t, told.String(), "those that were replaced end by")
	second := w.sim.Token(hook)
	require.NotEqual(t, first, second, "Asaas sends the fresh one")

	told.Reset()
	require.NoError(t, rotatePepper(both, t.Context(), true, &told))
	require.Contains(t, told.String(), "0 clinics have a fresh webhook token", "a run that comes again has nothing to do")
	require.Equal(t, second, w.sim.Token(hook))
	require.Equal(
		t,
		unhealthy(old.Tokens),
		retirePepper(both, t.Context(), io.Discard),
		"deliveries with the one before are under way",
	)
	left, err := leftUnderOld(both, t.Context())
	require.NoError(t, err)
	w.ahead.Add(int64(left.Last.Sub(w.Now()) + time.Second))
	require.NoError(t, retirePepper(both, t.Context(), io.Discard))

	ingest, err := tenants.Open(w.Config.DatabaseURL.Reveal(), tenants.Options{Name: "ingest"})
	require.NoError(t, err)
	t.Cleanup(ingest.Close)
	finds := func(token string) bool {
		_, err := inbox.NewTokenResolver(ingest, next.Vault, next.Config.Peppers, w.Now).ByToken(t.Context(), token, true)
		if domain.CodeOf(err) != domain.NotFound {
			require.NoError(t, err)
		}
		return err == nil
	}
	require.True(t, finds(second))
	require.False(t, finds(first))
}
