package simulator

import (
	"slices"

	"patapay/domain/asaas/jsonobject"
)

func (c financeCalls) balance() answer {
	return good(jsonobject.Of("balance", c.books.balance().literal()))
}

// statement answers oldest first, each line with the balance behind it.
func (c financeCalls) statement() answer {
	lines := slices.Clone(c.books.statement)
	slices.SortStableFunc(lines, func(x, y line) int { return x.at.Compare(y.at) })
	items, sum := []any{}, cents(0)
	from, to := c.query.Get("startDate"), c.query.Get("finishDate")
	for _, l := range lines {
		sum += l.value
		if on := date(l.at).(string); (from == "" || on >= from) && (to == "" || on <= to) {
			items = append(items, l.object(sum))
		}
	}
	if c.query.Get("order") != "asc" {
		slices.Reverse(items)
	}
	return c.page(items)
}

// financeCalls answer the balance and its statement.
type financeCalls struct{ *call }

// payments sums the charges that the filters leave.
func (c financeCalls) payments() answer {
	quantity, value, net := 0, cents(0), cents(0)
	for _, p := range c.books.payments {
		if !p.deleted && c.matches(p) {
			quantity, value, net = quantity+1, value+p.value, net+p.net
		}
	}
	return good(jsonobject.Of("quantity", quantity, "value", value.literal(), "netValue", net.literal()))
}

// splits sums what was sent to other wallets; nothing comes from any here.
func (c financeCalls) splits() answer {
	sum := cents(0)
	for _, p := range c.books.payments {
		for _, s := range p.shares {
			sum += s.total
		}
	}
	return good(jsonobject.Of("income", cents(0).literal(), "value", sum.literal()))
}
