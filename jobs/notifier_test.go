package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants/tenantstest"
)

// notifying returns a notifier, and the Redis it tells.
func notifying(t *testing.T) (*Notifier, *redis.Client) {
	t.Helper()
	opt, err := redis.ParseURL(tenantstest.New(t).RedisURL())
	require.NoError(t, err)
	r := redis.NewClient(opt)
	t.Cleanup(func() { r.Close() })
	return NewNotifier(t.Context(), r, slog.New(slog.DiscardHandler)), r
}

// isReady tells whether a clinic is a member of the ready set.
func isReady(r *redis.Client, clinic domain.ClinicID) bool {
	return r.ZScore(context.Background(), readyKey, fmt.Sprint(int(clinic))).Err() == nil
}

// take takes the next ready clinic as a worker does, and does nothing about it.
func take(t *testing.T, r *redis.Client) domain.ClinicID {
	t.Helper()
	taken, err := readySet{r}.pop(context.Background(), 20*time.Second, 1)
	require.NoError(t, err)
	return clinicsIn(taken)[0]
}

func TestAClinicIsReadyOnceHoweverOftenItIsToldOf(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	for range 50 {
		n.Notify(13)
		n.Notify(14)
	}
	tenantstest.Eventually(t, 20*time.Second, "both are ready", func() bool { return isReady(r, 13) && isReady(r, 14) })
	n.Notify(15)
	tenantstest.Eventually(t, 20*time.Second, "a third one is", func() bool { return isReady(r, 15) })
	members, err := r.ZCard(context.Background(), readyKey).Result()
	require.NoError(t, err)
	require.EqualValues(t, 3, members)
}

func TestANoticeCostsNoTask(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	for range 20 {
		n.Notify(33)
		require.EqualValues(t, 33, take(t, r))
	}
	keys, err := r.Keys(context.Background(), "*").Result()
	require.NoError(t, err)
	require.NotContains(t, keys, "asynq:queues", "asynq carries long work alone")
}

func TestANoticeAfterAWorkerTookTheClinicMakesItReadyAgain(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	n.Notify(53)
	require.EqualValues(t, 53, take(t, r))
	require.False(t, isReady(r, 53))
	n.Notify(53)
	require.EqualValues(t, 53, take(t, r))
}

func TestAClinicThatIsToldOfAgainAndAgainKeepsItsPlace(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	for _, clinic := range []domain.ClinicID{63, 64, 63, 63} {
		n.Notify(clinic)
		tenantstest.Eventually(t, 20*time.Second, "ready", func() bool { return isReady(r, clinic) })
	}
	require.EqualValues(t, 63, take(t, r))
	require.EqualValues(t, 64, take(t, r))
}

func TestAClosedNotifierHasToldOfAll(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	for clinic := domain.ClinicID(73); clinic < 80; clinic++ {
		n.Notify(clinic)
	}
	n.Close()
	for clinic := domain.ClinicID(73); clinic < 80; clinic++ {
		require.True(t, isReady(r, clinic), "clinic %d", clinic)
	}
}

func TestAMuteRedisHoldsUpNobodyWhoNotifies(t *testing.T) {
	t.Parallel()
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never answers
	require.NoError(t, err)
	defer mute.Close()
	// The client waits for an hour: whoever waits for it does not get to the end of this test.
	r := redis.NewClient(
		&redis.Options{
			Addr:         mute.Addr().String(),
			DialTimeout:  time.Hour,
			ReadTimeout:  time.Hour,
			WriteTimeout: time.Hour,
			MaxRetries:   -1,
		},
	)
	defer r.Close()
	n := NewNotifier(t.Context(), r, slog.New(slog.DiscardHandler))
	for c := domain.ClinicID(1); c <= 10_000; c++ {
		n.Notify(c)
	}
}

func TestAMemberThatIsNoClinicIsLeftOut(t *testing.T) {
	t.Parallel()
	require.Equal(
		t,
		[]domain.ClinicID{7},
		clinicsIn([]redis.Z{{Member: "x"}, {Member: "0"}, {Member: "7"}, {Member: "-1"}, {Member: 5}}),
	)
}
