package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/api/rest"
	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// enterAtOnce has n enter and waits until their share of them are inside: a channel with a member for each that was.
// release lets them leave, and waits until all have been there.
func enterAtOnce(
	t *testing.T, n, share int, enter func(i int) (leave func(), err error),
) (inside chan int, release func()) {
	t.Helper()
	may, inside := make(chan struct{}), make(chan int, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			leave, err := enter(i)
			if err != nil {
				t.Error(err)
				return
			}
			inside <- i
			<-may
			leave()
		})
	}
	tenantstest.Eventually(t, time.Minute, "the share is taken", func() bool { return len(inside) == share })
	return inside, func() { close(may); all.Wait() }
}

// A token that may read every clinic had a place in each one's line: who came after it waited for a turn of each.
func TestATokenThatReadsTwoHundredClinicsLeavesReadersToAnotherToken(t *testing.T) {
	t.Parallel()
	gate := app.ReadersGate()
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	as := func(subject string) context.Context {
		return rest.WithCaller(ctx, rest.Caller{Principal: auth.Principal{Subject: subject, Issuer: "platform"}})
	}
	inside, release := enterAtOnce(t, 200, 5, func(i int) (func(), error) {
		return gate.Enter(as("greedy"), domain.ClinicID(i)+1)
	})
	for clinic := range domain.ClinicID(20) {
		leave, err := gate.Enter(as("another"), clinic+1)
		require.NoError(t, err)
		leave()
	}
	leave, err := gate.Enter(ctx, 0)
	require.NoError(t, err, "what no token asks for")
	leave()
	require.Len(t, inside, 5, "the other reads of the first token waited meanwhile")
	release()
	require.Len(t, inside, 200, "and had their turn")
}

// Each request looks its tenant up before anything else. The lookups of all clinics once stood in one line, so that a
// thousand of one clinic kept every other waiting, or refused them.
func TestLookupsOfOneClinicsCallersKeepNobodyElsesWaiting(t *testing.T) {
	t.Parallel()
	gate := app.ReadersGate()
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	as := func(tenant string, token int) context.Context {
		return rest.WithCaller(
			ctx, rest.Caller{Principal: auth.Principal{Subject: fmt.Sprint("token ", token), Issuer: "clinic", Tenant: tenant}},
		)
	}
	inside, release := enterAtOnce(t, 400, 4, func(i int) (func(), error) {
		return gate.Enter(as("ten_greedy", i%100), domain.ClinicID(i%2)) // its lookup, or what it reads then
	})
	for clinic := range domain.ClinicID(2) {
		leave, err := gate.Enter(as("ten_another", 1000), clinic)
		require.NoError(t, err)
		leave()
	}
	leave, err := gate.Enter(ctx, 0)
	require.NoError(t, err, "what no token asks for")
	leave()
	require.Len(t, inside, 4)
	release()
	require.Len(t, inside, 400)
}

// A token that asked page after page, as soon as it was answered, took both processors for as long as it might ask.
func TestAClinicThatIsReadInALoopWaitsForItselfAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := app.ReadersGate()
		read := func(tenant string, clinic domain.ClinicID, lasts time.Duration) (waited time.Duration) {
			began := time.Now()
			caller := rest.Caller{Principal: auth.Principal{Subject: "a token", Issuer: "clinic", Tenant: tenant}}
			leave, err := gate.Enter(rest.WithCaller(t.Context(), caller), clinic)
			require.NoError(t, err)
			waited = time.Since(began)
			time.Sleep(lasts)
			leave()
			return waited
		}
		for range 20 { // a page of ours, and another one
			require.Zero(t, read("ten_greedy", 1, 10*time.Millisecond))
		}
		began := time.Now()
		for range 300 {
			read("ten_greedy", 1, 10*time.Millisecond)
		}
		require.InDelta(t, 6*time.Second, time.Since(began), float64(400*time.Millisecond), "three seconds of work")
		require.Zero(t, read("ten_another", 2, 10*time.Millisecond))
		leave, err := gate.Enter(t.Context(), 1)
		require.NoError(t, err)
		leave()
		time.Sleep(time.Minute)
		require.Zero(t, read("ten_greedy", 1, 0))
	})
}

// Sixty readers of one clinic, page after page, once kept another clinic's list waiting for 12 s.
func TestAHundredReadsOfOneClinicKeepNeitherAnothersNorThePlatformsWaiting(t *testing.T) {
	t.Parallel()
	db, err := tenants.Open(
		tenantstest.New(t).URL(tenantstest.API),
		tenants.Options{Name: "api", MaxConns: 8, Gate: app.ReadersGate(), Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	release := make(chan struct{})
	inside := make(chan struct{}, 100)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			_ = db.In(ctx, 1, func(*tenants.Tx) error {
				inside <- struct{}{}
				<-release
				return nil
			})
		})
	}
	tenantstest.Eventually(t, time.Minute, "its share is taken", func() bool { return len(inside) == 4 })
	for clinic := range domain.ClinicID(20) {
		require.NoError(t, db.In(ctx, 2+clinic%3, func(*tenants.Tx) error { return nil }), fmt.Sprint(clinic))
	}
	require.NoError(t, db.Platform(ctx, func(*tenants.Tx) error { return nil }))
	require.NoError(t, db.Pool().Ping(ctx), "the platform's feed has a connection of its own")
	require.Len(t, inside, 4, "the others of the first clinic waited meanwhile")
	close(release)
	all.Wait()
	require.Len(t, inside, 100, "and had their turn")
}
