//go:build faults

package main

import (
	"crypto/rand"
	"encoding/base64"
	mathrand "math/rand/v2"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// TestFaultKeysRotatedUnderDeliveriesAndKillsLeaveNothingUnderTheOldOnes rotates the master key and the pepper while
// events come, and kills the run that rotates, the receiver and the worker at twenty random instants. All is applied
// and opens by the new keys alone; with the old ones no process starts.
func TestFaultKeysRotatedUnderDeliveriesAndKillsLeaveNothingUnderTheOldOnes(t *testing.T) {
	f := newField(t, "off", 20)
	set, err := vault.AddMasterKey(app.DevelopmentKeyset)
	require.NoError(t, err)
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	pepper := base64.StdEncoding.EncodeToString(random)
	both := []string{"MASTER_KEYSET=" + set.Reveal(), "TOKEN_PEPPER=" + pepper + "," + app.DevelopmentPepper.Reveal()}
	alone := []string{"MASTER_KEYSET=" + onlyPrimary(t, set.Reveal()), "TOKEN_PEPPER=" + pepper}

	serve, work := f.start("serve"), f.start("work")
	l := newLives(f, serve)
	end := l.telling()
	renew := func(door bool) {
		if !door {
			work.kill()
			work = f.start("work", both...)
			return
		}
		fresh := f.start("serve", both...) // beside one that goes on, as in a deploy
		l.through(fresh)
		serve.kill()
		serve = fresh
	}
	renew(true) // nothing is rotated before every process has both keys (docs/operations.md)
	renew(false)
	f.forgetKilled()
	for kill := range 20 {
		what := []string{"master", "pepper"}[kill%2]
		run := f.command(both, "keys", "rotate", what)
		require.NoError(t, run.Start())
		time.Sleep(mathrand.N(500 * time.Millisecond)) // the instant is what the fault is
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL)
		_ = run.Wait()
		renew(kill%2 == 0)
	}
	done := func(args ...string) bool {
		out, err := f.command(both, args...).CombinedOutput()
		t.Logf("%v: %s", args, strings.TrimSpace(string(out)))
		var exit *exec.ExitError
		if err != nil {
			require.ErrorAs(t, err, &exit)
			require.Equal(t, 5, exit.ExitCode(), "what is left is told, and nothing else is wrong")
		}
		return err == nil
	}
	require.True(t, done("keys", "rotate", "master"))
	require.True(t, done("keys", "rotate", "master", "--finish"))
	tenantstest.Eventually(t, time.Minute, "each token has moved by its use", func() bool {
		return done("keys", "rotate", "pepper", "--finish")
	})
	sent := end()
	serve.kill()
	work.kill()
	l.through(f.start("serve", alone...))
	f.start("work", alone...)
	more := len(f.clinics) * len(steps)
	l.tell(sent, sent+more)
	l.applied(sent+more, 2*time.Minute)
	l.only()
	clinics := f.tenants()
	require.Len(t, clinics, 20)
	for _, clinic := range clinics { // opens every body
		out, err := f.command(alone, "rebuild", "--shadow", clinic.Public("ten")).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for _, old := range [][]string{nil, {alone[0]}, {alone[1]}} {
		out, err := f.command(old, "serve").CombinedOutput()
		require.Error(t, err)
		require.True(
			t,
			strings.Contains(string(out), "MASTER_KEYSET") || strings.Contains(string(out), "TOKEN_PEPPER"),
			"%s",
			out,
		)
	}
}

// forgetKilled has the processes that were killed count as ended, as two minutes would: who lives is noted again.
func (f *field) forgetKilled() {
	f.t.Helper()
	require.NoError(f.t, f.change(f.t.Context(), `DELETE FROM processes`))
}

// tenants returns the public ids of the clinics, in the order that they were made in.
func (f *field) tenants() []domain.UUID {
	f.t.Helper()
	owner, err := pgx.Connect(f.t.Context(), f.stack.PostgresURL(devstack.Owner, "postgres"))
	require.NoError(f.t, err)
	defer owner.Close(f.t.Context())
	rows, err := owner.Query(f.t.Context(), `SELECT public_id FROM clinics WHERE clinic_id > 0 ORDER BY clinic_id`)
	require.NoError(f.t, err)
	clinics, err := pgx.CollectRows(rows, pgx.RowTo[domain.UUID])
	require.NoError(f.t, err)
	return clinics
}
