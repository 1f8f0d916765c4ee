package api

import (
	"slices"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

func (c financeCalls) balance() answer {
	return good(jsonobject.Of("balance", c.books.Balance().Literal()))
}

// statement answers oldest first, each line with the balance behind it.
func (c financeCalls) statement() answer {
	lines := slices.Clone(c.books.Statement)
	slices.SortStableFunc(lines, func(x, y accounts.Line) int { return x.At.Compare(y.At) })
	items, sum := []any{}, accounts.Cents(0)
	from, to := c.query.Get("startDate"), c.query.Get("finishDate")
	for _, l := range lines {
		sum += l.Value
		if on := accounts.Date(l.At).(string); (from == "" || on >= from) && (to == "" || on <= to) {
			items = append(items, l.Object(sum))
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
	quantity, value, net := 0, accounts.Cents(0), accounts.Cents(0)
	for _, p := range c.books.Payments {
		if !p.Deleted && c.matches(p) {
			quantity, value, net = quantity+1, value+p.Value, net+p.Net
		}
	}
	return good(jsonobject.Of("quantity", quantity, "value", value.Literal(), "netValue", net.Literal()))
}

// splits sums what was sent to other wallets; nothing comes from any here.
func (c financeCalls) splits() answer {
	sum := accounts.Cents(0)
	for _, p := range c.books.Payments {
		for _, s := range p.Shares {
			sum += s.Total
		}
	}
	return good(jsonobject.Of("income", accounts.Cents(0).Literal(), "value", sum.Literal()))
}
