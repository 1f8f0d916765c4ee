package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain/asaas/asaastest"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/gateway"
	"patapay/tenants/tenantstest"
)

// guardWorld is a clinic whose webhook stands at the simulator, behind a door that can be
// broken, and whose first import was made.
type guardWorld struct {
	*truthWorld
	self   tenants.Clinic
	hook   string
	broken atomic.Bool
}

func newGuardWorld(t *testing.T) *guardWorld {
	t.Helper()
	w := &guardWorld{truthWorld: newTruthWorld(t)}
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(39 * time.Hour) // tomorrow's in São Paulo: no night comes between
	w.ahead.Store(int64(time.Until(noon)))
	behind, err := url.Parse(strings.TrimSuffix(w.url, "/financial/gateway-payments/webhook/asaas"))
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if w.broken.Load() {
			out.WriteHeader(http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(out, in)
	}))
	t.Cleanup(front.Close)
	w.connector.WebhookURL = front.URL + "/financial/gateway-payments/webhook/asaas"
	w.in(t, func(tx *tenants.Tx) (err error) {
		w.self, err = tx.Self()
		return errors.Join(err, tx.Backfilled(w.Now()),
			tx.AddUser(tenants.User{ID: tenants.NewID(w.Now()), Email: "ana@example.com", Name: "Ana", PasswordHash: "x", Role: auth.RoleAdmin}, w.Now()))
	})
	report, err := w.connector.EnsureWebhook(t.Context(), w.self, gateway.Ensure{Email: "fin@example.com", Guard: gateway.Unguarded})
	require.NoError(t, err)
	w.hook = "/v3/webhooks/" + report.Webhook.ID
	return w
}

// superuser returns a connection that no wall stops.
func (w *truthWorld) superuser(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), w.cfg.DatabaseURL.Reveal())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// count returns the one number that answers to a query of a superuser's.
func (w *truthWorld) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, w.superuser(t).QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// panel changes the configuration at the gateway, as somebody in its panel would.
func (w *guardWorld) panel(t *testing.T, body string) {
	t.Helper()
	r := httptest.NewRequest("PUT", w.hook, strings.NewReader(body))
	r.Header.Set("access_token", w.account.Key)
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, r)
	require.Equal(t, 200, answer.Code, answer.Body)
}

// guard gives the clinic its turn, after d, and wants one.
func (w *guardWorld) guard(t *testing.T, after time.Duration) {
	t.Helper()
	w.ahead.Add(int64(after))
	looked, err := w.connector.Guard(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, looked, "clinics looked after")
}

func (w *guardWorld) connection(t *testing.T) (c tenants.Connection) {
	t.Helper()
	w.in(t, func(tx *tenants.Tx) (err error) { c, err = tx.Connection(); return err })
	return c
}

// mails returns the phases of the e-mails about incidents of a kind, the oldest first.
func (w *guardWorld) mails(t *testing.T, kind string) (phases []string) {
	t.Helper()
	w.in(t, func(tx *tenants.Tx) error {
		list, err := tx.Mails(100)
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Kind == kind {
				phases = append(phases, list[i].Phase)
			}
		}
		return err
	})
	return phases
}

const halfHour = 36 * time.Minute // with the jitter

func TestAPausedQueueIsResumedDrainedAndComparedAndTwoMailsTellOfIt(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.play(t, asaastest.Flows()[0])
	w.guard(t, 0)
	w.panel(t, `{"interrupted":true}`)
	for _, flow := range asaastest.Flows()[:4] {
		w.play(t, flow)
	}
	require.NotZero(t, w.sim.Backlog(w.account.ID))
	w.guard(t, halfHour)
	require.Zero(t, w.sim.Backlog(w.account.ID))
	require.Equal(t, "active", w.connection(t).State, w.connection(t).Reason)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "paused"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'paused' AND closed_at IS NOT NULL`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM certificates WHERE unexplained = 0 AND read > 0`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM guard_rounds WHERE gap_since IS NOT NULL`), "what was missed is compared")
}

func TestAQueueIsNotResumedIntoABrokenDoorAndOneMailSaysSo(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.guard(t, 0)
	seen := w.Now()
	w.broken.Store(true)
	w.panel(t, `{"interrupted":true}`)
	w.guard(t, halfHour)
	for range 3 {
		w.guard(t, 6*time.Minute) // it tries again sooner than the next look
	}
	c := w.connection(t)
	require.Equal(t, "paused", c.State)
	require.Equal(t, "reactivate", c.NextAction)
	require.WithinDuration(t, seen.Add(14*24*time.Hour), c.LossAt, time.Minute, "14 days after the last look that saw it run")
	require.Equal(t, 4, w.count(t, `SELECT count(*) FROM operations WHERE code = 'self_check_failed'`))
	require.Equal(t, []string{"opened"}, w.mails(t, "paused"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'self_check' AND clinic_id = 0 AND closed_at IS NULL`))
	w.broken.Store(false)
	w.guard(t, 6*time.Minute)
	require.NotEqual(t, "paused", w.connection(t).State)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "paused"))
	require.Zero(t, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'self_check' AND closed_at IS NULL`), "the door answers again")
}

// another returns the graph of a second process on the same database.
func (w *guardWorld) another(t *testing.T) *gateway.Connector {
	t.Helper()
	a, err := newApp(w.cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	t.Cleanup(a.close)
	a.now = w.Now
	c, err := a.connect()
	require.NoError(t, err)
	c.WebhookURL = w.connector.WebhookURL
	return c
}

// atOnce runs fn with each connector at the same time, several times over.
func atOnce(connectors []*gateway.Connector, fn func(*gateway.Connector)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, c := range connectors {
		group.Go(func() { <-start; fn(c) })
	}
	close(start)
	group.Wait()
}

func TestTwoGuardiansAtOnceLookAfterAClinicOnce(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	other := w.another(t)
	for turn := range 4 {
		var looked atomic.Int32
		atOnce([]*gateway.Connector{w.connector, other, w.connector, other}, func(c *gateway.Connector) {
			n, err := c.Guard(context.Background())
			if err != nil {
				t.Error(err)
			}
			looked.Add(int32(n))
		})
		require.EqualValues(t, 1, looked.Load(), "turn %d", turn)
		w.ahead.Add(int64(halfHour))
	}
}

func TestATurnThatIsBroughtForwardWaitsForTheOneUnderWay(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.in(t, func(tx *tenants.Tx) error { // another process is at it when an event about the key comes
		taken, err := tx.TakeLease("guard", "another process", w.Now(), w.Now().Add(time.Hour))
		require.True(t, taken)
		return errors.Join(err, tx.RoundNow(w.Now()))
	})
	looked, err := w.connector.Guard(t.Context())
	require.NoError(t, err)
	require.Zero(t, looked)
	w.guard(t, time.Hour) // it died: its lease ends by itself
}

func TestTwoEnsuresOfTwoProcessesNeverMakeTwoWebhooks(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	other := w.another(t)
	for range 5 {
		r := httptest.NewRequest("DELETE", w.hook, nil)
		r.Header.Set("access_token", w.account.Key)
		w.sim.ServeHTTP(httptest.NewRecorder(), r)
		var made atomic.Int32
		atOnce([]*gateway.Connector{w.connector, other, w.connector, other}, func(c *gateway.Connector) {
			report, err := c.EnsureWebhook(context.Background(), w.self, gateway.Ensure{Guard: gateway.Unguarded})
			var failed *gateway.Error
			if err != nil && !(errors.As(err, &failed) && failed.Code == gateway.Busy) {
				t.Error(err)
			}
			if report.Created {
				made.Add(1)
			}
		})
		require.EqualValues(t, 1, made.Load())
		report, err := w.connector.ReadWebhook(t.Context(), w.self)
		require.NoError(t, err)
		require.True(t, report.OK(), "%+v", report)
		w.hook = "/v3/webhooks/" + report.Webhook.ID
	}
}

func TestDriftIsMendedAndWhatIsAMatterOfTasteStays(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.guard(t, 0)
	w.panel(t, `{"name":"Minha clínica","enabled":false,"events":["PAYMENT_CREATED","TRANSFER_CREATED"]}`)
	w.guard(t, halfHour)
	report, err := w.connector.ReadWebhook(t.Context(), w.self)
	require.NoError(t, err)
	for _, line := range report.Lines {
		require.True(t, line.OK, "%+v", line)
	}
	require.Contains(t, report.Webhook.Events, "TRANSFER_CREATED", "what somebody chose beside ours stays")
	w.panel(t, `{"name":"Minha clínica"}`)
	w.guard(t, halfHour)
	report, err = w.connector.ReadWebhook(t.Context(), w.self)
	require.NoError(t, err)
	require.Equal(t, "Minha clínica", report.Webhook.Name, "a name is no drift")
}

func TestAKeyEventIsProbedAtOnceAndOnlyARefusalMovesTheState(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.play(t, asaastest.Flows()[0])
	w.guard(t, 0)
	event := func(sample string) {
		w.post(t, token, w.forge(t, sample, "key-of-somebody"))
		tenantstest.Eventually(t, 5*time.Second, "the turn is brought forward", func() bool {
			return w.count(t, `SELECT count(*) FROM guard_rounds WHERE next_at <= $1`, w.Now()) == 1
		})
	}
	event("access_token_disabled.made")
	w.guard(t, 0)
	require.Equal(t, "active", w.connection(t).State, "the event may be about a key that is not ours: "+w.connection(t).Reason)
	require.NoError(t, w.sim.SetKey(w.account.Key, asaastest.KeyRevoked))
	event("access_token_disabled.made")
	w.guard(t, 0)
	require.Equal(t, "key_refused", w.connection(t).State)
	require.Equal(t, []string{"opened"}, w.mails(t, "key_refused"))
	require.NoError(t, w.sim.SetKey(w.account.Key, ""))
	w.guard(t, halfHour)
	require.Equal(t, "active", w.connection(t).State, w.connection(t).Reason)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "key_refused"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM certificates`), "what the dead key could not read is compared")
}

func TestAKeyThatEndsSoonIsToldOnceAndSolvedByAnotherKey(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.guard(t, 0)
	w.post(t, token, w.forge(t, "access_token_expiring_soon.made", "key"))
	tenantstest.Eventually(t, 5*time.Second, "the event is applied", func() bool {
		return w.count(t, `SELECT count(*) FROM guard_rounds WHERE next_at <= $1`, w.Now()) == 1
	})
	w.guard(t, 0)
	w.guard(t, halfHour)
	require.Equal(t, []string{"opened"}, w.mails(t, "key_ending"))
	second, err := w.sim.AddKey(w.account.ID, "")
	require.NoError(t, err)
	w.ahead.Add(int64(time.Minute))
	_, err = w.connector.Save(t.Context(), w.self, gateway.Connect{Key: &second, ConfirmTaxID: true, Guard: gateway.Unguarded})
	require.NoError(t, err)
	w.guard(t, halfHour)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "key_ending"))
}

// mailbox is a Sender that keeps what it was given, and fails while it is told to.
type mailbox struct {
	mu   sync.Mutex
	ids  []string
	to   []string
	text string
	down bool
}

// Send keeps the e-mail.
func (m *mailbox) Send(_ context.Context, id string, to []string, subject, body string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids = append(m.ids, id); m.down {
		return errors.New("the mail server cannot be reached")
	}
	m.to, m.text = to, subject+"\n"+body
	return nil
}

func TestAnIncidentIsOneEMailHoweverOftenItIsLookedAtOrTried(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.guard(t, 0)
	w.broken.Store(true)
	w.panel(t, `{"interrupted":true}`)
	box := &mailbox{down: true}
	post := &jobs.Postman{DB: w.api, Send: box, Log: slog.New(slog.DiscardHandler), Now: w.Now}
	round := func(want int) {
		t.Helper()
		sent, err := post.Round(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, sent)
	}
	w.guard(t, halfHour)
	round(0) // the server is down
	round(0) // and is left alone for a while
	require.Len(t, box.ids, 1)
	box.down = false
	for range 3 {
		w.guard(t, 6*time.Minute)
	}
	round(1)
	round(0)
	require.Equal(t, box.ids[0], box.ids[1], "every try has the same key")
	require.Len(t, box.ids, 2)
	require.Equal(t, []string{"ana@example.com"}, box.to, "the administrators")
	require.Contains(t, box.text, "Fila pausada no Asaas")
	require.Regexp(t, `Os avisos mais antigos serão apagados em 1[34] dias \(\d\d/\d\d/20\d\d\)\.`, box.text)
	require.Contains(t, box.text, "/app/configuracoes/webhooks/asaas/saude")
	w.broken.Store(false)
	w.guard(t, 6*time.Minute)
	round(1)
	require.Contains(t, box.text, "Resolvido: Fila pausada no Asaas")
	require.Contains(t, box.ids[2], "paused.solved.")
}

func TestSilenceIsOneAlertAndOneEMailAndOneMoreWhenItEnds(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.play(t, asaastest.Flows()[0])
	w.quiet(t)
	w.guard(t, 0)
	owner := w.superuser(t)
	for week := 1; week <= 3; week++ { // the same hours of three weeks brought twenty events each
		for h := range 12 {
			_, err := owner.Exec(t.Context(), `INSERT INTO traffic_hours VALUES ($1, $2, 20)`, w.clinic, w.Now().Truncate(time.Hour).Add(time.Duration(h)*time.Hour-time.Duration(week)*7*24*time.Hour))
			require.NoError(t, err)
		}
	}
	w.guard(t, halfHour)
	require.Equal(t, "active", w.connection(t).State, "half an hour is no silence")
	w.guard(t, 3*time.Hour)
	w.guard(t, halfHour)
	c := w.connection(t)
	require.Equal(t, "silent", c.State)
	require.Equal(t, "test", c.NextAction)
	require.Equal(t, []string{"opened"}, w.mails(t, "silent"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'silent'`))
	w.play(t, asaastest.Flows()[1])
	w.quiet(t)
	w.guard(t, halfHour)
	require.Equal(t, "active", w.connection(t).State)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "silent"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM certificates`), "what was missed in the silence is compared")
}

func TestThreeFailedDeliveriesAreAnAlarmAndThePenaltyIsLiftedWhenOurDoorAnswers(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	w.guard(t, 0)
	w.broken.Store(true)
	w.play(t, asaastest.Flows()[0])
	failures := func() int { return w.sim.State().Accounts[0].Webhooks[0].Failures }
	for want := 1; want <= 3; want++ {
		tenantstest.Eventually(t, 10*time.Second, "a failed delivery", func() bool { return failures() >= want })
		if want < 3 {
			w.ahead.Add(int64(2 * time.Minute))
			w.panel(t, `{}`) // the sender looks at its clock again
		}
	}
	w.guard(t, halfHour)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'failing' AND closed_at IS NULL`))
	w.broken.Store(false)
	w.guard(t, 6*time.Minute)
	w.quiet(t)
	w.guard(t, halfHour)
	require.Zero(t, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'failing' AND closed_at IS NULL`))
	require.Empty(t, w.mails(t, "failing"), "our door is not the clinic's to mend")
}

func TestOneInvoiceIsComparedAndWhatDiffersIsAsaassWord(t *testing.T) {
	t.Parallel()
	w := newGuardWorld(t)
	made := w.play(t, asaastest.Flows()[0])
	w.quiet(t)
	id := made.Payments[0]
	compare := func() gateway.Compared {
		t.Helper()
		got, err := w.connector.CompareInvoice(t.Context(), w.self, id)
		require.NoError(t, err)
		return got
	}
	equal := compare()
	require.True(t, equal.Found)
	require.Empty(t, equal.Differences)
	lost := w.lose(t, 1)
	id = lost[0]
	got := compare()
	require.Equal(t, []gateway.Difference{{Field: "invoice", Theirs: id}}, got.Differences)
	require.True(t, got.Settled, "it is read in")
	require.Empty(t, compare().Differences)
}
