package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
)

// stuck is a fleet of which the first clinic's reads of a path do not end.
type stuck struct {
	*fleet
	asked atomic.Int32 // reads that hang, or hung
	free  chan struct{}
}

func newStuck(t *testing.T, clinics int, path string) *stuck {
	s := &stuck{fleet: newFleet(t, clinics), free: make(chan struct{})}
	key := s.clinics[0].account.Key
	gate := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if in.Header.Get("access_token") == key && strings.HasSuffix(in.URL.Path, path) &&
			in.URL.Query().Get("limit") != "1" { // no probe of a permission
			s.asked.Add(1)
			select {
			case <-s.free:
			case <-in.Context().Done():
				return
			}
		}
		s.sim.ServeHTTP(out, in)
	}))
	t.Cleanup(gate.Close)
	connector, err := s.MakeConnector()
	require.NoError(t, err)
	connector.Client, err = asaasapi.New(asaasapi.Config{Simulator: gate.URL, Timeout: 5 * time.Minute, Now: s.Now})
	require.NoError(t, err)
	t.Cleanup(connector.Client.Close)
	return s
}

// watch looks after the fleet until what it returns is called, which returns when nothing
// is under way any more.
func (s *stuck) watch(t *testing.T) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		(&jobs.Monitor{Connector: s.Connector, Log: slog.New(slog.DiscardHandler), Pause: 20 * time.Millisecond}).Run(ctx)
	}()
	return func() { cancel(); <-ended }
}

// imported tells whether the first 90 days of a clinic were imported.
func (s *stuck) imported(clinic int) (done bool) {
	err := s.APIDB.In(s.t.Context(), s.clinics[clinic].clinic.ID, func(tx *tenants.Tx) error {
		r, err := connection.LoadSchedule(tx)
		done = !r.BackfilledAt.IsZero()
		return err
	})
	require.NoError(s.t, err)
	return done
}

func TestATurnThatWaitsHoldsUpNobodyElsesNext(t *testing.T) {
	t.Parallel()
	s := newStuck(t, 2, "/payments")
	end := s.watch(t)
	defer end()
	defer close(s.free)
	tenantstest.Eventually(
		t,
		40*time.Second,
		"the import that hangs, and the other's end",
		func() bool { return s.asked.Load() > 0 && s.imported(1) },
	)
	s.join(2, s.Connector.WebhookURL)
	tenantstest.Eventually(
		t,
		40*time.Second,
		"the first turn of a clinic that came meanwhile",
		func() bool { return s.imported(2) },
	)
	require.False(t, s.imported(0), "the first one hangs still")
}

func TestAProcessThatEndsLeavesItsTurnToTheNextOne(t *testing.T) {
	t.Parallel()
	s := newStuck(t, 1, "/payments")
	end := s.watch(t)
	tenantstest.Eventually(t, 40*time.Second, "the import that hangs", func() bool { return s.asked.Load() > 0 })
	end()
	require.Equal(t, "running", s.operation(t).State, "it is given back, and no failure")
	close(s.free)
	checked, err := s.Connector.Monitor(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, checked, "no half hour lies between")
	require.True(t, s.imported(0))
}

// operation returns the first clinic's last one.
func (s *stuck) operation(t *testing.T) (o tenants.Operation) {
	err := s.APIDB.In(t.Context(), s.clinics[0].clinic.ID, func(tx *tenants.Tx) error {
		list, err := tx.Operations(1)
		if err == nil {
			o = list[0]
		}
		return err
	})
	require.NoError(t, err)
	return o
}
