-- Filters and sorts of the lists of checkouts and anticipations (docs/api-guide.md, lists), the clinic first, the list's own order last.
-- CASE and not coalesce, as for invoices (0055): before row security has spoken Postgres asks an index only by what it knows to leak nothing.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_total ON checkouts (clinic_id, (CASE WHEN total IS NULL THEN (-1e18)::bigint ELSE total END), id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_updated ON checkouts (clinic_id, updated_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_status ON checkouts (clinic_id, status, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_asaas_status ON checkouts (clinic_id, asaas_status, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_reference ON checkouts (clinic_id, external_reference, id) WHERE external_reference <> '';
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_due ON anticipations (clinic_id, (CASE WHEN due_date IS NULL THEN '0001-01-01'::date ELSE due_date END), id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_value ON anticipations (clinic_id, (CASE WHEN value IS NULL THEN (-1e18)::bigint ELSE value END), id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_updated ON anticipations (clinic_id, updated_at, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_status ON anticipations (clinic_id, status, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_asaas_status ON anticipations (clinic_id, asaas_status, id);
-- Also what a page of invoices shows beside each: its newest anticipation.
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_payment ON anticipations (clinic_id, payment, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS anticipations_installment ON anticipations (clinic_id, installment, id) WHERE installment <> '';

-- +goose Down
SELECT 'migrations only move forward';
