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
	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
	"patapay/tenants/people"
)

// monitorWorld is a clinic whose webhook stands at the simulator, behind a door that can be
// broken, and whose first import was made.
type monitorWorld struct {
	*programWorld
	self   tenants.Clinic
	hook   string
	broken atomic.Bool
}

func newMonitorWorld(t *testing.T) *monitorWorld {
	t.Helper()
	w := &monitorWorld{programWorld: newProgramWorld(t)}
	noon := time.Now().UTC().Truncate(
		24 * time.Hour,
	).Add(
		39 * time.Hour,
	) // tomorrow's in São Paulo: no night comes between
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
	w.Connector.WebhookURL = front.URL + "/financial/gateway-payments/webhook/asaas"
	w.in(t, func(tx *tenants.Tx) (err error) {
		w.self, err = tx.Self()
		return errors.Join(
			err,
			connection.Backfilled(tx, w.Now()),
			people.AddUser(
				tx,
				people.User{
					ID:           tenants.NewID(w.Now()),
					Email:        "ana@example.com",
					Name:         "Ana",
					PasswordHash: "x",
					Role:         auth.RoleAdmin,
				},
				w.Now(),
			),
		)
	})
	report, err := w.Connector.EnsureWebhook(
		t.Context(),
		w.self,
		connect.Ensure{Email: "fin@example.com", Precondition: connect.Unconditional},
	)
	require.NoError(t, err)
	w.hook = "/v3/webhooks/" + report.Webhook.ID
	return w
}

// superuser returns a connection that no wall stops.
func (w *programWorld) superuser(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), w.Config.DatabaseURL.Reveal())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// count returns the one number that answers to a query of a superuser's. Its connection ends with it: conditions ask
// again and again, and Postgres has room for a hundred.
func (w *programWorld) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), w.Config.DatabaseURL.Reveal())
	require.NoError(t, err)
	defer func() { _ = c.Close(context.WithoutCancel(t.Context())) }()
	require.NoError(t, c.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// panel changes the configuration at the gateway, as somebody in its panel would.
func (w *monitorWorld) panel(t *testing.T, body string) {
	t.Helper()
	r := httptest.NewRequest("PUT", w.hook, strings.NewReader(body))
	r.Header.Set("access_token", w.account.Key)
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, r)
	require.Equal(t, 200, answer.Code, answer.Body)
}

// monitor gives the clinic its turn, after d, and expects one.
func (w *monitorWorld) monitor(t *testing.T, after time.Duration) {
	t.Helper()
	w.ahead.Add(int64(after))
	checked, err := w.Connector.Monitor(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, checked, "clinics looked after")
}

func (w *monitorWorld) connection(t *testing.T) (c connection.Connection) {
	t.Helper()
	w.in(t, func(tx *tenants.Tx) (err error) { c, err = connection.Load(tx); return err })
	return c
}

// mails returns the phases of the e-mails about incidents of a kind, the oldest first.
func (w *monitorWorld) mails(t *testing.T, kind string) (phases []string) {
	t.Helper()
	w.in(t, func(tx *tenants.Tx) error {
		list, err := alarm.Mails(tx, 100)
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

// another returns the graph of a second process on the same database.
func (w *monitorWorld) another(t *testing.T) *connect.Connector {
	t.Helper()
	a, err := app.New(w.Config, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	t.Cleanup(a.Close)
	a.Now = w.Now
	c, err := a.MakeConnector()
	require.NoError(t, err)
	c.WebhookURL = w.Connector.WebhookURL
	return c
}

// atOnce runs fn with each connector at the same time, several times over.
func atOnce(connectors []*connect.Connector, fn func(*connect.Connector)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, c := range connectors {
		group.Go(func() { <-start; fn(c) })
	}
	close(start)
	group.Wait()
}
