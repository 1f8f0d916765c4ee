package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/client/clienttest"
	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants/tenantstest"
)

// The clinics that wait at once, and what of it one turn takes: so many events of a clinic, so many clinics.
const (
	calmClinics               = 40
	floodEvents, replayEvents = 600, 150
	turnEvents, turnClinics   = 50, 8
)

// turn is what one transaction of the worker applied of one clinic.
type turn struct {
	clinic      domain.ClinicID
	transaction int64
	applied     int
}

// crowd is a program whose clinics wait together: one has a flood, one has its queue told again, the gateway of one
// hangs, and the others are calm.
type crowd struct {
	*programWorld
	t               *testing.T
	flood, replayed domain.ClinicID
	calm            []domain.ClinicID
	tokens          map[domain.ClinicID]string
	accounts        map[domain.ClinicID]string
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{
		programWorld: newIdleWorld(t), t: t, tokens: map[domain.ClinicID]string{}, accounts: map[domain.ClinicID]string{},
	}
	for i := range calmClinics {
		c.calm = append(c.calm, c.join(i))
	}
	c.flood, c.replayed = c.join(calmClinics), c.join(calmClinics+1)
	c.join(calmClinics + 2) // whose gateway hangs: its account stays the world's
	c.hang.Store(c.account.Key)
	return c
}

func (c *crowd) join(i int) domain.ClinicID {
	c.t.Helper()
	c.account = c.sim.AddAccount(accounts.Account{Name: fmt.Sprintf("Clínica %02d", i)})
	secret := fmt.Sprintf("%s%03d", token, i)
	c.connect(c.t, secret)
	c.tokens[c.clinic], c.accounts[c.clinic] = secret, c.account.ID
	return c.clinic
}

// tell delivers the clinic's event about payment n, so many times, and demands 200.
func (c *crowd) tell(clinic domain.ClinicID, n, times int) {
	body := clienttest.Clinic{AccountID: c.accounts[clinic]}.Event("PAYMENT_CREATED", "PENDING", n, 1000)
	for range times {
		if code, err := post(c.url, c.tokens[clinic], body); code != http.StatusOK {
			c.t.Errorf("clinic %d was answered %d %v", clinic, code, err)
		}
	}
}

// turns returns what each transaction applied, in the order in which they wrote first.
func (c *crowd) turns() []turn {
	c.t.Helper()
	owner, err := pgx.Connect(c.t.Context(), c.base.URL(tenantstest.Owner))
	require.NoError(c.t, err)
	defer owner.Close(context.Background())
	rows, _ := owner.Query(c.t.Context(), `SELECT clinic_id, xmin::text::bigint AS run, count(*) FROM events
		WHERE applied_at IS NOT NULL AND source = 1 GROUP BY 1, 2 ORDER BY 2, 1`)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (one turn, err error) {
		return one, row.Scan(&one.clinic, &one.transaction, &one.applied)
	})
	require.NoError(c.t, err)
	return list
}

// applied returns how many events of each clinic were.
func (c *crowd) applied() map[domain.ClinicID]int {
	c.t.Helper()
	events := map[domain.ClinicID]int{}
	for _, one := range c.turns() {
		events[one.clinic] += one.applied
	}
	return events
}

// Counted in turns, not in time: whoever waits behind a flood waits for one turn of it, however long it is.
func TestAFloodAReplayAndAGatewayThatHangsCostTheOthersOneTurnEach(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	work := c.open(t)
	c.tell(c.flood, 0, 1) // the flood is in the queue first
	c.tell(c.replayed, 0, 1)
	var telling sync.WaitGroup
	for part := range 8 {
		telling.Go(func() {
			for n := 1 + part; n < floodEvents; n += 8 {
				c.tell(c.flood, n, 1)
				if n < replayEvents {
					c.tell(c.replayed, n, 2)
				}
				if n <= calmClinics {
					c.tell(c.calm[n-1], 0, 1)
				}
			}
		})
	}
	telling.Wait()
	c.post(t, "", c.forge(t, "payment_received_pix.real", c.play(t, flows.FlowPix).Payments[0])) // only a read can tell
	work()
	tenantstest.Eventually(
		t,
		time.Minute,
		"the flood is applied",
		func() bool { return c.applied()[c.flood] == floodEvents },
	)
	tenantstest.Eventually(t, time.Minute, "a read hangs", func() bool { return c.hanging.Load() > 0 })

	all := c.turns()
	require.Equal(t, replayEvents, c.applied()[c.replayed], "each event once, however often it is told")
	isCalm := func(one turn) bool { return slices.Contains(c.calm, one.clinic) }
	var last int64 // the transaction after which every calm clinic's event was applied
	for _, one := range all {
		if isCalm(one) {
			last = max(last, one.transaction)
		}
	}
	runs, flooded := map[int64]bool{}, 0
	for _, one := range all {
		if one.transaction > last {
			continue
		}
		runs[one.transaction] = true
		if one.clinic == c.flood {
			flooded += one.applied
		}
	}
	require.Len(t, slices.DeleteFunc(slices.Clone(all), func(one turn) bool { return !isCalm(one) }), calmClinics)
	require.LessOrEqual(t, len(runs), len(c.tokens)/turnClinics+3, "runs until every calm clinic's event was applied")
	require.LessOrEqual(t, flooded, 2*turnEvents, "of the flood before them: a turn, and one that another hand began")
	require.Equal(t, c.flood, all[len(all)-1].clinic, "the flood drains last")

	for _, clinic := range c.calm {
		c.tell(clinic, 1, 1)
	}
	tenantstest.Eventually(t, time.Minute, "the calm go on while a read hangs", func() bool {
		events := c.applied()
		return !slices.ContainsFunc(c.calm, func(clinic domain.ClinicID) bool { return events[clinic] < 2 })
	})
	require.EqualValues(t, 1, c.hanging.Load(), "and the clinic whose gateway hangs has one read under way")
}
