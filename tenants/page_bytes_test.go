package tenants_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// A page of a hundred objects with texts of eight mebibytes, as an older release stored them,
// took serve 2.8 GiB and closed the feed of all clinics. Bytes and rows are counted.
func TestAPageOfLongRowsEndsAtItsBytesAndItsCursorGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinic := w.clinic(t, "Vida", "acc-1")
	for n := range 10 {
		body := bytes.ReplaceAll(
			samples.Event("payment_received_pix.real"),
			[]byte("pay_3h08j28ezvwv7s4h"),
			fmt.Appendf(nil, "pay_3h08j28ezvwv7s%02d", n),
		)
		w.deliver(t, clinic, bytes.Replace(body, []byte("&17877802"), fmt.Appendf(nil, "&1787%d", n), 1))
	}
	w.apply(t, clinic)
	conn := w.connect(t, tenantstest.Owner)
	for _, sql := range []string{
		`SET session_replication_role = replica`,
		`UPDATE invoices SET texts = convert_to(repeat('x', 1 << 20), 'UTF8')`,
		`UPDATE changes SET texts = convert_to(repeat('x', 1 << 20), 'UTF8')`,
	} {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	var invoices, entries int
	require.NoError(
		t,
		conn.QueryRow(
			t.Context(),
			`SELECT (SELECT count(*) FROM invoices), (SELECT count(*) FROM changes)`,
		).Scan(&invoices, &entries),
	)
	require.GreaterOrEqual(t, invoices, 10)

	seen, pages := map[domain.UUID]int{}, 0
	for cursor, more := "", true; more; pages++ {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			list, err := query.Invoices(tx, query.InvoiceFilter{}, tenants.Page{Limit: 100, Cursor: cursor})
			require.LessOrEqual(t, len(list.Rows), 4, "of a mebibyte each")
			for _, i := range list.Rows {
				seen[i.ID]++
			}
			cursor, more = list.Next, list.Next != ""
			return err
		}))
	}
	require.Len(t, seen, invoices, "every object once")
	require.GreaterOrEqual(t, pages, invoices/4)

	read, full := 0, 0
	for more := true; more; {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			page, newest, err := query.Feed(tx, int64(read), 100)
			require.LessOrEqual(t, len(page), 4)
			if query.Full(page) {
				full++
			}
			read += len(page)
			more = int64(read) < newest
			return err
		}))
	}
	require.Equal(t, entries, read)
	require.Positive(t, full)

	var r reader
	r.until(t, w, entries)
	page, _, err := query.PlatformFeed(w.api, t.Context(), "", 100)
	require.NoError(t, err)
	require.True(t, query.Full(page), "so that its reader is told that there is more")
	require.LessOrEqual(t, len(page), 4)
}
