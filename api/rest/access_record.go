package rest

import (
	"context"

	"patapay/domain"
	"patapay/tenants"
)

// RecordAccess writes into a clinic's audit log, or with zero into the platform's own, that the
// caller reads what nobody reads unnoticed. It is called before anything is shown, and
// outside a transaction: its own one writes, although its request only reads.
func (s *Service) RecordAccess(
	ctx context.Context, clinic domain.ClinicID, action, subject string, detail map[string]any,
) error {
	ctx = tenants.RecordingAccess(ctx)
	write := func(tx *tenants.Tx) error { return tx.Audit(s.Chain, s.AuditEntry(ctx, action, subject, detail)) }
	if clinic == 0 {
		return s.DB.Platform(ctx, write)
	}
	return s.DB.In(ctx, clinic, write)
}

// recordOperatorAccess is RecordAccess for a request of an operator, with the reason they gave.
func (s *Service) recordOperatorAccess(ctx context.Context, clinic domain.ClinicID, subject string) error {
	return s.recordLook(ctx, clinic, subject, CallerOf(ctx).reason, "")
}

// recordLook writes an operator's look with its reason, and the visit that gave it, "" none.
func (s *Service) recordLook(ctx context.Context, clinic domain.ClinicID, subject, reason, visit string) error {
	detail := map[string]any{"reason": reason, "route": CallerOf(ctx).route}
	if visit != "" {
		detail["visit"] = visit
	}
	return s.RecordAccess(ctx, clinic, "operator.look", subject, detail)
}
