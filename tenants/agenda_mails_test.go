package tenants_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/alarm"
)

// mailbox keeps what is sent, with when.
type mailbox struct {
	w    *world
	zone *time.Location
	got  []string
}

// Send keeps the day, the reader's name and the subject behind the clinic's name.
func (m *mailbox) Send(_ context.Context, _ string, to []string, subject, body string) error {
	_, subject, _ = strings.Cut(subject, " · ")
	m.got = append(
		m.got,
		strings.Join([]string{m.w.now.In(m.zone).Format("02/01 15:04"), strings.Split(to[0], "@")[0], subject}, " | "),
	)
	return nil
}

func (w *world) admin(t testing.TB, clinic domain.ClinicID, name, muted string) {
	t.Helper()
	_, err := w.all.Exec(
		t.Context(),
		`INSERT INTO users (clinic_id, user_id, email, name, password_hash, role, created_at, muted_mails)
		VALUES ($1, $2, $3, $3, 'x', 'admin', $4, $5)`,
		clinic,
		tenants.NewID(w.now),
		name+"@x.example",
		w.now,
		muted,
	)
	require.NoError(t, err)
}

// play lets three hours after the other pass, as the worker sees them, until an instant.
func (w *world) play(t testing.TB, box jobs.Sender, until time.Time) {
	t.Helper()
	clock := func() time.Time { return w.now }
	derive := &jobs.Agenda{DB: w.worker, Log: slog.New(slog.DiscardHandler), Now: clock}
	remind := &jobs.Reminders{
		DB:   w.api,
		Send: box,
		Home: "https://p.example/",
		Log:  slog.New(slog.DiscardHandler),
		Now:  clock,
	}
	for ; w.now.Before(until); w.now = w.now.Add(3 * time.Hour) {
		_, err := derive.Round(t.Context())
		require.NoError(t, err)
		_, err = remind.Round(t.Context())
		require.NoError(t, err)
	}
}

func TestADisputeIsWrittenAboutAtOnceFiveDaysAndADayBeforeAndNotAfterItsDocumentsAreSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.admin(t, clinic, "ana", "")
	w.admin(t, clinic, "bia", "dispute_deadline")
	box := &mailbox{w: w, zone: asaas.SaoPaulo}
	w.deliver(t, clinic, dispute(t, "payment_chargeback_requested.made", "2026-12-02"))
	w.apply(t, clinic)
	const what = " | ana | Contestação: enviar documentos até 02/12/2026 às 23:59"
	want := []string{"22/11 09:00" + what, "28/11 00:00" + what, "02/12 00:00" + what}
	w.play(t, box, time.Date(2026, 12, 2, 6, 0, 0, 0, time.UTC))
	require.Equal(t, want, box.got, "absolute dates; nobody else, for bia muted the kind")

	again := newWorld(t)
	other := again.clinic(t, "Vida", "acc-1")
	again.admin(t, other, "ana", "")
	box = &mailbox{w: again, zone: box.zone}
	again.deliver(t, other, dispute(t, "payment_chargeback_requested.made", "2026-12-02"))
	again.apply(t, other)
	again.play(t, box, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	again.deliver(t, other, dispute(t, "payment_chargeback_dispute.made", "2026-12-02"))
	again.apply(t, other)
	again.play(t, box, time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC))
	require.Equal(t, want[:1], box.got, "the documents are sent: nothing more")
}

func TestATypedEndOfAKeyIsWrittenAbout30And7AndOneDayBeforeInTheDaysOneDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.admin(t, clinic, "ana", "")
	_, err := w.all.Exec(
		t.Context(),
		`UPDATE connections SET key_set_at = $1, key_expires_on = '2026-12-24' WHERE clinic_id = $2`,
		w.now,
		clinic,
	)
	require.NoError(t, err)
	_, err = w.all.Exec(
		t.Context(),
		`INSERT INTO connection_checks (clinic_id, checked_at, checks, seen_at, commercial_ends)
		VALUES ($1, $2, '[]', $2, '2026-12-24')`,
		clinic,
		w.now,
	)
	require.NoError(t, err)
	box := &mailbox{w: w, zone: asaas.SaoPaulo}
	w.play(t, box, time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC))
	both := []string{"24/11 09:00 | ana | Agenda do dia", "17/12 09:00 | ana | Agenda do dia"}
	require.Equal(t, both, box.got, "two entries are one e-mail")
	_, err = w.all.Exec(
		t.Context(),
		`UPDATE connection_checks SET commercial_ends = '2027-12-24' WHERE clinic_id = $1`,
		clinic,
	)
	require.NoError(t, err)
	w.play(t, box, time.Date(2027, 1, 3, 0, 0, 0, 0, time.UTC))
	require.Equal(
		t,
		append(both, "23/12 09:00 | ana | A chave do Asaas vence até 24/12/2026 às 23:59"),
		box.got,
		"what is confirmed is told no more; nor what is over",
	)
}

func TestWhatIsFoundAfterTheDaysDigestWaitsForTheNextOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.admin(t, clinic, "ana", "")
	box := &mailbox{w: w, zone: asaas.SaoPaulo}
	item := func(subject string) {
		_, err := w.all.Exec(
			t.Context(),
			`INSERT INTO work_items (clinic_id, id, amount, opened_at, updated_at, kind, subject)
			VALUES ($1, gen_random_uuid(), 1, $2, $2, 'conflict', $3)`,
			clinic,
			w.now.AddDate(0, 0, -8),
			subject,
		)
		require.NoError(t, err)
	}
	item("pay_1")
	w.play(t, box, w.now.Add(3*time.Hour))
	item("pay_2")
	w.play(t, box, w.now.Add(24*time.Hour))
	const what = " | ana | Pendência aberta há mais de uma semana até 21/11/2026 às "
	require.Equal(t, []string{"22/11 09:00" + what + "09:00", "23/11 09:00" + what + "12:00"}, box.got)
}

// refusingBox takes nothing while it is closed.
type refusingBox struct {
	*mailbox
	closed bool
}

// Send fails while the mail server is away.
func (b *refusingBox) Send(ctx context.Context, id string, to []string, subject, body string) error {
	if b.closed {
		return errors.New("away")
	}
	return b.mailbox.Send(ctx, id, to, subject, body)
}

func TestAnEMailThatWaitedIsNotSentOnceItsFactIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.admin(t, clinic, "ana", "")
	box := &refusingBox{mailbox: &mailbox{w: w, zone: time.UTC}, closed: true}
	w.deliver(t, clinic, dispute(t, "payment_chargeback_requested.made", "2026-12-02"))
	w.apply(t, clinic)
	w.play(t, box, w.now.Add(3*time.Hour))
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM agenda_mails WHERE sent_at IS NULL AND tries = 1 AND last_error = 'away'`),
	)
	figures, err := alarm.FleetFigures(w.api, t.Context(), w.now)
	require.NoError(t, err)
	require.Equal(
		t,
		[]any{int64(1), 3 * time.Hour},
		[]any{figures.MailsUnsent, figures.MailsOldest},
		"operators are told that one waits",
	)
	w.deliver(t, clinic, dispute(t, "payment_chargeback_dispute.made", "2026-12-02"))
	w.apply(t, clinic)
	box.closed = false
	w.play(t, box, w.now.Add(12*time.Hour))
	require.Empty(t, box.got)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM agenda_mails WHERE given_up_at IS NOT NULL`))
}

// Whoever is paid all day has an agenda derived each half minute; its people were looked at each time.
func TestPeopleAreLookedAtAgainAfterAnEntryOpenedAndNotAfterEachDerivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.admin(t, clinic, "ana", "")
	box := &mailbox{w: w, zone: asaas.SaoPaulo}
	clock := func() time.Time { return w.now }
	derive := &jobs.Agenda{DB: w.worker, Log: slog.New(slog.DiscardHandler), Now: clock}
	remind := &jobs.Reminders{DB: w.api, Send: box, Home: "https://p.example/", Log: derive.Log, Now: clock}
	looked := func(later time.Duration, event []byte) int {
		t.Helper()
		w.deliver(t, clinic, event)
		w.apply(t, clinic)
		w.now = w.now.Add(later)
		_, err := derive.Round(t.Context())
		require.NoError(t, err)
		clinics, err := agenda.ReminderClinics(w.api, t.Context(), w.now, 10)
		require.NoError(t, err)
		_, err = remind.Round(t.Context())
		require.NoError(t, err)
		return len(clinics)
	}
	require.Equal(t, 1, looked(time.Minute, samples.Event("payment_created_credit_card.made")), "nobody was yet")
	require.Zero(t, looked(time.Minute, samples.Event("payment_received_pix.real")))
	require.Empty(t, box.got)
	require.Equal(t, 1, looked(time.Minute, dispute(t, "payment_chargeback_requested.made", "2026-12-20")))
	require.Len(t, box.got, 1)
	require.Equal(t, 1, looked(time.Minute, samples.Event("payment_created_pix.real")), "whether the e-mail left")
	require.Zero(t, looked(time.Minute, samples.Event("payment_received_credit_card.made")))
	require.Equal(t, 1, looked(time.Hour, samples.Event("payment_created_undefined.real")), "a new administrator's hour")
}
