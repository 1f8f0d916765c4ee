package domain

// CheckoutSnapshot is a gateway checkout as one event shows it (docs/gateway.md,
// checkouts). Names, descriptions and addresses are not here.
type CheckoutSnapshot struct {
	ID                Opt[string]
	Status            Opt[string]
	MinutesToExpire   Opt[int]
	ExternalReference Opt[string]
	Customer          Opt[string]
	BillingTypes      Opt[[]string]
	ChargeTypes       Opt[[]string]
	Items             Opt[[]CheckoutItem]
	Subscription      Opt[CheckoutSubscription]
	MaxInstallments   Opt[int]
	Split             Opt[[]Split]
}

// CheckoutItem is one line of a checkout.
type CheckoutItem struct {
	Quantity          Opt[int]
	Value             Opt[Money] // of one
	ExternalReference string
}

// CheckoutSubscription is the plan that a recurrent checkout starts.
type CheckoutSubscription struct {
	Cycle       string
	NextDueDate Day
	EndDate     Day
}

// CheckoutStatus is where a checkout stands.
type CheckoutStatus string

// The statuses of a checkout.
const (
	CheckoutActive   CheckoutStatus = "active"
	CheckoutPaid     CheckoutStatus = "paid"
	CheckoutCanceled CheckoutStatus = "canceled"
	CheckoutExpired  CheckoutStatus = "expired"
	CheckoutUnknown  CheckoutStatus = "unknown"
)

// RoundTripReference is the external reference of the throw-away checkouts by which a connection is tried: nobody is
// asked for their money, and they are no business of the clinic's.
const RoundTripReference = "patapay-teste"

// Checkout is the projection of one gateway checkout.
type Checkout struct {
	Projection
	Status            CheckoutStatus
	MinutesToExpire   Opt[int]
	ExternalReference string
	Customer          string
	BillingTypes      []string // the gateway's words
	ChargeTypes       []string // DETACHED, RECURRENT, INSTALLMENT
	Items             []CheckoutItem
	Total             Opt[Money] // sum of the items; absent when one has no amount
	Subscription      Opt[CheckoutSubscription]
	MaxInstallments   Opt[int]
	Split             []Split
}

// FoldCheckout returns the checkout that history tells of, the accepted records of one
// checkout in any order and with repeats, and what is odd about it. The gateway has no
// read of a checkout, so NeedsTruth is always "".
func FoldCheckout(history []Record) (Checkout, []Anomaly) {
	w := foldHistory(&checkoutRules, history)
	s := &w.state
	c := Checkout{
		Projection:        w.projection(),
		Status:            checkoutStatusOf(w.status),
		MinutesToExpire:   s.MinutesToExpire.plain(),
		ExternalReference: s.ExternalReference.V,
		Customer:          s.Customer.V,
		BillingTypes:      s.BillingTypes.V,
		ChargeTypes:       s.ChargeTypes.V,
		Items:             s.Items.V,
		Total:             itemsTotal(s.Items.V),
		Subscription:      s.Subscription.plain(),
		MaxInstallments:   s.MaxInstallments.plain(),
		Split:             s.Split.V,
	}
	c.NeedsTruth = ""
	return c, w.anomalies
}

func checkoutStatusOf(raw string) CheckoutStatus {
	switch raw {
	case "ACTIVE":
		return CheckoutActive
	case "PAID":
		return CheckoutPaid
	case "CANCELED":
		return CheckoutCanceled
	case "EXPIRED":
		return CheckoutExpired
	}
	return CheckoutUnknown
}

// itemsTotal adds quantity times value; none when an item lacks either, and when the sum
// leaves the range of an amount.
func itemsTotal(items []CheckoutItem) Opt[Money] {
	var sum Money
	for _, it := range items {
		v, ok := it.Value.Get()
		n, counted := it.Quantity.Get()
		if !ok || !counted || n < 0 || n > 1e5 {
			return Opt[Money]{}
		}
		if sum += v * Money(n); sum > MaxMoney || sum < -MaxMoney {
			return Opt[Money]{}
		}
	}
	if len(items) == 0 {
		return Opt[Money]{}
	}
	return Some(sum)
}

// mergeCheckout lays next over state, except id and status, and tells what changed.
func mergeCheckout(state, next *CheckoutSnapshot) change {
	c := merge(&state.MinutesToExpire, next.MinutesToExpire)
	c |= merge(&state.ExternalReference, next.ExternalReference)
	c |= merge(&state.Customer, next.Customer)
	c |= mergeList(&state.BillingTypes, next.BillingTypes)
	c |= mergeList(&state.ChargeTypes, next.ChargeTypes)
	c |= mergeList(&state.Items, next.Items)
	c |= merge(&state.Subscription, next.Subscription)
	c |= merge(&state.MaxInstallments, next.MaxInstallments)
	c |= mergeList(&state.Split, next.Split)
	return c
}

// checkoutRules: paid holds against everything, and canceled and expired against
// everything but paid, because a Pix paid in the last minute may come after expiry
// (docs/gateway.md, other machines).
var checkoutRules = rules[CheckoutSnapshot]{
	pick:   func(s Snapshot) *CheckoutSnapshot { return s.Checkout },
	id:     func(s *CheckoutSnapshot) Opt[string] { return s.ID },
	status: func(s *CheckoutSnapshot) Opt[string] { return s.Status },
	merge:  mergeCheckout,
	graph:  checkoutGraph,
	holds: func(from, to string) bool {
		return from == "PAID" || from != "ACTIVE" && to != "PAID"
	},
	money: func(s *CheckoutSnapshot, status string) moneyState { return moneyState{status: status} },
	odd:   oddCheckout,
}

// oddCheckout returns the reason why a checkout's amounts cannot be right, or "".
func oddCheckout(s *CheckoutSnapshot) string {
	for _, it := range s.Items.V {
		if it.Value.V < 0 || it.Quantity.V < 0 {
			return "an item is negative"
		}
	}
	return ""
}
