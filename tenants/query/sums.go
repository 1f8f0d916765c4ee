package query

import (
	"cmp"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Sum is what some objects come to. An amount that nobody told adds nothing.
type Sum struct {
	Key      string // of what the sum was asked by
	Method   string // the gateway's word, of sums by method and month; "" else
	Count    int
	Value    domain.Money
	NetValue domain.Money
	Fee      domain.Money // of an invoice value less net, where both are told
}

// invoiceSums are what sums of invoices may be asked by: the SQL of the key, and what
// invoices belong to no key. Each reads columns of the index invoices_kinds_due only.
var invoiceSums = map[string]struct{ key, method, only string }{
	"status":      {key: shownStatus},
	"availableOn": {key: `t.available_on::text`, only: `t.available_on IS NOT NULL`},
	"methodMonth": {key: `left(t.paid_at, 7)`, method: `t.method`, only: `t.paid_at IS NOT NULL`},
	"age": {
		only: `t.due_date < ?::text::date`,
		key: `CASE WHEN ?::text::date - t.due_date <= 7 THEN '1-7' WHEN ?::text::date - t.due_date <= 15 THEN '8-15'
		WHEN ?::text::date - t.due_date <= 30 THEN '16-30' WHEN ?::text::date - t.due_date <= 60 THEN '31-60' ELSE '61+' END`,
	},
}

// InvoiceSums returns what the filter's invoices come to by status as it is shown, age
// (days since the due date, those of before today), methodMonth (of payment) or
// availableOn, ordered by key. What Asaas does not know counts only when the filter asks for it. It fails with Invalid
// for any other by.
func InvoiceSums(tx *tenants.Tx, f InvoiceFilter, by string, today domain.Day) ([]Sum, error) {
	f.KnownAtAsaas = true
	sql, args, err := invoiceSumsQuery(f.where(tx).Whole(), by, today)
	if err != nil {
		return nil, err
	}
	return sums(tx, sql, args)
}

// invoiceSumsQuery returns the SQL that sums the rows that w leaves.
func invoiceSumsQuery(w *tenants.Where, by string, today domain.Day) (sql string, args []any, err error) {
	of, known := invoiceSums[by]
	if !known {
		return "", nil, domain.Errorf(domain.Invalid, "no sums by %q", by)
	}
	if by == "age" {
		w.And(of.only, today)
	} else if of.only != "" {
		w.And(of.only)
	}
	key := &tenants.Where{Args: w.Args}
	key.And(of.key, ages(by, today)...)
	return `SELECT ` + key.String() + ` AS key, ` + cmp.Or(
		of.method, `''`,
	) + ` AS method, count(*), coalesce(sum(t.value), 0)::bigint, coalesce(sum(t.net_value), 0)::bigint,
		coalesce(sum(t.value - t.net_value), 0)::bigint FROM invoices t WHERE ` + w.String() + ` GROUP BY 1, 2
		ORDER BY 1, 2`, key.Args, nil
}

func ages(by string, today domain.Day) []any {
	if by != "age" {
		return nil
	}
	return []any{today, today, today, today}
}

// CheckoutSums returns what the filter's checkouts come to by status.
func CheckoutSums(tx *tenants.Tx, f CheckoutFilter) ([]Sum, error) {
	w := f.where(tx).Whole()
	return sums(
		tx, `SELECT t.status, '', count(*), coalesce(sum(t.total), 0)::bigint, 0, 0 FROM checkouts t WHERE `+w.String()+
			` GROUP BY 1 ORDER BY 1`, w.Args,
	)
}

// AdvanceSum is what some anticipations come to.
type AdvanceSum struct {
	Sum
	DayCents int64 // sum of days times value, centavos: by value it gives the mean of days, weighted
}

// AnticipationSums returns what the filter's anticipations come to by status: those whose
// day of anticipation is in r, or all. What Asaas does not know counts only when the filter asks for it.
func AnticipationSums(tx *tenants.Tx, f AnticipationFilter, r Range[domain.Day]) (sums []AdvanceSum, err error) {
	w := f.where(tx).Whole()
	if len(f.Status) == 0 {
		w.And("t.status <> ?", string(domain.AnticipationNotAtAsaas))
	}
	from, to := texts(r, func(d domain.Day) string { return string(d) })
	w.Between(`(t.state ->> 'AnticipationDate')`, "text", from, to)
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT t.status, count(*), coalesce(sum(t.value), 0)::bigint, coalesce(sum(t.net_value), 0)::bigint,
			coalesce(sum(t.fee), 0)::bigint, coalesce(sum(t.value * (t.state ->> 'Days')::integer), 0)::bigint
			FROM anticipations t WHERE `+w.String()+` GROUP BY 1 ORDER BY 1`,
			w.Args...)
		if err != nil {
			return err
		}
		sums, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s AdvanceSum, err error) {
			err = row.Scan(&s.Key, &s.Count, &s.Value, &s.NetValue, &s.Fee, &s.DayCents)
			return s, err
		})
		return err
	})
	return sums, tenants.Translate(err, "anticipations")
}

func sums(tx *tenants.Tx, sql string, args []any) (sums []Sum, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), sql, args...)
		if err != nil {
			return err
		}
		sums, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Sum, err error) {
			err = row.Scan(&s.Key, &s.Method, &s.Count, &s.Value, &s.NetValue, &s.Fee)
			return s, err
		})
		return err
	})
	return sums, tenants.Translate(err, "sums")
}
