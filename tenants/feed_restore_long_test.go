//go:build faults

package tenants_test

import (
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/migrations"
	"patapay/tenants/devstack"
)

// forkInstants is at how many random instants a copy is made.
const forkInstants = 20

// A base backup that is simply started shows no sign: a person notes the epoch, as docs/operations.md says.
func TestFaultABaseBackupIsStartedAndNoConsumerMissesAnEntry(t *testing.T) {
	t.Parallel()
	forks(t, func(t *testing.T, w *world, stack *devstack.Stack, lag func()) *world {
		lag()
		restored, err := stack.Copy(t.Context(), false)
		require.NoError(t, err)
		t.Cleanup(restored.Stop)
		lag()
		_, err = migrations.BeginEpoch(t.Context(), restored.PostgresURL(devstack.Owner, "postgres"), true)
		require.NoError(t, err)
		return worldOn(t, restored, "postgres", w.vault)
	})
}

func TestFaultADumpIsRestoredAndNoConsumerMissesAnEntry(t *testing.T) {
	t.Parallel()
	younger := cluster(t)
	var n atomic.Int64
	forks(t, func(t *testing.T, w *world, stack *devstack.Stack, lag func()) *world {
		lag()
		dump, err := exec.CommandContext(
			t.Context(),
			"pg_dump",
			"--dbname="+stack.PostgresURL(devstack.Owner, "postgres"),
		).Output()
		require.NoError(t, err)
		lag()
		name := fmt.Sprintf("restored_%d", n.Add(1))
		admin, err := pgxpool.New(t.Context(), younger.PostgresURL(devstack.Owner, "postgres"))
		require.NoError(t, err)
		defer admin.Close()
		_, err = admin.Exec(t.Context(), `CREATE DATABASE `+name)
		require.NoError(t, err)
		load := exec.CommandContext(t.Context(), "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1",
			"--dbname="+younger.PostgresURL(devstack.Owner, name))
		load.Stdin = strings.NewReader(string(dump))
		out, err := load.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return worldOn(t, younger, name, w.vault)
	})
}
