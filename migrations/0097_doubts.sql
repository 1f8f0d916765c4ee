-- What is doubtful of a clinic's objects, by an index of its own: which stand under a flag, and which money only a webhook told of.
-- They are few, and leave the index when Asaas has answered, so that the first page asks for them at no cost. The conditions are
-- those of tenants/query/glance.go, word for word.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_doubtful ON invoices (clinic_id, id)
  WHERE (state ->> 'Flags') IS NOT NULL OR confirmed_by = 'webhook' AND (refunded <> 0 OR status = ANY ('{confirmed,received,received_in_cash,refunding,refunded,disputed,collected}'));
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_doubtful ON checkouts (clinic_id, id) WHERE (state ->> 'Flags') IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_doubtful ON anticipations (clinic_id, id)
  WHERE (state ->> 'Flags') IS NOT NULL OR confirmed_by = 'webhook' AND status = ANY ('{credited,debited}');

-- +goose Down
SELECT 'migrations only move forward';
