package tenants_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/migrations"
	"patapay/tenants"
	"patapay/tenants/devstack"
	"patapay/tenants/ledger"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// What readers of the feed are told after a restore or a failover (docs/decisions/0039-epochs-of-the-feed.md).

var feedSamples = []string{"payment_created_pix.real", "payment_received_pix.real", "payment_created_boleto.real"}

// threeEntries makes a clinic whose feed has three entries, and returns their places in the platform's.
func threeEntries(t *testing.T, w *world) (clinic domain.ClinicID, places []string) {
	t.Helper()
	clinic = w.untoldClinic(t, "Vida", "acc-1")
	for _, sample := range feedSamples {
		w.deliver(t, clinic, samples.Event(sample))
		w.apply(t, clinic)
	}
	var r reader
	r.until(t, w, 3)
	for _, e := range r.read {
		places = append(places, e.Place)
	}
	return clinic, places
}

// seqsBehind reads a clinic's feed from a number on, one entry a page, as a follower does.
func seqsBehind(t *testing.T, db *tenants.DB, clinic domain.ClinicID, after int64) (seqs []int64, err error) {
	t.Helper()
	for {
		var page []query.Entry
		err = db.In(
			t.Context(),
			clinic,
			func(tx *tenants.Tx) (err error) { page, _, err = query.Feed(tx, after, 1); return err },
		)
		if err != nil || len(page) == 0 {
			return seqs, err
		}
		after = page[0].Seq
		seqs = append(seqs, after)
	}
}

// firstForm writes a place as the release before epochs did.
func firstForm(t *testing.T, place string) string {
	t.Helper()
	p, err := query.ParsePlace(place)
	require.NoError(t, err)
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "f1.%s.%d.%d", p.Tx, p.Clinic, p.Seq))
}

func TestInANewEpochNoReaderGoesOnAsIfNothingHadHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic, places := threeEntries(t, w)
	read := func(place string) error {
		_, _, err := query.PlatformFeed(w.api, t.Context(), place, 10)
		return err
	}
	for _, place := range places {
		require.NoError(t, read(place))
		require.NoError(t, read(firstForm(t, place)), "a reader of the release before goes on")
	}
	no, err := query.AdoptEpoch(w.worker, t.Context(), true)
	require.NoError(t, err)
	require.Equal(t, 2, no)
	for _, place := range places {
		require.ErrorIs(t, read(place), query.ErrExpired)
		require.ErrorIs(t, read(firstForm(t, place)), query.ErrExpired)
	}
	// 3: the last that is told still
	for after, want := range []error{nil, nil, nil, nil, query.ErrExpired, query.ErrExpired} {
		_, err := seqsBehind(t, w.api, clinic, int64(after))
		require.ErrorIs(t, err, want, "after %d, before anything new", after)
	}
	w.deliver(
		t,
		clinic,
		edited(t, "payment_received_boleto.real", `"externalReference": null`, `"externalReference": "REF-9"`),
	)
	w.apply(t, clinic)
	seqs, err := seqsBehind(t, w.api, clinic, 0)
	require.NoError(t, err)
	require.Len(t, seqs, 4)
	require.Equal(t, []int64{1, 2, 3}, seqs[:3], "what was restored is read from the beginning")
	require.Greater(t, seqs[3], int64(1_700_000_000_000_000), "no number is given a second time")
	require.Less(t, seqs[3], int64(1)<<53, "JavaScript keeps it")
	after, err := seqsBehind(t, w.api, clinic, 3)
	require.NoError(t, err)
	require.Equal(t, seqs[3:], after)
	for _, lost := range []int64{4, 5, 1000} {
		_, err := seqsBehind(t, w.api, clinic, lost)
		require.ErrorIs(t, err, query.ErrExpired, "a reader who read entry %d of another history", lost)
	}
	var r reader
	r.until(t, w, 4)
}

func TestTwoEpochsWithNothingBetweenLeaveOneWayThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic, _ := threeEntries(t, w)
	for range 2 {
		_, err := query.AdoptEpoch(w.worker, t.Context(), true)
		require.NoError(t, err)
	}
	w.deliver(
		t,
		clinic,
		edited(t, "payment_received_boleto.real", `"externalReference": null`, `"externalReference": "REF-9"`),
	)
	w.apply(t, clinic)
	seqs, err := seqsBehind(t, w.api, clinic, 0)
	require.NoError(t, err)
	require.Len(t, seqs, 4)
}

func TestAnotherTimelineIsAnEpochThatTheFirstReaderNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic, places := threeEntries(t, w)
	// As after the promotion of a standby: only the timeline differs.
	_, err := w.all.Exec(t.Context(), `UPDATE feed_epoch SET key = regexp_replace(key, '\.[0-9A-F]{8}\.', '.0000000F.')`)
	require.NoError(t, err)
	_, _, err = query.PlatformFeed(w.api, t.Context(), places[2], 10)
	require.ErrorIs(t, err, query.ErrExpired)
	require.Equal(t, 2, w.count(t, `SELECT no FROM feed_epoch`))
	require.Equal(t, 3, w.count(t, `SELECT count(DISTINCT tx) FROM changes`), "transactions go on: their order stays")
	seqs, err := seqsBehind(t, w.api, clinic, 0)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2, 3}, seqs)
	require.NoError(
		t,
		w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error { _, err := query.BoundsIn(tx); return err }),
	)
	require.Equal(t, 2, w.count(t, `SELECT no FROM feed_epoch`), "noted once")
}

// A worker went on, before any reader came, with numbers that readers of before the failover had been shown for
// entries that are lost: who stood among them never saw the new ones.
func TestAWriterWhoComesBeforeAnyReaderOfANewHistoryGivesNoNumberASecondTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic, _ := threeEntries(t, w)
	for i, write := range []func(){
		func() {
			w.deliver(
				t, clinic,
				edited(t, "payment_received_boleto.real", `"externalReference": null`, `"externalReference": "REF-9"`),
			)
			w.apply(t, clinic)
		},
		func() {
			require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
				return ledger.KeepUnmatched(tx, []ledger.Unmatched{{
					EntityRef:    tenants.EntityRef{Kind: domain.KindPayment, ID: "pay_1"},
					StatementDay: ledger.StatementDay{Statement: 300},
				}}, w.now)
			}))
		},
	} {
		_, err := w.all.Exec(t.Context(), `UPDATE feed_epoch SET key = regexp_replace(key, '\.[0-9A-F]{8}\.', '.0000000F.')`)
		require.NoError(t, err)
		before := w.number(t, `SELECT max(seq) FROM changes`)
		write()
		require.Equal(t, i+2, w.number(t, `SELECT no FROM feed_epoch`))
		require.Equal(t, 4+i, w.number(t, `SELECT count(*) FROM changes`))
		for _, lost := range []int{1, 2, 1000} { // the second epoch follows within the second, which numbers begin at
			_, err = seqsBehind(t, w.api, clinic, int64(before+lost))
			require.ErrorIs(t, err, query.ErrExpired, "a reader who read %d entries that are lost", lost)
		}
		after, err := seqsBehind(t, w.api, clinic, int64(before))
		require.NoError(t, err)
		require.Len(t, after, 1)
		require.Greater(t, after[0], int64(before)+1)
		require.Zero(t, w.number(t, `SELECT count(*) FROM events WHERE outcome NOT IN ('applied', 'no_effect')`))
	}
}

// Each run of each clinic once read a file of the server for this.
func TestAConnectionAsksOnceForEachEpochWhetherItIsThisHistorys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic, _ := threeEntries(t, w)
	conn := w.connect(t, tenantstest.Owner)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := conn.Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	exec(`CREATE SEQUENCE asked`)
	exec(`GRANT USAGE ON SEQUENCE asked TO PUBLIC`)
	exec(`CREATE OR REPLACE FUNCTION feed_history(mark integer) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER
		AS 'SELECT e.key || left(nextval(''asked'')::text, 0) FROM public.feed_epoch e'`)
	for epoch := range 3 {
		exec(`UPDATE feed_epoch SET key = $1`, fmt.Sprint("epoch ", epoch))
		for range 5 {
			exec(`UPDATE clinic_heads SET feed_seq = feed_seq + 1 WHERE clinic_id = $1`, clinic)
		}
		require.Equal(t, epoch+1, w.number(t, `SELECT last_value FROM asked`))
	}
}

func TestADumpRestoredIntoAYoungerClusterIsReadWholeAndNobodyWaitsForItsTransactions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic, places := threeEntries(t, w)
	fresh, err := devstack.Start(t.Context(), devstack.Options{})
	require.NoError(t, err)
	t.Cleanup(fresh.Stop)
	require.NoError(t, migrations.Up(t.Context(), fresh.PostgresURL(devstack.Owner, "postgres"))) // makes the roles
	owner, err := pgx.Connect(t.Context(), fresh.PostgresURL(devstack.Owner, "postgres"))
	require.NoError(t, err)
	defer owner.Close(t.Context())
	_, err = owner.Exec(t.Context(), `CREATE DATABASE restored`)
	require.NoError(t, err)
	// The old cluster has lived longer: its transactions are ahead of the new one's.
	_, err = w.all.Exec(t.Context(), `UPDATE changes SET tx = (tx::text::numeric + 1000000)::text::xid8`)
	require.NoError(t, err)
	backup := "backup_" + w.db.Name // as docs/operations.md makes it
	for _, sql := range []string{
		`CREATE ROLE ` + backup + ` LOGIN BYPASSRLS`, `GRANT pg_read_all_data TO ` + backup,
		`GRANT CONNECT ON DATABASE ` + w.db.Name + ` TO ` + backup,
	} {
		_, err = w.all.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	t.Cleanup(func() { _, _ = w.all.Exec(context.Background(), `DROP OWNED BY `+backup+`; DROP ROLE `+backup) })
	_, err = w.all.Exec(t.Context(), `SET ROLE `+backup+`; DELETE FROM changes`)
	require.ErrorContains(t, err, "permission denied")
	_, err = w.all.Exec(t.Context(), `RESET ROLE`)
	require.NoError(t, err)
	dump, err := exec.CommandContext(t.Context(), "pg_dump", "--format=plain", "--dbname="+w.db.URL(backup)).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("%s", failed.Stderr)
	}
	require.NoError(t, err)
	load := exec.CommandContext(
		t.Context(), "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1",
		"--dbname="+fresh.PostgresURL(devstack.Owner, "restored"),
	)
	load.Stdin = strings.NewReader(string(dump))
	out, err := load.CombinedOutput()
	require.NoError(t, err, "%s", out)
	db, err := tenants.Open(fresh.PostgresURL(tenantstest.API, "restored"), tenants.Options{Name: "api"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	_, _, err = query.PlatformFeed(db, t.Context(), places[2], 10)
	require.ErrorIs(t, err, query.ErrExpired, "a place of the other cluster")
	restored := *w
	restored.api = db
	var r reader
	r.until(t, &restored, 3)
	seqs, err := seqsBehind(t, db, clinic, 0)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2, 3}, seqs)
}
