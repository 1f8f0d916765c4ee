package asaasapi

import (
	"testing"

	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/flows"
)

// happen plays a flow in the world's account.
func (w world) happen(t *testing.T, flow flows.Flow) flows.Played {
	t.Helper()
	made, err := w.Play(w.account.ID, flow, flows.Variation{AmountCents: 10_000, Reference: "orc-1"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestChargesAreListedByEachOfTheirDates(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.happen(t, flows.FlowPix)        // all of it on 2026-11-22
	w.happen(t, flows.FlowCard)       // made on 10-17, credited on 11-18
	w.happen(t, flows.FlowBoletoOpen) // due on 11-29
	w.happen(t, flows.FlowAnticipationCredited)
	w.happen(t, flows.FlowCheckoutRecurrent)
	yes := true
	for name, c := range map[string]struct {
		q    PaymentQuery
		want int
	}{
		"all of them":           {PaymentQuery{}, 5},
		"made today":            {PaymentQuery{By: Created, From: "2026-11-22", To: "2026-11-22"}, 3},
		"made before":           {PaymentQuery{By: Created, To: "2026-11-21"}, 2},
		"received in November":  {PaymentQuery{By: Paid, From: "2026-11-01", To: "2026-11-30"}, 2},
		"credited in December":  {PaymentQuery{By: Credited, From: "2026-12-01", To: "2026-12-31"}, 2},
		"due from tomorrow on":  {PaymentQuery{By: DueWithin, From: "2026-11-23"}, 1},
		"anticipated":           {PaymentQuery{Anticipated: &yes}, 1},
		"still open":            {PaymentQuery{Status: "PENDING"}, 1},
		"by our reference":      {PaymentQuery{Reference: "orc-1"}, 5},
		"of a plan that is not": {PaymentQuery{Plan: "2765d086-c7c5-5cca-898a-4262d212587c"}, 0},
	} {
		got, at, err := w.Payments(t.Context(), w.cred(), c.q)
		if err != nil || len(got) != c.want || !at.Equal(noon) {
			t.Errorf("%s: %d charges at %s, %v; want %d", name, len(got), at, err, c.want)
		}
	}
}

func TestRefundsAreRead(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	back := w.happen(t, flows.FlowRefundPartial).Payments[0]
	list, err := w.Refunds(t.Context(), w.cred(), back)
	if err != nil || len(list) != 2 || list[0].Value != 4_000 || list[1].Value != 2_000 || list[0].Status != "DONE" ||
		list[0].At.IsZero() ||
		list[0].EndID == "" {
		t.Errorf("%+v %v", list, err)
	}
}

func TestAdvancesAreListedByStatus(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.happen(t, flows.FlowAnticipationCredited)
	w.happen(t, flows.FlowAnticipationDenied)
	for status, want := range map[string]int{"": 2, "CREDITED": 1, "DENIED": 1, "DEBITED": 0} {
		if list, _, err := w.Anticipations(t.Context(), w.cred(), status); err != nil || len(list) != want {
			t.Errorf("%q: %d advances, %v", status, len(list), err)
		}
	}
}

func TestAPayerIsRead(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.happen(t, flows.FlowPix)
	all, _, err := w.Payments(t.Context(), w.cred(), PaymentQuery{})
	var named struct{ Customer string }
	if err != nil || decode(&reply{body: all[0].Body}, &named) != nil {
		t.Fatal(err)
	}
	if p, err := w.Customer(t.Context(), w.cred(), named.Customer); err != nil || p.ID != named.Customer ||
		p.TaxID != "24971563792" {
		t.Errorf("%+v %v", p, err)
	}
}

// Every read by id of something that is not the account's, and every id that cannot stand
// in a path.
func TestWhatIsNotTheAccountsIsNotFoundAndABadIDIsNeverSent(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for name, read := range map[string]func(id string) error{
		"refunds": func(id string) error { _, err := w.Refunds(t.Context(), w.cred(), id); return err },
		"payer":   func(id string) error { _, err := w.Customer(t.Context(), w.cred(), id); return err },
		"webhook": func(id string) error { _, err := w.Webhook(t.Context(), w.cred(), id); return err },
	} {
		if got := failure(t, read("somebody-elses")); got.Code != NotFound || got.DomainCode() != domain.NotFound {
			t.Errorf("%s: %v", name, got)
		}
		before := w.State().Accounts[0].Requests
		if got := failure(t, read("../status")); got.Code != InvalidID || w.State().Accounts[0].Requests != before {
			t.Errorf("%s with a path for an id: %v", name, got)
		}
	}
}

// A stranger's answer must not be taken for the one that was asked for, and an amount that
// is not exact is none.
func TestAnswersWithoutSenseAreRefused(t *testing.T) {
	for body, read := range map[string]func(*Client) error{
		`{"id":"another"}`:  func(c *Client) error { _, err := c.Customer(t.Context(), credential("k"), "x"); return err },
		`{"id":"third"}`:    func(c *Client) error { _, err := c.Webhook(t.Context(), credential("k"), "x"); return err },
		`{"balance":1.005}`: func(c *Client) error { _, err := c.Balance(t.Context(), credential("k")); return err },
	} {
		f := newFake(t, answering(200, body))
		if got := failure(t, read(newClient(t, f.URL))); got.Code != Unexpected {
			t.Errorf("%s: %v", body, got)
		}
	}
}
