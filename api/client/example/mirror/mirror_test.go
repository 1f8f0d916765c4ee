package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/client"
	"patapay/api/client/clienttest"
	"patapay/tenants/devstack"
)

// row is what the copy holds of an invoice.
type row struct {
	Version int64
	Status  string
	Cents   int64
	Due     string
}

func TestAMirrorKilledAgainAndAgainEqualsAFullRead(t *testing.T) { mirrorKilled(t, 25) }

// mirrorKilled lets the mirror die kills times in the middle of its work.
func mirrorKilled(t *testing.T, kills int) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("PATAPAY_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("PATAPAY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	session, err := clienttest.Start()
	require.NoError(t, err)
	t.Cleanup(session.Stop)
	stack, err := devstack.Start(t.Context(), devstack.Options{})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	program, err := clienttest.Build(t.TempDir(), "patapay/api/client/example/mirror")
	require.NoError(t, err)
	clinic, db := session.Clinics[0], stack.PostgresURL(devstack.Owner, "postgres")
	require.NoError(t, session.Fill(t.Context(), clinic, 0, 400))
	ctx, stop := context.WithCancel(t.Context())
	flowing := make(chan error, 1)
	go func() { flowing <- flow(ctx, session, clinic, rand.New(rand.NewPCG(seed, 2))) }()
	start := func() *exec.Cmd {
		cmd := exec.Command(program, "-url", session.URL, "-tenant", clinic.ID, "-db", db)
		cmd.Env, cmd.Stderr = append(os.Environ(), "PATAPAY_TOKEN="+clinic.Token), os.Stderr
		require.NoError(t, cmd.Start())
		return cmd
	}
	own, err := open(t.Context(), db)
	require.NoError(t, err)
	defer own.close()
	conn := own.conn
	api, err := client.New(session.URL, clinic.Token, client.WithTries(20))
	require.NoError(t, err)
	told := history{versions: map[string]int64{}}
	for n := range kills {
		before, cmd := int64(-1), start()
		if n%3 > 0 && conn.QueryRow(t.Context(), placesAt).Scan(&before) == nil { // two of three while it follows
			for end := time.Now().Add(5 * time.Second); standsAt(t, conn) <= before && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(rng.IntN(30_000)) * time.Microsecond)
		} else { // the others while it starts, and copies the first time
			time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		told.holds(t, api, clinic.ID, conn)
	}
	t.Logf("%d deaths; the copy stands at %d", kills, standsAt(t, conn))
	require.Greater(t, standsAt(t, conn), int64(400), "it died before it did anything")
	cmd := start()
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	stop()
	require.NoError(t, <-flowing)
	whole, newest := fullRead(t, api, clinic.ID)
	require.Eventually(
		t,
		func() bool { return standsAt(t, conn) >= newest },
		30*time.Second,
		50*time.Millisecond,
		"the mirror comes to the end",
	)
	require.Equal(t, whole, copied(t, conn))
	require.Greater(t, len(whole), 400, "nothing flowed")
}

// history is what the feed told up to a place: the newest version of each invoice.
type history struct {
	seq      int64
	versions map[string]int64
}

// holds fails unless the copy has all that the feed told up to the place it claims to stand
// at: a place that is ahead of its rows is a change that nobody will ever bring again.
func (h *history) holds(t *testing.T, api *client.API, tenant string, conn *pgx.Conn) {
	t.Helper()
	place := standsAt(t, conn)
	for h.seq < place {
		res, err := api.GetFeedWithResponse(
			t.Context(),
			tenant,
			&client.GetFeedParams{After: &h.seq, Limit: new(min(place-h.seq, 500))},
		)
		require.NoError(t, err)
		for _, e := range res.JSON200.Data {
			if h.seq = e.Seq; e.Type == client.EntryViewTypeInvoiceUpdated { // of the others it keeps nothing
				h.versions[e.ObjectID] = e.Version
			}
		}
	}
	rows := copied(t, conn)
	for id, version := range h.versions {
		require.GreaterOrEqual(t, rows[id].Version, version, "%s: the copy says it stands at %d", id, place)
	}
}

// flow lets invoices come and change, a hundred times a second, until ctx ends.
func flow(ctx context.Context, session *clienttest.Dev, clinic clienttest.Clinic, rng *rand.Rand) error {
	for n := 400; ctx.Err() == nil; {
		old := rng.IntN(n)
		body := clinic.Event("PAYMENT_UPDATED", "PENDING", old, 2000+rng.IntN(1000))
		switch rng.IntN(4) {
		case 0:
			body = clinic.Event("PAYMENT_CREATED", "PENDING", n, 1000)
			n++
		case 1:
			body = clinic.Event("PAYMENT_OVERDUE", "OVERDUE", old, 2000)
		}
		if err := session.Send(context.WithoutCancel(ctx), clinic, body); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// fullRead returns all invoices, and the end of the feed that they belong to.
func fullRead(t *testing.T, api *client.API, tenant string) (map[string]row, int64) {
	t.Helper()
	end := func() int64 {
		res, err := api.GetFeedWithResponse(t.Context(), tenant, &client.GetFeedParams{Limit: new(int64)})
		require.NoError(t, err)
		return res.JSON200.Newest
	}
	for before := end(); ; {
		time.Sleep(time.Second) // what was sent last is applied meanwhile
		all := map[string]row{}
		for v, err := range api.Invoices(t.Context(), tenant, client.ListInvoicesParams{}) {
			require.NoError(t, err)
			all[v.ID] = row{v.Version, string(v.Status), v.Value.AmountCents, v.DueDate.String()}
		}
		after := end()
		if after == before {
			return all, after
		}
		before = after
	}
}

const placesAt = `SELECT coalesce(max(seq), -1) FROM mirror_places`

// standsAt returns the place of the copy, -1 while it is not whole.
func standsAt(t *testing.T, conn *pgx.Conn) (seq int64) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), placesAt).Scan(&seq))
	return seq
}

func copied(t *testing.T, conn *pgx.Conn) map[string]row {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT id, version, status, amount_cents, due_date::text FROM mirror_invoices`)
	require.NoError(t, err)
	all := map[string]row{}
	var id string
	var r row
	_, err = pgx.ForEachRow(
		rows,
		[]any{&id, &r.Version, &r.Status, &r.Cents, &r.Due},
		func() error { all[id] = r; return nil },
	)
	require.NoError(t, err)
	return all
}
