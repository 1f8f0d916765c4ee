package simulator

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// eventually waits up to 5 s until ok.
// waits is the gateway's published wait before each attempt, written down by hand.
var waits = []time.Duration{
	0, 30 * time.Second, time.Minute, 210 * time.Second, 5 * time.Minute, 15 * time.Minute,
	25 * time.Minute, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour, 2 * time.Hour, 2 * time.Hour,
	3 * time.Hour,
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func play(t *testing.T, s *Simulator, a accounts.Account, flow flows.Flow) flows.Played {
	t.Helper()
	made, err := s.Play(a.ID, flow, flows.Variation{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func webhookState(s *Simulator) admin.WebhookState { return s.State().Accounts[0].Webhooks[0] }

func TestADeliveryLooksLikeTheGateways(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	play(t, s, a, flows.FlowPix)
	drain(t, s)
	head := r.heads[0]
	for name, want := range map[string]string{
		"User-Agent": "Java/1.8.0_282", "Asaas-Access-Token": goodToken,
		"Content-Type": "application/json",
	} {
		if head.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, head.Get(name), want)
		}
	}
}

func TestEverythingButA200IsAFailure(t *testing.T) {
	for _, status := range []int{201, 204, 301, 307, 400, 401, 404, 429, 500, 503} {
		r := newReceiver(t, status)
		s, a, _ := started(t, clock.NewManualClock(noon), r)
		play(t, s, a, flows.FlowPix)
		eventually(t, "one failure", func() bool { return webhookState(s).Failures == 1 })
		if got := s.Journal(); len(got) != 1 || got[0].Status != status || webhookState(s).Waiting != 2 {
			t.Errorf("%d: journal %+v, waiting %d", status, got, webhookState(s).Waiting)
		}
	}
}

func TestTheLadderPausesTheQueueAfter15Failures(t *testing.T) {
	clock := clock.NewManualClock(noon)
	r := newReceiver(t, 500)
	s, a, hook := started(t, clock, r)
	play(t, s, a, flows.FlowPix)
	for n := 1; n < 15; n++ {
		eventually(t, "failure", func() bool { return webhookState(s).Failures == n })
		wait := waits[n]
		if got := webhookState(s).Next.Sub(clock.Now()); got != wait {
			t.Errorf("after %d failures the next attempt waits %s, want %s", n, got, wait)
		}
		clock.Advance(wait - time.Second)
		clock.Advance(time.Second)
	}
	eventually(t, "the pause", func() bool { return webhookState(s).Interrupted })
	if got := clock.Now().Sub(noon); got != 12*time.Hour+50*time.Minute {
		t.Errorf("paused after %s, want 12h50m", got)
	}
	due := noon
	for n, d := range s.Journal() {
		if due = due.Add(waits[n]); !d.At.Equal(due) || d.Attempt != n+1 {
			t.Errorf("attempt %d at %s, want %d at %s", d.Attempt, d.At, n+1, due)
		}
	}
	if mails := s.Mails(); len(mails) != 3 || mails[0].Failures != 5 || mails[2].Failures != 15 {
		t.Errorf("e-mails %+v, want after 5, 10 and 15", mails)
	}
	play(t, s, a, flows.FlowPix)
	if st := webhookState(s); st.Waiting != 4 || st.Penalized != 15 || len(s.Journal()) != 15 {
		t.Errorf("paused queue %+v", st)
	}
	r.answer(200)
	resume(t, s, hook)
	drain(t, s)
	if got := strings.Join(r.events()[15:], " "); got != "CREATED RECEIVED CREATED RECEIVED" {
		t.Errorf("after the pause came %s", got)
	}
}

func resume(t *testing.T, s *Simulator, hook string) {
	t.Helper()
	change(t, s, hook, `{"interrupted":false,"enabled":true}`)
}

func pause(t *testing.T, s *Simulator, hook string) {
	t.Helper()
	change(t, s, hook, `{"interrupted":true}`)
}

// change alters a webhook of the first account as a client of the API does.
func change(t *testing.T, s *Simulator, hook, body string) {
	t.Helper()
	r := httptest.NewRequest("PUT", "/v3/webhooks/"+hook, strings.NewReader(body))
	r.Header.Set("access_token", s.State().Accounts[0].Key)
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

func TestASequentialQueueIsHeldUpByItsHeadAndAParallelOneIsNot(t *testing.T) {
	for _, c := range []struct {
		parallel bool
		want     int // deliveries before the first retry
	}{{false, 1}, {true, 2}} {
		r := newReceiver(t, 500)
		s, a, _ := started(t, clock.NewManualClock(noon), r, func(w *webhooks.Webhook) { w.Parallel = c.parallel })
		play(t, s, a, flows.FlowPix)
		eventually(t, "failures", func() bool { return webhookState(s).Failures == c.want })
		if got := len(s.Journal()); got != c.want {
			t.Errorf("parallel %v: %d deliveries, want %d", c.parallel, got, c.want)
		}
	}
}

func TestEventsOlderThan14DaysAreGone(t *testing.T) {
	clock := clock.NewManualClock(noon)
	r := newReceiver(t, 200)
	s, a, hook := started(t, clock, r)
	pause(t, s, hook)
	play(t, s, a, flows.FlowPix)
	clock.Advance(13 * accounts.Day)
	play(t, s, a, flows.FlowRefundCard)
	clock.Advance(accounts.Day)
	resume(t, s, hook)
	drain(t, s)
	if got := strings.Join(r.events(), " "); got != "CREATED CONFIRMED REFUNDED" {
		t.Errorf("delivered %s, want only the young ones", got)
	}
}

func TestASlowReceiverTimesOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := New(Options{Clock: clock.NewManualClock(noon), Seed: 1, DeliveryTimeout: 50 * time.Millisecond})
	defer s.Close()
	a := s.AddAccount(accounts.Account{})
	if _, err := s.AddWebhook(a.ID, webhooks.Webhook{
		URL:   "http://" + l.Addr().String(),
		Token: goodToken,
	}); err != nil {
		t.Fatal(err)
	}
	play(t, s, a, flows.FlowPix)
	eventually(t, "a failure", func() bool { return len(s.Journal()) == 1 })
	if got := s.Journal()[0].Failure; got != "408 Read Timed Out" {
		t.Errorf("failure %q", got)
	}
}

func TestSwitchesMakeTheFaultsOfTheField(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	sent := func(sw accounts.Switches) (bodies []*jsonobject.Object, heads []http.Header) {
		before := len(r.got())
		if err := s.Switch(a.ID, sw); err != nil {
			t.Fatal(err)
		}
		play(t, s, a, flows.FlowPix)
		drain(t, s)
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.bodies[before:], r.heads[before:]
	}
	if bodies, _ := sent(accounts.Switches{OmitAccount: true}); bodies[0].Get("account") != nil {
		t.Error("account not left out")
	}
	if bodies, _ := sent(
		accounts.Switches{ForeignAccount: "other"},
	); bodies[0].Get("account").(*jsonobject.Object).Text(
		"id",
	) != "other" {
		t.Error("account not foreign")
	}
	if bodies, _ := sent(accounts.Switches{UnknownAttributes: true}); bodies[0].Text("newTopLevel") != "x" {
		t.Error("no unknown attribute")
	}
	if _, heads := sent(accounts.Switches{WrongToken: true}); heads[0].Get("asaas-access-token") == goodToken {
		t.Error("token not wrong")
	}
	if _, heads := sent(accounts.Switches{NoToken: true}); heads[0].Get("asaas-access-token") != "" {
		t.Error("token sent")
	}
	if bodies, _ := sent(accounts.Switches{PlainNumbers: true}); !strings.Contains(string(bodies[0].Bytes()),
		`"value":100,"netValue":98.01`) {
		t.Error("numbers not plain")
	}
	bodies, _ := sent(accounts.Switches{Duplicates: 2})
	ids := map[string]int{}
	for _, b := range bodies {
		ids[b.Text("id")]++
	}
	for id, n := range ids {
		if n != 3 || len(ids) != 2 {
			t.Errorf("%s came %d times, want 3", id, n)
		}
	}
}

func TestADeliveredEventCanBeSentAgainUnchanged(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	play(t, s, a, flows.FlowPix)
	drain(t, s)
	old := r.got()[0]
	if err := s.Resend(a.ID, old.Text("id")); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if got := r.got(); len(got) != 3 || string(got[2].Bytes()) != string(old.Bytes()) {
		t.Errorf("%d deliveries; the last one differs", len(got))
	}
	if err := s.Resend(a.ID, "evt_none&1"); err == nil {
		t.Error("an event that never was is sent again")
	}
}

func TestARevokedKeyIsAnnounced(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	for _, b := range []accounts.Behaviour{accounts.KeyRevoked, accounts.KeyRevoked, accounts.KeyGood} {
		if err := s.SetKey(a.Key, b); err != nil {
			t.Fatal(err)
		}
	}
	drain(t, s)
	if got := strings.Join(r.events(), " "); got != "ACCESS_TOKEN_DISABLED ACCESS_TOKEN_ENABLED" {
		t.Errorf("events %s", got)
	}
	sample, err := jsonobject.Parse(samples.Event("access_token_disabled.made"))
	if err != nil {
		t.Fatal(err)
	}
	got, want := r.got()[0].Get("accessToken").(*jsonobject.Object), sample.Get("accessToken").(*jsonobject.Object)
	if keysOf(got) != keysOf(want) || strings.Contains(string(r.got()[0].Bytes()), a.Key) {
		t.Errorf("%s, want the keys %s", got.Bytes(), keysOf(want))
	}
}

func TestAShuffledQueueKeepsNoOrderAndLosesNothing(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, hook := started(t, clock.NewManualClock(noon), r)
	pause(t, s, hook)
	if err := s.Switch(a.ID, accounts.Switches{Shuffle: true}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		play(t, s, a, flows.FlowPix)
	}
	resume(t, s, hook)
	drain(t, s)
	got := strings.Join(r.events(), " ")
	if got == strings.TrimSpace(strings.Repeat("CREATED RECEIVED ", 10)) || strings.Count(got, "RECEIVED") != 10 {
		t.Errorf("order %s", got)
	}
}

func TestTheSameSeedGivesTheSameEvents(t *testing.T) {
	var bodies [2]string
	for i := range bodies {
		r := newReceiver(t, 200)
		s, a, _ := started(t, clock.NewManualClock(noon), r)
		play(t, s, a, flows.FlowCheckoutPaid)
		drain(t, s)
		for _, b := range r.got() {
			bodies[i] += string(b.Bytes())
		}
	}
	if bodies[0] != bodies[1] || bodies[0] == "" {
		t.Error("two runs of one seed differ")
	}
}
