package tenants_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/migrations"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/devstack"
	"patapay/tenants/inbox"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// Consumers of the feed beside restores and failovers on real servers, at random instants under writes; behind the tag
// faults at twenty each (docs/decisions/0039-epochs-of-the-feed.md).

// worldOn opens a migrated database of a stack as newWorld opens one of the shared server.
func worldOn(t *testing.T, stack *devstack.Stack, database string, keys *vault.Vault) *world {
	t.Helper()
	w := &world{vault: keys, now: start}
	open := func(role string) *tenants.DB {
		db, err := tenants.Open(stack.PostgresURL(role, database), tenants.Options{Name: role})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	w.api, w.ingest, w.worker = open(tenantstest.API), open(tenantstest.Ingest), open(tenantstest.Worker)
	all, err := pgxpool.New(t.Context(), stack.PostgresURL(tenantstest.Owner, database))
	require.NoError(t, err)
	t.Cleanup(all.Close)
	w.all, w.inbox = all, inbox.NewInbox(w.ingest, 0)
	t.Cleanup(w.inbox.Close)
	w.applier = &apply.Applier{DB: w.worker, Vault: w.vault, Now: func() time.Time { return w.now }}
	return w
}

// cluster starts a Postgres of the test's own with a migrated database.
func cluster(t *testing.T) *devstack.Stack {
	t.Helper()
	stack, err := devstack.Start(t.Context(), devstack.Options{})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	owner := stack.PostgresURL(devstack.Owner, "postgres")
	require.NoError(t, migrations.Up(t.Context(), owner))
	require.NoError(t, tenantstest.MakeMonths(t.Context(), owner))
	return stack
}

// payments is what the gateway tells of a world's clinics: lives of payments, step by step, in any order.
type payments struct {
	clinics []domain.ClinicID
	rng     *rand.Rand
	sent    int
}

// send tells and applies the next n events; each is of one of the payments of late.
func (p *payments) send(t *testing.T, w *world, n int) {
	steps := []string{"CREATED PENDING", "CONFIRMED CONFIRMED", "RECEIVED RECEIVED", "REFUNDED REFUNDED"}
	for range n {
		payment := p.sent/3 + p.rng.IntN(4)
		clinic := p.clinics[payment%len(p.clinics)]
		event, status, _ := strings.Cut(steps[p.rng.IntN(len(steps))], " ")
		p.sent++
		w.deliver(
			t,
			clinic,
			fmt.Appendf(nil, `{"id":"evt_%d&%d","event":"PAYMENT_%s","dateCreated":"2026-11-22 08:%02d:%02d",`+
				`"account":{"id":"acc-%d"},"payment":{"object":"payment","id":"pay_%016d","value":%d.00,"netValue":%d.00,`+
				`"billingType":"PIX","status":%q}}`, p.rng.Uint64(), p.sent, event, p.sent/60%60, p.sent%60, payment%len(p.clinics),
				payment, 100+payment, 99+payment, status),
		)
		w.apply(t, clinic)
	}
}

// mirror is a consumer: it keeps the newest version of each payment, and begins anew when it is told to.
type mirror struct {
	clinic domain.ClinicID // 0: follows the platform's feed
	place  string          // in the platform's feed
	after  int64           // in the clinic's
	has    map[string]string
	seen   map[string]bool // numbers that it was told since it began
	anew   int             // how often it was told to begin anew
	broken error           // what else it was told
}

func (m *mirror) begin() {
	m.place, m.after, m.has, m.seen = "", 0, map[string]string{}, map[string]bool{}
}

// step reads one page and tells whether there was something in it.
func (m *mirror) step(w *world, limit int) bool {
	entries, err := m.page(w, limit)
	switch {
	case errors.Is(err, query.ErrExpired):
		m.anew++
		m.begin()
		return true
	case err != nil:
		m.broken = err
		return false
	}
	for _, e := range entries {
		m.place, m.after = e.Place, e.Seq
		m.seen[fmt.Sprint(e.Clinic, " ", e.Seq)] = true
		if e.Kind != domain.KindPayment {
			continue
		}
		i, err := query.Object[domain.Invoice](e)
		if err != nil {
			m.broken = err
			return false
		}
		m.has[fmt.Sprintf("%x", e.ID[:])] = fmt.Sprint(e.Version, " ", i.Value.Status)
	}
	return len(entries) > 0
}

func (m *mirror) page(w *world, limit int) (entries []query.Entry, err error) {
	if m.clinic == 0 {
		entries, _, err = query.PlatformFeed(w.api, context.Background(), m.place, limit)
		return entries, err
	}
	err = w.api.In(context.Background(), m.clinic, func(tx *tenants.Tx) (err error) {
		entries, _, err = query.Feed(tx, m.after, limit)
		return err
	})
	return entries, err
}

// agrees reads on to the end and compares with a full read: of the payments, and of every entry there is.
func (m *mirror) agrees(t *testing.T, w *world) {
	t.Helper()
	text := func(sql string) map[string]string {
		rows, err := w.all.Query(t.Context(), sql, m.clinic)
		require.NoError(t, err)
		defer rows.Close()
		list := map[string]string{}
		for rows.Next() {
			var key, value string
			require.NoError(t, rows.Scan(&key, &value))
			list[key] = value
		}
		require.NoError(t, rows.Err())
		return list
	}
	entries := text(`SELECT clinic_id || ' ' || seq, '' FROM changes WHERE $1 IN (0, clinic_id)`)
	tenantstest.Eventually(t, time.Minute, "a consumer comes to the feed's end", func() bool {
		for m.step(w, 50) {
		}
		return m.broken != nil || len(m.seen) >= len(entries)
	})
	require.NoError(t, m.broken)
	for key := range entries {
		require.Contains(
			t,
			m.seen,
			key,
			"an entry that consumer %d was never shown, told %d times to begin anew",
			m.clinic,
			m.anew,
		)
	}
	stands := text(`SELECT replace(id::text, '-', ''), version || ' ' || status FROM invoices WHERE $1 IN (0, clinic_id)`)
	require.NotEmpty(t, stands)
	require.Equal(t, stands, m.has, "consumer %d", m.clinic)
}

// The three ways to another history.

// A fork makes the world that goes on from a copy of w, which is written to until stop is closed. lag is called once,
// at the instant up to which the copy follows.
type fork func(t *testing.T, w *world, stack *devstack.Stack, lag func()) *world

func promoted(t *testing.T, w *world, stack *devstack.Stack, lag func()) *world {
	standby, err := stack.Copy(t.Context(), true)
	require.NoError(t, err)
	t.Cleanup(standby.Stop)
	on := worldOn(t, standby, "postgres", w.vault)
	exec := func(sql string) {
		_, err := on.all.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	lag()
	exec(`ALTER SYSTEM SET primary_conninfo = ''`)
	exec(`SELECT pg_reload_conf()`)
	tenantstest.Eventually(t, time.Minute, "the standby is cut off", func() bool {
		return on.number(t, `SELECT count(*) FROM pg_stat_wal_receiver`) == 0
	})
	lag()
	exec(`SELECT pg_promote()`)
	return on
}

func TestFaultAStandbyThatLagsIsPromotedAndNoConsumerMissesAnEntry(t *testing.T) {
	t.Parallel()
	forks(t, promoted)
}

// forks lets consumers of the platform and of each clinic follow a world that is written to, and then, at random
// instants, a copy of it that goes on otherwise, while the consumers have read more than the copy has, or less.
func forks(t *testing.T, fork fork) {
	t.Helper()
	seed := seedOf()
	t.Logf("PATAPAY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 13))
	stack := cluster(t)
	master, err := vault.NewMaster()
	require.NoError(t, err)
	keys, err := vault.New(master)
	require.NoError(t, err)
	w := worldOn(t, stack, "postgres", keys)
	p := &payments{rng: rng}
	for i := range 3 {
		p.clinics = append(p.clinics, w.clinic(t, fmt.Sprint("Vida ", i), fmt.Sprint("acc-", i)))
	}
	p.send(t, w, 10)
	consumers := []*mirror{{}, {}}
	for _, clinic := range p.clinics {
		consumers = append(consumers, &mirror{clinic: clinic}, &mirror{clinic: clinic})
	}
	for _, m := range consumers {
		m.begin()
	}
	for instant := range forkInstants {
		t.Run(fmt.Sprint("instant ", instant), func(t *testing.T) { oneFork(t, w, stack, p, consumers, fork) })
	}
}

func oneFork(t *testing.T, w *world, stack *devstack.Stack, p *payments, consumers []*mirror, fork fork) {
	pick := rand.New(rand.NewPCG(p.rng.Uint64(), 7))
	// Every second consumer follows closely, the others now and then.
	var working sync.WaitGroup
	stop := make(chan struct{})
	var wanted atomic.Int64
	working.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				p.send(t, w, 1)
				wanted.Add(-1)
			}
		}
	})
	working.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			for i, m := range consumers {
				if i%2 == 0 || n%5 == i {
					m.step(w, 1+n%7)
				}
			}
		}
	})
	other := fork(t, w, stack, func() {
		wanted.Store(int64(pick.IntN(20)))
		tenantstest.Eventually(t, time.Minute, "the writer goes on", func() bool { return wanted.Load() <= 0 })
	})
	close(stop)
	working.Wait()
	before := *p
	following := make([]*mirror, len(consumers))
	for i, m := range consumers { // they follow the copy, as they would after a failover; the first world goes on below
		for m.clinic > 0 && i%2 == 0 && m.step(w, 50) { // it has read what the copy has not
		}
		follower := *m
		follower.has, follower.seen, follower.anew = maps.Clone(m.has), maps.Clone(m.seen), 0
		following[i] = &follower
	}
	fresh := &payments{clinics: p.clinics, rng: pick, sent: before.sent}
	fresh.send(t, other, pick.IntN(12)) // a writer may come before any reader
	for range 3 {
		for _, m := range following {
			m.step(other, 1+pick.IntN(20))
		}
		fresh.send(t, other, pick.IntN(6))
	}
	for _, m := range following {
		m.agrees(t, other)
		if m.clinic == 0 {
			require.Equal(t, 1, m.anew, "the platform's order is another history's")
		}
	}
}
