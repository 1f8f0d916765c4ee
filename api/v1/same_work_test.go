package v1_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// An answer may be the same and its work tell all the same: who measures knows. Work is counted here, in statements,
// hashes and e-mails, since no clock of a busy machine could tell one from the other.

// countedWorld is a world that counts the statements of its requests, and of what they do in the background.
func countedWorld(t *testing.T, change ...func(*v1.Server)) (*world, *atomic.Int64) {
	t.Helper()
	w := newWorld(t)
	count, address := counted(t, w.base.URL(tenantstest.API))
	var err error // one connection: what is prepared on it once is not prepared again
	w.db, err = tenants.Open(address, tenants.Options{Name: "counted", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(w.db.Close)
	w.serve(w.gateAt, open(t, w.base.URL(tenantstest.Ingest), "ingest"), change)
	return w, count
}

// least is the work of the lightest of three tries: what runs beside them only adds to it.
func least(count *atomic.Int64, try func()) int64 {
	var tries []int64
	for range 3 {
		before := count.Load()
		try()
		tries = append(tries, count.Load()-before)
	}
	return slices.Min(tries)
}

func TestAnInvitationIsTheSameWorkWhoeverHasALogin(t *testing.T) {
	mails := make(mailbox, 10)
	w, count := countedWorld(t, func(s *v1.Server) {
		s.Mailer, s.LinkLimit = mails, auth.NewLimiter(nil, 100, time.Second)
	})
	_, known := w.tenant("conhecida")
	id, email := w.tenant("convida")
	admin := w.login(email)
	work := func(to string) int64 {
		user := w.must(202, admin, "POST", "/v1/tenants/"+id+"/users",
			map[string]any{"name": "Bia", "email": to, "role": "reader"}).text("id")
		mails.mail(w, to)
		return least(count, func() {
			w.must(200, admin, "POST", "/v1/tenants/"+id+"/users/"+user+"/password", nil, "If-Match: *")
			mails.mail(w, to)
		})
	}
	free := work("livre@example.com")
	require.Equal(t, free, work(known))
	require.Greater(t, free, int64(10), "nothing was counted")
	require.Empty(t, mails)
}

// TestALoginIsTheSameWorkWhoeverIsThere: one hash and the same statements, for a person, a stranger and an invited one.
func TestALoginIsTheSameWorkWhoeverIsThere(t *testing.T) {
	var hashes atomic.Int64
	w, count := countedWorld(t, func(s *v1.Server) {
		s.Logins.Compare = func(ctx context.Context, password, hash string, known bool) (bool, error) {
			hashes.Add(1)
			return auth.CheckPassword(ctx, password, hash, known)
		}
	})
	id, email := w.tenant("esta")
	_, _, _ = invited(w, w.login(email), id, "bia@example.com", "reader")
	hashes.Store(0)
	work := func(email string) int64 {
		return least(count, func() {
			w.must(401, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": "wrong wrong"})
		})
	}
	here := work(email)
	require.Positive(t, here, "nothing was counted")
	require.Equal(t, here, work("ninguem@example.com"))
	require.Equal(t, here, work("bia@example.com"))
	require.Equal(t, int64(3*3), hashes.Load())
}

// TestAForeignTenantAndAnAbsentOneAreTheSameWork: in either form of its name, for a reader and a writer.
func TestAForeignTenantAndAnAbsentOneAreTheSameWork(t *testing.T) {
	w, count := countedWorld(t)
	foreign, _ := w.tenant("alheia")
	_, email := w.tenant("propria")
	token := w.login(email)
	last := "0"
	if strings.HasSuffix(foreign, last) {
		last = "8"
	}
	absent := foreign[:len(foreign)-1] + last
	for _, ask := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/invoices?limit=1", nil},
		{"GET", "/connection", nil},
		{"PUT", "/factor-rule", map[string]any{"required": false}},
	} {
		work := func(tenant string) int64 {
			return least(count, func() { w.must(404, token, ask.method, "/v1/tenants/"+tenant+ask.path, ask.body) })
		}
		require.Equal(t, work(foreign), work(absent), "%v by id", ask)
		require.Equal(t, work("ext:alheia"), work("ext:ausente"), "%v by the platform's name", ask)
	}
}
