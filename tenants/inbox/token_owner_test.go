package inbox

import (
	"context"
	"testing"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

func TestAFloodOfWrongTokensDoesNotKeepTheGatewaysWaiting(t *testing.T) {
	t.Parallel()
	db, err := tenants.Open(
		tenantstest.New(t).URL(tenantstest.Ingest),
		tenants.Options{Name: "ingest", Pooler: tenantstest.Pooled()},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p := NewTokenResolver(db, nil, vault.Peppers{make([]byte, 32)}, time.Now)
	for range cap(p.unclaimed) {
		p.unclaimed <- struct{}{} // strangers' questions under way
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := p.ByToken(ctx, "one more stranger's", false); domain.CodeOf(err) != domain.Unavailable {
		t.Errorf("a stranger beyond the bound: %v, want unavailable", err)
	}
	if _, err := p.ByToken(t.Context(), "from the gateway's address", true); domain.CodeOf(err) != domain.NotFound {
		t.Errorf("the gateway's: %v, want an answer", err)
	}
}
