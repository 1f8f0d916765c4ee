package simulator

import (
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
)

// told returns what the account's webhook got of events with the given prefix, each with
// the day and the hour it is dated.
func told(t *testing.T, s *Simulator, r *receiver, prefix string) (lines []string) {
	t.Helper()
	drain(t, s)
	for _, b := range r.got() {
		if name, ok := strings.CutPrefix(b.Text("event"), prefix); ok {
			lines = append(lines, name+" "+b.Text("dateCreated")[:13])
		}
	}
	return lines
}

// What the clock brings by itself, each written down by hand: noon is Sunday 2026-11-22,
// 12 h in São Paulo.
func TestTheClockBringsWhatIsDue(t *testing.T) {
	for _, c := range []struct {
		name   string
		flow   flows.Flow
		go_    time.Duration
		prefix string
		want   string // after what the flow told itself
	}{
		{
			"a boleto due on Sunday a week on is overdue on Monday at three", flows.FlowBoletoOpen, 9 * accounts.Day,
			"PAYMENT_", "CREATED 2026-11-22 11 OVERDUE 2026-11-30 03",
		},
		{"… and not a day before", flows.FlowBoletoOpen, 7 * accounts.Day, "PAYMENT_", "CREATED 2026-11-22 11"},
		{
			"a captured card is credited on its credit date", flows.FlowCaptured, 33 * accounts.Day, "PAYMENT_REC",
			"EIVED 2026-12-23 03",
		},
		{
			"an advance is settled by the credit of its charge", flows.FlowAnticipationCredited, 40 * accounts.Day,
			"RECEIVABLE_ANTICIPATION_D", "EBITED 2026-12-22 03",
		},
		{
			"a won dispute is credited in the end", flows.FlowChargebackWon, 40 * accounts.Day, "PAYMENT_REC",
			"EIVED 2026-11-24 03",
		},
		{
			"a dispute that nobody answers is lost", flows.FlowDisputeOpen, 16 * accounts.Day, "PAYMENT_REF",
			"UNDED 2026-12-06 12",
		},
		{
			"a subscription goes on", flows.FlowCheckoutRecurrent, 45 * accounts.Day, "PAYMENT_C",
			"REATED 2026-11-22 11 CONFIRMED 2026-11-22 11 REATED 2026-11-23 04 REATED 2026-12-13 04 CONFIRMED 2026-12-22 09",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock, r := clock.NewManualClock(noon), newReceiver(t, 200)
			s, a, _ := started(t, clock, r)
			play(t, s, a, c.flow)
			drain(t, s)
			clock.Advance(c.go_)
			got := strings.Join(told(t, s, r, c.prefix), " ")
			got = strings.ReplaceAll(got, "ONFIRMED", "CONFIRMED") // the prefix cut its first letter
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAChargeMadeByTheAPIUnfoldsOnTheClock(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	customer := a.want(200, "POST", "/v3/customers", `{"name":"Ana","cpfCnpj":"24971563792"}`).Text("id")
	made := a.want(
		200,
		"POST",
		"/v3/payments",
		`{"customer":"`+customer+`","billingType":"CREDIT_CARD","value":100,"dueDate":"2026-11-25"}`,
	).Text("id")
	status := func() string { return a.want(200, "GET", "/v3/payments/"+made, "").Text("status") }
	a.want(200, "POST", "/v3/sandbox/payment/"+made+"/confirm", "")
	advance := a.want(200, "POST", "/v3/anticipations", `{"payment":"`+made+`"}`).Text("id")
	for _, c := range []struct {
		days              time.Duration
		payment, advanced string
	}{{0, "CONFIRMED", "PENDING"}, {3, "CONFIRMED", "CREDITED"}, {40, "RECEIVED", "DEBITED"}} {
		clock.Advance(c.days * accounts.Day)
		if got := a.want(200, "GET", "/v3/anticipations/"+advance, "").Text("status"); got != c.advanced ||
			status() != c.payment {
			t.Errorf("after %d days: %s and %s, want %s and %s", c.days, status(), got, c.payment, c.advanced)
		}
	}
	page := a.want(
		200,
		"POST",
		"/v3/checkouts",
		`{"billingTypes":["PIX"],"chargeTypes":["DETACHED"],"minutesToExpire":10,`+
			`"items":[{"name":"x","quantity":1,"value":5}]}`,
	).Text("id")
	clock.Advance(11 * time.Minute)
	if a.want(400, "POST", "/v3/checkouts/"+page+"/cancel", "") == nil {
		t.Error("the page did not expire")
	}
}

func TestTheClockIsSteeredByTheAdminAPI(t *testing.T) {
	steered := clock.NewScaledClock(noon, 0)
	a := newAPI(t, Options{Clock: steered})
	for _, c := range []struct {
		change string
		status int
		want   time.Time
	}{
		{`{"advance":"36h"}`, 200, noon.Add(36 * time.Hour)},
		{`{"to":"2026-11-25T15:00:00Z"}`, 200, noon.Add(72 * time.Hour)},
		{`{"to":"2026-11-24T15:00:00Z"}`, 422, noon.Add(72 * time.Hour)},
		{`{"advance":"-1s"}`, 422, noon.Add(72 * time.Hour)},
		{`{"advance":"soon"}`, 422, noon.Add(72 * time.Hour)},
		{`{"pace":-1}`, 422, noon.Add(72 * time.Hour)},
	} {
		a.want(c.status, "POST", "/admin/clock", c.change)
		if !steered.Now().Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.change, steered.Now(), c.want)
		}
	}
	a.want(200, "POST", "/admin/clock", `{"pace":3600}`)
	reached := steered.Until(noon.Add(72*time.Hour + time.Minute)) // 17 ms away
	select {
	case <-reached:
	case <-time.After(time.Minute):
		t.Error("a running clock woke nobody")
	}
	a.want(200, "POST", "/admin/clock", `{"pace":0}`)
	if at := steered.Now(); !steered.Now().Equal(at) {
		t.Error("a frozen clock goes on")
	}
	real := newAPI(t, Options{Clock: clock.RealClock{}})
	real.want(422, "POST", "/admin/clock", `{"pace":0}`)
}

func TestWhatWaitsForFourteenDaysIsLostAndCounted(t *testing.T) {
	for name, pass := range map[string]func(*Simulator, accounts.Account, *clock.SteeredClock){
		"the clock goes on": func(s *Simulator, a accounts.Account,
			clock *clock.SteeredClock,
		) {
			clock.Advance(15 * accounts.Day)
		},
		"the queue is aged": func(s *Simulator, a accounts.Account,
			clock *clock.SteeredClock,
		) {
			s.Age(a.ID, 15*accounts.Day)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock, r := clock.NewManualClock(noon), newReceiver(t, 200)
			s, a, hook := started(t, clock, r)
			pause(t, s, hook)
			play(t, s, a, flows.FlowPix) // two events that will be lost
			pass(s, a, clock)
			play(t, s, a, flows.FlowCash) // four that will not
			resume(t, s, hook)
			drain(t, s)
			if got := s.State().Accounts[0].Webhooks[0]; got.Lost != 2 || len(r.got()) != 4 {
				t.Errorf("%d lost, %d delivered, want 2 and 4", got.Lost, len(r.got()))
			}
		})
	}
}

func TestWhatHappenedWhileAQueueWasPausedIsAsOldAsItIs(t *testing.T) {
	clock, r := clock.NewManualClock(noon), newReceiver(t, 200)
	s, a, hook := started(t, clock, r)
	play(t, s, a, flows.FlowBoletoOpen)
	drain(t, s)
	pause(t, s, hook)
	clock.Advance(30 * accounts.Day) // overdue on the eighth of them, 22 days ago at the end
	s.State()                        // lets it happen before the queue is resumed
	resume(t, s, hook)
	drain(t, s)
	if got := s.State().Accounts[0].Webhooks[0]; got.Lost != 1 || len(r.got()) != 1 {
		t.Errorf("%d lost, %d delivered, want 1 and 1", got.Lost, len(r.got()))
	}
}

func TestEverySampleIsReplayedAsItWasPublished(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	for _, name := range samples.Names() {
		if err := s.Replay(a.ID, name); err != nil {
			t.Fatal(err)
		}
	}
	drain(t, s)
	if told := s.State().Accounts[0].Webhooks[0].Told; len(r.got()) != len(samples.Names()) ||
		told != len(samples.Names()) {
		t.Errorf("%d of %d samples arrived, %d were counted", len(r.got()), len(samples.Names()), told)
	}
	if s.Replay(a.ID, "nonsense") == nil || s.Replay("nobody", samples.Names()[0]) == nil {
		t.Error("a sample that does not exist was replayed")
	}
}

func TestTheWholeAPICanFailForAWhile(t *testing.T) {
	a := newAPI(t, Options{})
	a.want(200, "POST", "/admin/api", `{"behaviour":"broken","calls":2}`)
	for _, want := range []int{500, 500, 200} {
		a.want(want, "GET", "/v3/myAccount/status", "")
	}
	a.want(200, "POST", "/admin/api", `{"behaviour":"limited"}`)
	a.want(429, "GET", "/v3/myAccount/status", "")
	a.want(200, "POST", "/admin/api", `{"behaviour":""}`)
	a.want(200, "GET", "/v3/myAccount/status", "")
}

func TestAKeyThatExpiresIsAnnouncedAndThenRefused(t *testing.T) {
	clock, r := clock.NewManualClock(noon), newReceiver(t, 200)
	s, account, _ := started(t, clock, r)
	a := serve(t, s, account)
	a.want(
		200,
		"POST",
		"/admin/keys",
		`{"apiKey":"`+account.Key+`","expiresAt":"`+noon.Add(10*accounts.Day).Format(time.RFC3339)+`"}`,
	)
	for _, c := range []struct {
		go_    time.Duration
		status int
		told   string
	}{
		{2 * accounts.Day, 200, ""},
		{2 * accounts.Day, 200, "EXPIRING_SOON"},
		{7 * accounts.Day, 401, "EXPIRING_SOON EXPIRED"},
	} {
		clock.Advance(c.go_)
		a.want(c.status, "GET", "/v3/myAccount/status", "")
		drain(t, s)
		got := strings.ReplaceAll(strings.Join(r.events(), " "), "ACCESS_TOKEN_", "")
		if got != c.told {
			t.Errorf("told %q, want %q", got, c.told)
		}
	}
	a.want(422, "POST", "/admin/keys", `{"apiKey":"nobody's","expiresAt":"2026-12-01T00:00:00Z"}`)
}

func TestDeliveriesCanBeLateBigAndSlow(t *testing.T) {
	clock, r := clock.NewManualClock(noon), newReceiver(t, 200)
	s, a, _ := started(t, clock, r)
	if err := s.Switch(a.ID, accounts.Switches{DelaySeconds: 60, PadBytes: 100_000, Trickle: true}); err != nil {
		t.Fatal(err)
	}
	play(t, s, a, flows.FlowBoletoOpen)
	if next, err := s.Settle(t.Context()); err != nil || !next.Equal(noon.Add(time.Minute)) || len(r.got()) != 0 {
		t.Fatalf("next attempt at %s, %d came at once: %v", next, len(r.got()), err)
	}
	clock.Advance(time.Minute)
	if next, err := s.Settle(t.Context()); err != nil || !next.IsZero() || len(r.got()) != 1 {
		t.Fatalf("next %s, %d came: %v", next, len(r.got()), err)
	}
	if size := len(r.got()[0].Bytes()); size < 100_000 || s.Journal()[0].Took < 200*time.Millisecond {
		t.Errorf("%d bytes in %s", size, s.Journal()[0].Took)
	}
}

func TestTheClockKeepsOnlyThoseWhoStillWait(t *testing.T) {
	clock, r := clock.NewManualClock(noon), newReceiver(t, 503)
	s, a, _ := started(t, clock, r)
	for range 50 { // each notifies the agenda and the queue, whose head waits for its second attempt
		play(t, s, a, flows.FlowBoletoOpen)
		if _, err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // notifications that come at once count as one
	}
	if n := clock.Waiting(); n > 4 {
		t.Errorf("%d wait at the clock, for one agenda and one queue", n)
	}
}
