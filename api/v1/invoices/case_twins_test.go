package invoices

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants/query"

	"github.com/stretchr/testify/require"
)

var anyTime = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// Whatever code makes of an id, it makes two things of two ids that differ in case alone.
func TestIDsThatDifferInCaseAloneAreReadAsTwo(t *testing.T) {
	never := func(string) (bool, error) { return false, nil }
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		id := accounts.NewPaymentID(rng.IntN)
		at := strings.IndexFunc(id[6:], func(r rune) bool { return r > '9' })
		if at < 0 {
			continue // digits alone have no case
		}
		twin := id[:6+at] + string(rune(id[6+at]^0x20)) + id[7+at:]
		for _, q := range []string{id, twin} {
			var i query.InvoiceFilter
			name, err := searchText(never, q, &i)
			require.NoError(t, err)
			require.Equal(t, []string{q, q}, []string{name, i.Typed})
			var c query.CheckoutFilter
			var a query.AnticipationFilter
			require.NoError(t, searchCheckout(never, q, &c))
			require.NoError(t, searchAnticipation(never, q, &a))
			require.Equal(t, []string{q, q}, []string{c.Typed, a.Typed})
			back, err := url.PathUnescape(url.PathEscape(q))
			require.NoError(t, err)
			require.Equal(t, q, back)
			require.Equal(t, q, asaas.Peek([]byte(`{"id":"evt_1&1","event":"PAYMENT_CREATED","payment":{"id":"`+q+`"}}`)).Entity)
		}
		at1, at2 := domain.UUIDOf(anyTime, "payment", id), domain.UUIDOf(anyTime, "payment", twin)
		require.NotEqual(t, at1, at2)
		one, _ := asaas.EventKeyOf(domain.Sandbox, "evt_"+id+"&1", nil)
		two, _ := asaas.EventKeyOf(domain.Sandbox, "evt_"+twin+"&1", nil)
		require.NotEqual(t, one, two)
	}
}
