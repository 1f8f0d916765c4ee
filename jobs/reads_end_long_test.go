//go:build faults

package jobs

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants/asaasapi"
)

const longDays = 30

// livedDays lets days pass, each with events of new objects; before each one the gateway's mood may change.
func (w *readsWorld) livedDays(seed uint64, mood func(day int)) (ids []string) {
	for day := range longDays {
		mood(day)
		ids = append(ids, w.lived(rand.New(rand.NewPCG(seed, uint64(day))), 6)...)
		w.pass(24*time.Hour, 10*time.Minute)
	}
	return ids
}

// Whatever the gateway answers about objects, for a month: each is read a few times, and what is stored grows with the
// events alone.
func TestFaultAMonthOfAnswersThatSettleNothingEndsInFewReads(t *testing.T) {
	w := newReadsWorld(t)
	seed := seedOf(t)
	answers, moods := w.answersAboutEntity(), rand.New(rand.NewPCG(seed, 99))
	names := []string{"404", "403", "without a status", "another status", "not to be read", "200"}
	ids := w.livedDays(seed, func(int) { w.answer = answers[names[moods.IntN(len(names))]] })
	for _, id := range ids {
		require.LessOrEqual(t, len(w.asked[id]), 6, "%s", id)
	}
	stored, events := w.number(
		`SELECT coalesce(sum(length(supersedes)), 0) FROM records`,
	), w.number(
		`SELECT count(*) FROM records WHERE truth_clock IS NULL`,
	)
	require.LessOrEqual(t, stored, 26*events, "each event is listed once")
	w.pass(48*time.Hour, time.Hour)
	asked := len(w.calls)
	w.pass(longDays*24*time.Hour, 12*time.Hour)
	require.Len(t, w.calls, asked, "nobody asks for more")
	t.Logf("%d objects, %d events, %d reads", len(ids), events, asked)
}

// A month in which the gateway is away every other day ends as one in which it never was.
func TestFaultAMonthOfOutagesEndsAsOneWithout(t *testing.T) {
	seed := seedOf(t)
	calm := newReadsWorld(t)
	calm.livedDays(seed, func(int) {})
	calm.pass(48*time.Hour, 10*time.Minute)
	outages := []error{
		fmt.Errorf("connection reset"),
		refusal{&asaasapi.Error{Code: asaasapi.TimedOut}},
		refusal{&asaasapi.Error{Code: asaasapi.KeyRefused}},
		refusal{&asaasapi.Error{Code: asaasapi.RateLimited, RetryAfter: 30 * time.Second}},
	}
	w, moods := newReadsWorld(t), rand.New(rand.NewPCG(seed, 98))
	w.livedDays(seed, func(day int) {
		w.answer = w.good
		if day%2 == 1 {
			outage := outages[moods.IntN(len(outages))]
			w.answer = func(string) (Reading, error) { return Reading{}, outage }
		}
	})
	w.answer = w.good
	w.pass(48*time.Hour, 10*time.Minute)
	require.Zero(t, w.number(`SELECT count(*) FROM truth_wants WHERE due_at < 'infinity' AND answers = 0`))
	require.Equal(t, calm.state(), w.state())
	t.Logf("%d calls, %d in the calm month", len(w.calls), len(calm.calls))
}
