package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/migrations"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// TestNoKeyIsRetiredUnderAProcessThatLacksItsSuccessor: a rotation before the last process had the new key moved what
// that process needs out of its reach, and each of its deliveries was answered 503 or 401.
func TestNoKeyIsRetiredUnderAProcessThatLacksItsSuccessor(t *testing.T) {
	t.Parallel()
	random := func() string {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		return base64.StdEncoding.EncodeToString(key)
	}
	set, err := vault.AddMasterKey(app.DevelopmentKeyset)
	require.NoError(t, err)
	signing, pepper := random(), random()
	for kind, c := range map[string]struct {
		fresh string // the setting with the new key
		run   func(*app.App, context.Context, io.Writer) error
		mark  func(*app.App) string
	}{
		"master": {"MASTER_KEYSET=" + set.Reveal(), keysRotateMasterCmd{}.run, (*app.App).MasterMark},
		"master, the proof": {
			"MASTER_KEYSET=" + set.Reveal(), keysRotateMasterCmd{Finish: true}.run, (*app.App).MasterMark,
		},
		"pepper": {
			"TOKEN_PEPPER=" + pepper + "," + app.DevelopmentPepper.Reveal(), keysRotatePepperCmd{Finish: true}.run,
			(*app.App).PepperMark,
		},
		"jwt": {"JWT_SIGNING_KEY=" + signing, keysRotateJWTCmd{Finish: true}.run, (*app.App).SigningMark},
	} {
		t.Run(kind, func(t *testing.T) {
			db := tenantstest.New(t)
			settings := settingsOf(db)
			old := opened(t, settings)
			fresh := opened(t, append(settings[:len(settings):len(settings)], c.fresh))
			require.NotEqual(t, c.mark(old), c.mark(fresh))
			before, after := tenants.NewID(time.Now()), tenants.NewID(time.Now())
			require.NoError(t, old.KeysFit(t.Context()))
			require.NoError(t, old.NoteRunning(t.Context(), before, "serve on an-old-host"))
			require.NoError(t, fresh.NoteRunning(t.Context(), after, "work on a-new-host"))
			var out bytes.Buffer
			require.Equal(t, unhealthy(1), c.run(fresh, t.Context(), &out))
			require.Contains(t, out.String(), c.mark(fresh))
			require.Contains(t, out.String(), "serve on an-old-host")
			require.NotContains(t, out.String(), "a-new-host")
			require.NoError(t, old.EndRunning(t.Context(), before))
			require.NoError(t, rotateMaster(fresh, t.Context(), false, io.Discard)) // or its proof finds something left
			require.NoError(t, c.run(fresh, t.Context(), &out), "%s", &out)
		})
	}
}

// TestAKilledProcessKeepsARotationForTwoMinutesAndARunningOneAsLongAsItRuns: a row that nobody takes away must
// not keep a leaked key in use.
func TestAKilledProcessKeepsARotationForTwoMinutesAndARunningOneAsLongAsItRuns(t *testing.T) {
	t.Parallel()
	a := opened(t, settingsOf(tenantstest.New(t)))
	now := time.Now().UTC().Truncate(time.Microsecond)
	killed, lives := tenants.NewID(now), tenants.NewID(now)
	note := func(id domain.UUID, at time.Time) {
		require.NoError(t, a.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
			return tenants.NoteProcess(tx, tenants.Process{ID: id, Name: "serve", Marks: []string{"a"}, SeenAt: at})
		}))
	}
	running := func(at time.Time) (ids []domain.UUID) {
		require.NoError(t, a.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
			list, err := tenants.Processes(tx, at)
			for _, p := range list {
				ids = append(ids, p.ID)
			}
			return err
		}))
		return ids
	}
	note(killed, now)
	note(lives, now)
	note(lives, now.Add(tenants.ProcessKept))
	require.Len(t, running(now.Add(tenants.ProcessKept)), 2)
	require.Equal(t, []domain.UUID{lives}, running(now.Add(tenants.ProcessKept+time.Second)))
}

func TestAProcessIsNotedWhileItRunsAndForgottenWhenItStops(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	asks, runs := opened(t, settingsOf(db)), opened(t, settingsOf(db))
	noted := func() int {
		lacking, err := asks.Without(t.Context(), "a key that nobody has")
		require.NoError(t, err)
		return len(lacking)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runs.Run(ctx, false, true) }()
	tenantstest.Eventually(t, time.Minute, "it is noted", func() bool { return noted() == 1 })
	lacking, err := asks.Without(t.Context(), asks.MasterMark())
	require.NoError(t, err)
	require.Empty(t, lacking)
	lacking, err = asks.Without(t.Context(), migrations.SchemaMark())
	require.NoError(t, err)
	require.Empty(t, lacking, "behind a pooler nothing else says which migration it knows")
	stop()
	require.NoError(t, <-ended)
	require.Zero(t, noted())
}
