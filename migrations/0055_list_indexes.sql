-- An index for each documented filter and sort of the invoices, the clinic first, the list's own order last (docs/api-guide.md, lists).
-- Each costs apply a page for every new version; a clinic with 300,000 invoices waits a second without it.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_due ON invoices (clinic_id, (CASE WHEN due_date IS NULL THEN '0001-01-01'::date ELSE due_date END), id) INCLUDE (due_date);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_value ON invoices (clinic_id, (CASE WHEN value IS NULL THEN (-1e18)::bigint ELSE value END), id) INCLUDE (value);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_updated ON invoices (clinic_id, updated_at, id);
-- A range of another attribute than the list's order: neither index ends early, so both hold what is compared, and no row is read in vain.
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_ranges ON invoices (clinic_id, id) INCLUDE (due_date, value, paid_at, paid_on);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_shown ON invoices (clinic_id,
  (CASE WHEN deleted AND status = ANY ('{pending,overdue,authorized,in_review,in_collection,unknown}'::text[]) THEN 'removed' ELSE status END), id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_shown_due ON invoices (clinic_id,
  (CASE WHEN deleted AND status = ANY ('{pending,overdue,authorized,in_review,in_collection,unknown}'::text[]) THEN 'removed' ELSE status END), (CASE WHEN due_date IS NULL THEN '0001-01-01'::date ELSE due_date END), id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_asaas_status ON invoices (clinic_id, asaas_status, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_method ON invoices (clinic_id, method, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_paid_at ON invoices (clinic_id, paid_at, id) WHERE paid_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_paid_on ON invoices (clinic_id, paid_on, id) WHERE paid_on IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_customer ON invoices (clinic_id, customer, id) WHERE customer <> '';
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_installment ON invoices (clinic_id, installment, id) WHERE installment <> '';
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_subscription ON invoices (clinic_id, subscription, id) WHERE subscription <> '';

-- Lists are planned for the clinic at hand: one plan for all would take the clinic with 300,000 invoices for one with a few hundred.
-- +goose StatementBegin
DO $$
BEGIN
  ALTER ROLE patapay_api SET plan_cache_mode = force_custom_plan;
EXCEPTION WHEN internal_error THEN NULL; -- another database of this cluster does the same at this moment
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
