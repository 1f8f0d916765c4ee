package tenants_test

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	rule "patapay/domain/agenda"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/query"
)

func (w *world) derive(t testing.TB, clinic domain.ClinicID) (r agenda.Report) {
	t.Helper()
	require.NoError(t, w.worker.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		r, err = agenda.Derive(tx, w.now)
		return err
	}))
	return r
}

func (w *world) agenda(t testing.TB, clinic domain.ClinicID) (entries []agenda.Entry) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		entries, err = agenda.Open(tx)
		return err
	}))
	return entries
}

// dispute is an event of a dispute whose documents are due on a day.
func dispute(t testing.TB, sample string, day domain.Day) []byte {
	t.Helper()
	const reason = `"ABSENT_CARD_FRAUD"`
	return edited(t, sample, reason, reason+`, "deadlineToSendDisputeDocuments": "`+string(day)+`"`)
}

func TestADisputesDeadlineOpensChangesAndClosesAsEntriesOfTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	require.False(t, w.derive(t, clinic).Written(), "a clinic about which nothing is stored")
	const opened, sent = "payment_chargeback_requested.made", "payment_chargeback_dispute.made"
	const day = domain.Day("2026-12-02")
	w.deliver(t, clinic, dispute(t, opened, day))
	w.apply(t, clinic)
	require.Equal(t, agenda.Report{Opened: 1}, w.derive(t, clinic))
	require.Equal(t, agenda.Report{}, w.derive(t, clinic), "unchanged facts write nothing")
	entries := w.agenda(t, clinic)
	require.Len(t, entries, 1)
	require.Equal(t, rule.DisputeDeadline, entries[0].Kind)
	require.Equal(t, rule.EndOf(day), entries[0].Due)
	w.now = rule.EndOf(day).Add(time.Minute)
	require.Equal(t, agenda.Report{Changed: 1}, w.derive(t, clinic), "the last day is over")
	w.deliver(t, clinic, dispute(t, sent, day))
	w.apply(t, clinic)
	require.Equal(t, agenda.Report{Closed: 1}, w.derive(t, clinic), "the documents are sent")
	require.Empty(t, w.agenda(t, clinic))
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		feed, newest, err := query.Feed(tx, 0, 100)
		require.NoError(t, err)
		require.EqualValues(t, len(feed), newest, "numbered without a gap")
		var kinds []domain.Kind
		for _, e := range feed {
			if e.ID != entries[0].ID {
				continue
			}
			kinds = append(kinds, e.Kind)
			object, err := query.Object[agenda.Entry](e)
			require.NoError(t, err)
			require.Equal(
				t,
				[]any{len(kinds), len(kinds), entries[0].Subject},
				[]any{e.Version, object.Value.Version, e.AsaasID},
			)
		}
		require.Equal(
			t,
			[]domain.Kind{domain.KindDeadlineOpened, domain.KindDeadlineChanged, domain.KindDeadlineClosed},
			kinds,
		)
		return nil
	}))
}

func TestAnAgendaIsDerivedWhenAClinicsChainsTellAndWhenTimeDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	due := func() (found bool) {
		clinics, err := agenda.Clinics(w.worker, t.Context(), w.now, 10)
		require.NoError(t, err)
		return len(clinics) == 1
	}
	require.True(t, due(), "a clinic that has none yet")
	w.derive(t, clinic)
	require.False(t, due())
	w.deliver(t, clinic, edited(t, "payment_chargeback_requested.made"))
	w.apply(t, clinic)
	require.False(t, due(), "a clinic that changes all the time has its turn each half minute")
	w.now = w.now.Add(30 * time.Second)
	require.True(t, due(), "the feed has grown")
	w.derive(t, clinic)
	w.now = w.now.Add(31 * time.Second)
	require.False(t, due(), "its own entries are no reason")
	_, err := w.all.Exec(t.Context(), `UPDATE connections SET key_expires_on = '2027-01-01', updated_at = $1`, w.now)
	require.NoError(t, err)
	require.True(t, due(), "the connection has changed")
	w.derive(t, clinic)
	w.now = w.now.Add(time.Hour)
	require.True(t, due(), "an hour is over")
}

// Rows of every sort are read back as the facts that the rule is told of.
func TestEverySortOfFactIsReadFromWhatIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.now = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	const invoice = `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, due_date,
		  refused_at, state, version, created_at, updated_at)
		VALUES ($1, gen_random_uuid(), $2, $3, upper($3), $4, 500, $5, $6, '{}', 1, $7, $7)`
	const advance = `INSERT INTO anticipations (clinic_id, id, asaas_id, status, asaas_status, payment, value, due_date,
		  state, version, created_at, updated_at)
		VALUES ($1, gen_random_uuid(), $2, $3, '', $4, 700, '2026-11-22', '{}', 1, $5, $5)`
	b := &pgx.Batch{}
	b.Queue(invoice, clinic, "pay_boleto", "pending", "BOLETO", "2026-11-21", nil, w.now)
	b.Queue(invoice, clinic, "pay_pix", "pending", "PIX", "2026-11-21", nil, w.now)
	b.Queue(invoice, clinic, "pay_card", "pending", "CREDIT_CARD", nil, "2026-11-19 10:00:00", w.now)
	b.Queue(invoice, clinic, "pay_card2", "overdue", "CREDIT_CARD", nil, "2026-11-19 23:59:59", w.now)
	b.Queue(invoice, clinic, "pay_late", "received", "CREDIT_CARD", nil, "2026-11-19 10:00:00", w.now)
	b.Queue(advance, clinic, "ant_over", "overdue", "pay_boleto", w.now)
	b.Queue(advance, clinic, "ant_denied", "denied", "pay_pix", w.now)
	b.Queue(advance, clinic, "ant_paid", "credited", "pay_late", w.now)
	b.Queue(advance, clinic, "ant_credited", "credited", "pay_boleto", w.now)
	b.Queue(`INSERT INTO statement_checks VALUES ($1, 300, 300, $2, '2026-11-19')`, clinic, w.now)
	b.Queue(
		`INSERT INTO work_items (clinic_id, id, amount, opened_at, updated_at, kind, subject)
		VALUES ($1, gen_random_uuid(), -90, $2, $2, 'conflict', 'pay_x')`,
		clinic,
		w.now.AddDate(0, 0, -8),
	)
	b.Queue(
		`UPDATE connections SET key_set_at = $2, key_expires_on = '2026-12-01', loss_at = $3, since = $2
		WHERE clinic_id = $1`,
		clinic,
		w.now.AddDate(0, 0, -10),
		w.now.AddDate(0, 0, 4),
	)
	b.Queue(
		`INSERT INTO connection_checks (clinic_id, checked_at, checks, seen_at, commercial_ends)
		VALUES ($1, $2, '[]', $2, '2026-12-05')`,
		clinic,
		w.now,
	)
	conn, err := w.all.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	require.NoError(t, conn.SendBatch(t.Context(), b).Close())
	w.derive(t, clinic)
	var told []string
	for _, e := range w.agenda(t, clinic) {
		amount := ""
		if v, ok := e.Amount.Get(); ok {
			amount = v.String()
		}
		subject := e.Subject
		if e.Kind == rule.WorkItemOld {
			subject = subject[:4]
		}
		told = append(told, strings.Join([]string{string(e.Kind), subject, amount}, " "))
	}
	require.ElementsMatch(t, []string{
		"events_loss  ",
		"key_expiry  ",
		"commercial_data  ",
		"work_item_old wki_ 0.90",
		"boleto_expiring 2026-11-21 5.00",
		"card_refused 2026-11-19 10.00",
		"advance_overdue ant_over 7.00",
		"advance_denied ant_denied 7.00",
		"advance_uncovered ant_credited 4.00",
	}, told)
}

// However much of a sort is stored, an agenda is made of five hundred of it, and made again it writes nothing.
func TestAnAgendaIsMadeOfFiveHundredFactsOfASortAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	_, err := w.all.Exec(t.Context(), `INSERT INTO work_items (clinic_id, id, amount, opened_at, updated_at, kind, subject)
		SELECT $1, gen_random_uuid(), -90, $2, $2, 'conflict', 'pay_' || n FROM generate_series(1, 600) n`,
		clinic, w.now.AddDate(0, 0, -8))
	require.NoError(t, err)
	w.derive(t, clinic)
	const old = `SELECT count(*) FROM deadlines WHERE kind = 'work_item_old' AND closed_at IS NULL`
	require.Equal(t, 500, w.count(t, old))
	changes := w.count(t, `SELECT count(*) FROM changes`)
	w.now = w.now.Add(time.Hour)
	w.derive(t, clinic)
	require.Equal(t, changes, w.count(t, `SELECT count(*) FROM changes`))
	_, err = w.all.Exec(
		t.Context(),
		`DELETE FROM work_items WHERE id IN (SELECT id FROM work_items ORDER BY id LIMIT 200)`,
	)
	require.NoError(t, err)
	w.now = w.now.Add(time.Hour)
	w.derive(t, clinic)
	require.Equal(t, 400, w.count(t, old), "those that had no place come in as others end")
}

// One clinic's agenda that can never be derived is put off, longer each time, and the others have their turns.
func TestAnAgendaThatCannotBeDerivedIsPutOffAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad, good := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	_, err := w.all.Exec(
		t.Context(),
		`INSERT INTO connection_checks (clinic_id, checked_at, checks, seen_at, commercial_ends)
		VALUES ($1, $2, '[]', 'infinity', 'infinity')`,
		bad,
		w.now,
	)
	require.NoError(t, err)
	job := &jobs.Agenda{DB: w.worker, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now }}
	due := func() []domain.ClinicID {
		clinics, err := agenda.Clinics(w.worker, t.Context(), w.now, 10)
		require.NoError(t, err)
		return clinics
	}
	require.Equal(t, []domain.ClinicID{bad, good}, due())
	_, err = job.Round(t.Context())
	require.Error(t, err)
	require.Empty(t, due(), "the one has its agenda, the other waits")
	w.now = w.now.Add(30 * time.Second)
	require.Contains(t, due(), bad)
	_, err = job.Round(t.Context())
	require.Error(t, err)
	w.now = w.now.Add(30 * time.Second)
	require.NotContains(t, due(), bad, "twice as long")
	const open = `SELECT count(*) FROM alarms WHERE kind = 'agenda_failing' AND closed_at IS NULL`
	for _, minutes := range []int{1, 2, 4, 8} {
		require.Zero(t, w.count(t, open), "for %s it may pass by itself", w.now)
		w.now = w.now.Add(time.Duration(minutes) * time.Minute)
		_, err = job.Round(t.Context())
		require.Error(t, err)
	}
	require.Equal(
		t,
		1,
		w.count(t, open+` AND clinic_id = `+strconv.Itoa(int(bad))),
		"it always fails, and somebody must look",
	)
	_, err = w.all.Exec(t.Context(), `DELETE FROM connection_checks`)
	require.NoError(t, err)
	w.now = w.now.Add(time.Hour)
	_, err = job.Round(t.Context())
	require.NoError(t, err)
	require.Zero(t, w.count(t, `SELECT count(*) FROM agenda_failures`))
	require.Zero(t, w.count(t, open), "the alarm ends with its cause")
}

func TestWhatIsLongOverGoesAndWhatStandsStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	const entry = `WITH d AS (INSERT INTO deadlines (clinic_id, id, kind, subject, count, actor, action,
		  ends, opened_at, updated_at, closed_at)
		VALUES ($1, gen_random_uuid(), 'card_refused', $2, 1, 'clinic', 'see_payments', 'paid', $3, $3, $4) RETURNING id)
		INSERT INTO agenda_told (clinic_id, user_id, deadline_id, step, at)
		SELECT $1, gen_random_uuid(), id, 'opened', $3 FROM d`
	long := w.now.Add(-agenda.Kept)
	for subject, closed := range map[string]*time.Time{
		"gone": new(long.Add(-time.Second)), "kept": new(long.Add(time.Second)), "open": nil,
	} {
		_, err := w.all.Exec(t.Context(), entry, clinic, subject, long.AddDate(0, -1, 0), closed)
		require.NoError(t, err)
	}
	n, err := agenda.Trim(w.worker, t.Context(), long)
	require.NoError(t, err)
	require.EqualValues(t, 2, n, "an entry, and who was told of it")
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM deadlines WHERE subject <> 'gone'`))
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM agenda_told`))
}
