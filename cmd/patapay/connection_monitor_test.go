package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
)

func TestAPausedQueueIsResumedDrainedAndComparedAndItsAlarmMailsNobody(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.play(t, flows.All()[0])
	w.monitor(t, 0)
	w.panel(t, `{"interrupted":true}`)
	for _, flow := range flows.All()[:4] {
		w.play(t, flow)
	}
	require.NotZero(t, w.sim.Backlog(w.account.ID))
	w.monitor(t, halfHour)
	require.Zero(t, w.sim.Backlog(w.account.ID))
	require.Equal(t, domain.ConnectionActive, w.connection(t).State, w.connection(t).Reason)
	require.Empty(t, w.mails(t, "paused"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'paused' AND closed_at IS NOT NULL`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM certificates WHERE unexplained = 0 AND read > 0`))
	require.Zero(
		t,
		w.count(t, `SELECT count(*) FROM guard_rounds WHERE gap_since IS NOT NULL`),
		"what was missed is compared",
	)
}

func TestAQueueIsNotResumedIntoABrokenDoorAndTheAgendaSaysSo(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	seen := w.Now()
	w.broken.Store(true)
	w.panel(t, `{"interrupted":true}`)
	w.monitor(t, halfHour)
	for range 3 {
		w.monitor(t, 6*time.Minute) // it tries again sooner than the next health check
	}
	c := w.connection(t)
	require.Equal(t, domain.ConnectionPaused, c.State)
	require.Equal(t, "reactivate", c.NextAction)
	require.WithinDuration(
		t,
		seen.Add(14*24*time.Hour),
		c.LossAt,
		time.Minute,
		"14 days after the last look that saw it run",
	)
	require.Equal(t, 4, w.count(t, `SELECT count(*) FROM operations WHERE code = 'self_check_failed'`))
	require.Empty(t, w.mails(t, "paused"), "the agenda writes, which knows the day of the loss")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'paused' AND closed_at IS NULL`))
	require.Equal(
		t,
		1,
		w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'self_check' AND clinic_id = 0 AND closed_at IS NULL`),
	)
	w.broken.Store(false)
	w.monitor(t, 6*time.Minute)
	require.NotEqual(t, domain.ConnectionPaused, w.connection(t).State)
	require.Zero(
		t,
		w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'self_check' AND closed_at IS NULL`),
		"the door answers again",
	)
}

func TestTwoMonitorsAtOnceCheckAClinicOnce(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	other := w.another(t)
	for turn := range 4 {
		var checked atomic.Int32
		atOnce([]*connect.Connector{w.Connector, other, w.Connector, other}, func(c *connect.Connector) {
			n, err := c.Monitor(context.Background())
			if err != nil {
				t.Error(err)
			}
			checked.Add(int32(n))
		})
		require.EqualValues(t, 1, checked.Load(), "turn %d", turn)
		w.ahead.Add(int64(halfHour))
	}
}

func TestATurnThatIsBroughtForwardWaitsForTheOneUnderWay(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.in(t, func(tx *tenants.Tx) error { // another process is at it when an event about the key comes
		taken, err := tx.TakeLease("guard", "another process", w.Now(), w.Now().Add(time.Hour))
		require.True(t, taken)
		return errors.Join(err, connection.ScheduleNow(tx, w.Now()))
	})
	checked, err := w.Connector.Monitor(t.Context())
	require.NoError(t, err)
	require.Zero(t, checked)
	w.monitor(t, time.Hour) // it died: its lease ends by itself
}

func TestTwoEnsuresOfTwoProcessesNeverMakeTwoWebhooks(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	other := w.another(t)
	for range 5 {
		r := httptest.NewRequest("DELETE", w.hook, nil)
		r.Header.Set("access_token", w.account.Key)
		w.sim.ServeHTTP(httptest.NewRecorder(), r)
		var made atomic.Int32
		atOnce([]*connect.Connector{w.Connector, other, w.Connector, other}, func(c *connect.Connector) {
			report, err := c.EnsureWebhook(context.Background(), w.self, connect.Ensure{Precondition: connect.Unconditional})
			var failed *asaasapi.Error
			if err != nil && !(errors.As(err, &failed) && failed.Code == asaasapi.Busy) {
				t.Error(err)
			}
			if report.Created {
				made.Add(1)
			}
		})
		require.EqualValues(t, 1, made.Load())
		report, err := w.Connector.ReadWebhook(t.Context(), w.self)
		require.NoError(t, err)
		require.True(t, report.OK(), "%+v", report)
		w.hook = "/v3/webhooks/" + report.Webhook.ID
	}
}

func TestDriftIsMendedAndWhatIsAMatterOfTasteStays(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	w.panel(t, `{"name":"Minha clínica","enabled":false,"events":["PAYMENT_CREATED","TRANSFER_CREATED"]}`)
	w.monitor(t, halfHour)
	report, err := w.Connector.ReadWebhook(t.Context(), w.self)
	require.NoError(t, err)
	for _, line := range report.Lines {
		require.True(t, line.OK, "%+v", line)
	}
	require.Contains(t, report.Webhook.Events, "TRANSFER_CREATED", "what somebody chose beside ours stays")
	w.panel(t, `{"name":"Minha clínica"}`)
	w.monitor(t, halfHour)
	report, err = w.Connector.ReadWebhook(t.Context(), w.self)
	require.NoError(t, err)
	require.Equal(t, "Minha clínica", report.Webhook.Name, "a name is no drift")
}

func TestAKeyEventIsProbedAtOnceAndOnlyARefusalMovesTheState(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.play(t, flows.All()[0])
	w.monitor(t, 0)
	event := func(sample string) {
		w.post(t, token, w.forge(t, sample, "key-of-somebody"))
		tenantstest.Eventually(t, 5*time.Second, "the turn is brought forward", func() bool {
			return w.count(t, `SELECT count(*) FROM guard_rounds WHERE next_at <= $1`, w.Now()) == 1
		})
	}
	event("access_token_disabled.made")
	w.monitor(t, 0)
	require.Equal(
		t,
		domain.ConnectionActive,
		w.connection(t).State,
		"the event may be about a key that is not ours: "+w.connection(t).Reason,
	)
	require.NoError(t, w.sim.SetKey(w.account.Key, accounts.KeyRevoked))
	event("access_token_disabled.made")
	w.monitor(t, 0)
	require.Equal(t, domain.ConnectionKeyRefused, w.connection(t).State)
	require.Equal(t, []string{"opened"}, w.mails(t, "key_refused"))
	require.NoError(t, w.sim.SetKey(w.account.Key, ""))
	w.monitor(t, halfHour)
	require.Equal(t, domain.ConnectionActive, w.connection(t).State, w.connection(t).Reason)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "key_refused"))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM certificates`), "what the dead key could not read is compared")
}

func TestAKeyThatEndsSoonIsToldOnceAndSolvedByAnotherKey(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	ends := func(id string) {
		w.post(t, token, w.forge(t, "access_token_expiring_soon.made", id))
		tenantstest.Eventually(t, 5*time.Second, "the event is applied", func() bool {
			return w.count(t, `SELECT count(*) FROM guard_rounds WHERE next_at <= $1`, w.Now()) == 1
		})
		w.monitor(t, 0)
	}
	ends("key")
	w.monitor(t, halfHour)
	require.Equal(t, []string{"opened"}, w.mails(t, "key_ending"))
	second, err := w.sim.AddKey(w.account.ID, "")
	require.NoError(t, err)
	w.ahead.Add(int64(time.Minute))
	day := domain.Day("2031-01-01")
	_, err = w.Connector.Save(t.Context(), w.self, connect.Connect{
		Key: secretKey(second), KeyExpiresOn: &day, ConfirmTaxID: true, Precondition: connect.Unconditional,
	})
	require.NoError(t, err)
	w.monitor(t, halfHour)
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "key_ending"))
	ends("other")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'key_ending' AND closed_at IS NULL`))
	require.Equal(t, []string{"opened", "solved"}, w.mails(t, "key_ending"), "of a day that was typed the agenda writes")
}

func TestThreeFailedDeliveriesAreAnAlarmAndThePenaltyIsLiftedWhenOurDoorAnswers(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.monitor(t, 0)
	w.broken.Store(true)
	w.play(t, flows.All()[0])
	failures := func() int { return w.sim.State().Accounts[0].Webhooks[0].Failures }
	for want := 1; want <= 3; want++ {
		tenantstest.Eventually(t, 10*time.Second, "a failed delivery", func() bool { return failures() >= want })
		if want < 3 {
			w.ahead.Add(int64(2 * time.Minute))
			w.panel(t, `{}`) // the sender looks at its clock again
		}
	}
	w.monitor(t, halfHour)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'failing' AND closed_at IS NULL`))
	w.broken.Store(false)
	w.monitor(t, 6*time.Minute)
	w.quiet(t)
	w.monitor(t, halfHour)
	require.Zero(t, w.count(t, `SELECT count(*) FROM alarms WHERE kind = 'failing' AND closed_at IS NULL`))
	require.Empty(t, w.mails(t, "failing"), "our door is not the clinic's to mend")
}

func TestOneInvoiceIsComparedAndWhatDiffersIsAsaassWord(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	made := w.play(t, flows.All()[0])
	w.quiet(t)
	id := made.Payments[0]
	compare := func() connect.Compared {
		t.Helper()
		got, err := w.Connector.CompareInvoice(t.Context(), w.self, id)
		require.NoError(t, err)
		return got
	}
	equal := compare()
	require.True(t, equal.Found)
	require.Empty(t, equal.Differences)
	lost := w.lose(t, 1)
	id = lost[0]
	got := compare()
	require.Equal(t, []connect.Difference{{Field: "invoice", Theirs: id}}, got.Differences)
	require.True(t, got.Settled, "it is read in")
	require.Empty(t, compare().Differences)
}
