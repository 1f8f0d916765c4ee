package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/jobs"
	"patapay/tenants/alarm"
)

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

func TestAnIncidentIsOneEMailHoweverOftenItIsCheckedOrTried(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	require.NoError(t, w.sim.SetKey(w.account.Key, accounts.KeyRevoked))
	box := &mailbox{down: true}
	post := &jobs.Postman{DB: w.APIDB, Send: box, Log: slog.New(slog.DiscardHandler), Now: w.Now}
	round := func(want int) {
		t.Helper()
		sent, err := post.Round(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, sent)
	}
	w.monitor(t, halfHour)
	round(0) // the server is down
	round(0) // and is left alone for a while
	require.Len(t, box.ids, 1)
	box.down = false
	for range 3 {
		w.monitor(t, halfHour)
	}
	round(1)
	round(0)
	require.Equal(t, box.ids[0], box.ids[1], "every try has the same key")
	require.Len(t, box.ids, 2)
	require.Equal(t, []string{"ana@example.com"}, box.to, "the administrators")
	require.Contains(t, box.text, "Chave recusada pelo Asaas")
	require.Contains(t, box.text, "/app/configuracoes/webhooks/asaas/saude")
	require.NoError(t, w.sim.SetKey(w.account.Key, ""))
	w.monitor(t, halfHour)
	round(1)
	require.Contains(t, box.text, "Resolvido: Chave recusada pelo Asaas")
	require.Contains(t, box.ids[2], "key_refused.solved.")
}

// TestADeliveryThatWasTooLargeIsOneEMail: the alarm was there, and the administrators,
// whose queue it stops, were not told.
func TestADeliveryThatWasTooLargeIsOneEMail(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	box := &mailbox{}
	post := &jobs.Postman{DB: w.APIDB, Send: box, Log: slog.New(slog.DiscardHandler), Now: w.Now}
	require.NoError(t, alarm.Raise(w.APIDB, t.Context(), w.self.ID, domain.AlarmBodyTooLarge, w.Now()))
	for _, want := range []int{1, 0} {
		w.monitor(t, halfHour)
		sent, err := post.Round(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, sent)
	}
	require.Contains(t, box.text, "Aviso grande demais foi recusado")
	require.Equal(t, []string{"ana@example.com"}, box.to)
}

func TestSilenceIsOneAlertAndOneEMailAndOneMoreWhenItEnds(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.play(t, flows.All()[0])
	w.quiet(t)
	w.monitor(t, 0)
	owner := w.superuser(t)
	for week := 1; week <= 3; week++ { // the same hours of three weeks brought twenty events each
		for h := range 12 {
			_, err := owner.Exec(
				t.Context(),
				`INSERT INTO traffic_hours VALUES ($1, $2, 20)`,
				w.clinic,
				w.Now().Truncate(time.Hour).Add(time.Duration(h)*time.Hour-time.Duration(week)*7*24*time.Hour),
			)
			require.NoError(t, err)
		}
	}
	w.monitor(t, halfHour)
	require.Equal(t, domain.ConnectionActive, w.connection(t).State, "half an hour is no silence")
	w.monitor(t, 3*time.Hour)
	w.monitor(t, halfHour)
	c := w.connection(t)
	require.Equal(t, domain.ConnectionSilent, c.State)
	require.Equal(t, "test", c.NextAction)
	require.Equal(t, []string{"opened"}, w.mails(t, "silent"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'silent'`))
	w.play(t, flows.All()[1])
	w.quiet(t)
	w.monitor(t, halfHour)
	require.Equal(t, domain.ConnectionActive, w.connection(t).State)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "silent"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM certificates`), "what was missed in the silence is compared")
}

// A fact with a date is written about by the agenda alone: its alarm is for operators.
func TestAPausedQueueIsWrittenAboutByTheAgendaAloneAndNotAfterItsEnd(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	w.broken.Store(true)
	w.panel(t, `{"interrupted":true}`)
	box := &mailbox{}
	quiet := slog.New(slog.DiscardHandler)
	post := &jobs.Postman{DB: w.APIDB, Send: box, Log: quiet, Now: w.Now}
	derive := &jobs.Agenda{DB: w.WorkerDB, Log: quiet, Now: w.Now}
	remind := &jobs.Reminders{DB: w.APIDB, Send: box, Home: "https://p.example/", Log: quiet, Now: w.Now}
	day := func() {
		t.Helper()
		w.monitor(t, 24*time.Hour)
		_, err := derive.Round(t.Context())
		require.NoError(t, err)
		_, err = remind.Round(t.Context())
		require.NoError(t, err)
		_, err = post.Round(t.Context())
		require.NoError(t, err)
	}
	day()
	day()
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'paused' AND closed_at IS NULL`))
	require.Empty(t, w.mails(t, "paused"))
	require.Equal(t, []string{"opened"}, w.mails(t, "agenda"), "operators see it in the same list")
	require.Len(t, box.ids, 1)
	require.Regexp(t, `Fila pausada: os avisos mais antigos serão apagados até \d\d/\d\d/20\d\d às \d\d:\d\d`, box.text)
	w.broken.Store(false)
	for range 12 {
		day()
	}
	require.Len(t, box.ids, 1, "the queue runs again")
}
