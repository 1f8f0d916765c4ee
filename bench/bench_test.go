package main

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/tenants/devstack"
)

func TestABarIsJudgedByTheMedianOfItsRoundsRatios(t *testing.T) {
	t.Parallel()
	f := figures{"drain/s": {500, 100, 900}, "naive drain/s": {100, 100, 100}}
	drain := bar{"drain ÷ naive", "drain/s", "naive drain/s", 5, 7, true}
	require.Equal(t, []float64{5, 1, 9}, f.rounds(drain), "each round by its own naive")
	require.Equal(t, "holds", drain.judge(median(f.rounds(drain))))
	require.Equal(t, "below", drain.judge(4.99))
	require.Equal(t, "holds, reaches", drain.judge(7))
	idle := bar{"idle worker", "idle worker %", "", 1, 0.5, false}
	require.Equal(t, "holds, reaches", idle.judge(0.4))
	require.Equal(t, "holds", idle.judge(1))
	require.Equal(t, "below", idle.judge(1.01))
}

func TestWhatWasNotMeasuredIsToldInWordsAndNeverAsANumber(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	figures{"ack/s": {5000}, "naive ack/s": {1000}, "idle worker %": {0.5}}.print(&out, "a48109d")
	text := out.String()
	require.NotContains(t, text, "NaN")
	require.Contains(
		t, text, "| acks/s, 32 connections ÷ naive | – | 1,000 | ≥ 3.5 | 4 | 5 (5,000) | 1 (5–5) | holds, reaches |",
	)
	require.Contains(t, text, "Not measured: acks/s ÷ pgbench")
	require.Contains(t, text, "; acks/s ÷ a48109d; ")
	require.Equal(t, "–", shown(math.Inf(1)))
	require.Equal(t, "1,234,567", shown(1234567))
}

func TestPartsAreChosenByProfileAndByName(t *testing.T) {
	t.Parallel()
	chosen := func(o options) (list []string) {
		parts, err := o.chosen()
		require.NoError(t, err)
		for _, p := range parts {
			list = append(list, p.name)
		}
		return list
	}
	require.Equal(t, []string{"confirmed"}, chosen(options{profile: production, stored: 1}))
	require.NotContains(t, chosen(options{profile: plain, stored: 1}), "confirmed")
	require.Len(t, chosen(options{profile: all, stored: 1}), len(parts))
	require.NotContains(t, chosen(options{profile: all}), "growth", "nothing is to be stored")
	require.Equal(t, []string{"ack", "drain"}, chosen(options{profile: all, only: "drain,ack"}))
	for _, wrong := range []options{{profile: "both"}, {profile: all, only: "drian"}, {profile: all, only: "ack,drian"}} {
		_, err := wrong.chosen()
		require.Error(t, err)
	}
}

func TestAPartThatFailsIsNamedWithTheLastLinesOfTheLogsOfItsTime(t *testing.T) {
	t.Parallel()
	b := &bench{options: options{rounds: 2}, dir: t.TempDir()}
	old := filepath.Join(b.dir, "old.log")
	require.NoError(t, os.WriteFile(old, []byte("of another part\n"), 0o600))
	require.NoError(t, os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)))
	calls := 0
	err := measure(b, []part{{name: "drain", fn: func(b *bench) error {
		if calls++; calls < 2 {
			return nil
		}
		lines := strings.Repeat("before\n", 20) + "what broke\n"
		require.NoError(t, os.WriteFile(filepath.Join(b.dir, "patapaywork.log"), []byte(lines), 0o600))
		return context.DeadlineExceeded
	}}})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "part drain, round 2")
	require.ErrorContains(t, err, "patapaywork.log\nbefore")
	require.ErrorContains(t, err, "what broke")
	require.Equal(t, 14, strings.Count(err.Error(), "before\n"))
	require.NotContains(t, err.Error(), "of another part")
}

func TestTheGatewayHasWhatTheDeliveriesLeadToAndCountsWhoAsks(t *testing.T) {
	t.Parallel()
	g := &gateway{objects: map[string]gatewayObject{}, answers: map[string]int{}, other: map[string]int{}}
	bodies := filepath.Join(t.TempDir(), "bodies.ndjson")
	require.NoError(t, os.WriteFile(bodies, []byte(
		`{"dateCreated":"2026-01-02 10:00:00","payment":{"id":"pay_1","status":"RECEIVED"}}
{"dateCreated":"2026-01-02 09:00:00","payment":{"id":"pay_1","status":"PENDING"}}
{"dateCreated":"2026-01-02 09:00:00","anticipation":{"id":"a-1","status":"CREDITED"}}
{"dateCreated":"2026-01-02 09:00:00","checkout":{"id":"c-1","status":"PAID"}}
`), 0o600))
	require.NoError(t, g.has(bodies))
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	code, body := ask("/v3/payments/pay_1")
	require.Equal(t, http.StatusOK, code)
	require.JSONEq(t, `{"id":"pay_1","status":"RECEIVED"}`, body, "the newest, whatever came last")
	code, _ = ask("/v3/anticipations/a-1")
	require.Equal(t, http.StatusOK, code)
	code, _ = ask("/v3/payments/pay_2")
	require.Equal(t, http.StatusNotFound, code)
	code, _ = ask("/v3/customers/cus_1")
	require.Equal(t, http.StatusForbidden, code)
	reads, other := g.answered()
	require.Equal(t, 2, reads)
	require.Equal(t, map[string]int{"GET payments": 1, "GET customers": 1}, other)
}

// Roles belong to the server: the build before was measured with the plans of ours.
func TestWhatOneBuildSetForItsRolesIsNotSetForAnothers(t *testing.T) {
	t.Parallel()
	stack, err := devstack.Start(t.Context(), devstack.Options{})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	b := &server{ctx: t.Context(), stack: stack}
	require.NoError(t, b.admin("CREATE ROLE patapay_worker", "ALTER ROLE patapay_worker SET enable_seqscan = off"))
	conn, err := pgx.Connect(t.Context(), stack.PostgresURL(devstack.Owner, "postgres"))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	of, err := roleSettings(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, []string{"ALTER ROLE patapay_worker SET enable_seqscan TO 'off'"}, of)
	_, err = b.database(&template{name: "template1"})
	require.NoError(t, err)
	left, err := roleSettings(t.Context(), conn)
	require.NoError(t, err)
	require.Empty(t, left, "the other build set nothing")
	_, err = b.database(&template{name: "template1", roles: of})
	require.NoError(t, err)
	again, err := roleSettings(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, of, again)
}

func TestProgramsLogsAreTheirOwn(t *testing.T) {
	t.Parallel()
	b := &bench{server: server{ctx: t.Context()}, dir: t.TempDir()}
	for _, role := range []string{"api", "worker"} {
		p, err := b.start("/bin/true", nil, "-role", role)
		require.NoError(t, err)
		_ = p.cmd.Wait()
	}
	logs, err := filepath.Glob(filepath.Join(b.dir, "*.log"))
	require.NoError(t, err)
	require.Equal(t, 2, len(slices.Compact(logs)))
}
