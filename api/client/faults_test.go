//go:build faults

package client_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/client"
)

func TestFaultTenThousandInvoicesComeOnceEachWhileMoreArrive(t *testing.T) {
	url, token, tenant := platform()
	api, err := client.New(url, token)
	require.NoError(t, err)
	ctx, end := context.WithTimeout(t.Context(), 10*time.Minute)
	defer end()
	const all = 10_000
	require.NoError(t, dev.Fill(ctx, dev.Clinics[0], many, all))
	require.NoError(t, settled(ctx, api, tenant, all))
	go func() { _ = dev.Fill(context.WithoutCancel(ctx), dev.Clinics[0], all, all+500) }()
	seen := map[string]bool{}
	for invoice, err := range api.Invoices(ctx, tenant, client.ListInvoicesParams{}) {
		require.NoError(t, err)
		require.False(t, seen[invoice.ID], invoice.ID)
		seen[invoice.ID] = true
	}
	require.GreaterOrEqual(t, len(seen), all)
}
