package asaasapi

import (
	"bytes"
	"testing"
	"time"

	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
)

func TestAnObjectComesWithTheGatewaysClock(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	made, err := w.Play(w.account.ID, flows.FlowAnticipationCredited, flows.Variation{})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() (Object, error){
		"payment":      func() (Object, error) { return w.Payment(t.Context(), w.cred(), made.Payments[0]) },
		"anticipation": func() (Object, error) { return w.Anticipation(t.Context(), w.cred(), made.Anticipations[0]) },
	} {
		got, err := read()
		if err != nil || !got.Found || !got.Clock.Equal(noon) || got.Clock.Location() != time.UTC ||
			!bytes.HasPrefix(got.Body, []byte(`{"object":`)) {
			t.Errorf("%s: %v %v %s", name, err, got.Clock, got.Body)
		}
	}
}

func TestAnotherAccountsObjectIsNotFound(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	stranger := w.AddAccount(accounts.Account{})
	made, err := w.Play(stranger.ID, flows.FlowPix, flows.Variation{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Payment(t.Context(), w.cred(), made.Payments[0])
	if err != nil || got.Found || got.Body != nil || !got.Clock.Equal(noon) {
		t.Errorf("%+v %v, want not found at %s", got, err, noon)
	}
}

func TestTheChargesOfACheckoutAreFound(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	var sessions []string
	for range 2 {
		made, err := w.Play(w.account.ID, flows.FlowCheckoutPaid, flows.Variation{})
		if err != nil {
			t.Fatal(err)
		}
		sessions = append(sessions, made.Checkouts[0])
	}
	got, at, err := w.PaymentsOfCheckout(t.Context(), w.cred(), sessions[1])
	if err != nil || len(got) != 1 || !at.Equal(noon) || !bytes.Contains(got[0].Body, []byte(sessions[1])) {
		t.Errorf("%d charges at %s: %v", len(got), at, err)
	}
	if got, at, err := w.PaymentsOfCheckout(t.Context(), w.cred(), "none"); err != nil || len(got) != 0 || at.IsZero() {
		t.Errorf("%v %v for a session without charges", got, err)
	}
}

func TestAnIdFromOutsideLeadsNoCallElsewhere(t *testing.T) {
	f := newFake(t, answering(200, `{"id":"x"}`))
	c := newClient(t, f.URL)
	for _, id := range []string{
		"", ".", "..", "../wallets", "a/b", "a?b=c", "a#b", "a%2fb", "a b", "ção", string(make([]byte, 101)),
	} {
		if _, err := c.Payment(t.Context(), credential("k"), id); failure(t, err).Code != InvalidID {
			t.Errorf("%q: %v", id, err)
		}
		if _, _, err := c.PaymentsOfCheckout(t.Context(), credential("k"), id); failure(t, err).Code != InvalidID {
			t.Errorf("%q: %v", id, err)
		}
		if err := c.DeleteWebhook(t.Context(), credential("k"), id); failure(t, err).Code != InvalidID {
			t.Errorf("%q: %v", id, err)
		}
	}
	if f.calls.Load() != 0 {
		t.Errorf("%d calls were made", f.calls.Load())
	}
}

func TestAnAnswerThatMakesNoSenseIsNotTaken(t *testing.T) {
	dated := "Date: Sun, 22 Nov 2026 15:00:00 GMT"
	for name, f := range map[string]*fake{
		"another object": newFake(t, answering(200, `{"id":"pay_2"}`, dated)),
		"a list":         newFake(t, answering(200, `[{"id":"pay_1"}]`, dated)),
		"half an object": newFake(t, answering(200, `{"id":"pay_1"`, dated)),
		"nothing":        newFake(t, answering(200, ``, dated)),
		"two objects":    newFake(t, answering(200, `{"id":"pay_1"}{}`, dated)),
		"no date":        newFake(t, answering(200, `{"id":"pay_1"}`, "Date: today")),
		"a 404 undated":  newFake(t, answering(404, ``, "Date: today")),
	} {
		if got, err := newClient(
			t,
			f.URL,
		).Payment(t.Context(), credential("k"), "pay_1"); failure(t, err).Code != Unexpected ||
			got.Found {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	endless := newFake(t, answering(200, `{"hasMore":true,"data":[]}`, dated))
	if _, err := newClient(
		t,
		endless.URL,
	).Wallets(t.Context(), credential("k")); failure(t, err).Code != Unexpected ||
		endless.calls.Load() != maxPages {
		t.Errorf("an endless list: %v after %d pages", err, endless.calls.Load())
	}
	foreign := newFake(t, answering(200, `{"data":[{"id":"pay_1","checkoutSession":"other"}]}`, dated))
	if _, _, err := newClient(
		t,
		foreign.URL,
	).PaymentsOfCheckout(
		t.Context(),
		credential("k"),
		"mine",
	); failure(
		t,
		err,
	).Code != Unexpected {
		t.Errorf("a filter that the gateway ignored: %v", err)
	}
}
