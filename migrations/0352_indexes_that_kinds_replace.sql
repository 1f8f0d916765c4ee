-- Contract: lists, sums and the first page read invoices by kind, by day and by month since 0351; what programs of before read costs every write.
-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS invoices_shown;
DROP INDEX CONCURRENTLY IF EXISTS invoices_shown_due;
DROP INDEX CONCURRENTLY IF EXISTS invoices_asaas_status;
DROP INDEX CONCURRENTLY IF EXISTS invoices_method;
DROP INDEX CONCURRENTLY IF EXISTS invoices_sums;
DROP INDEX CONCURRENTLY IF EXISTS invoices_due_month;
DROP INDEX CONCURRENTLY IF EXISTS invoices_paid_at;
DROP INDEX CONCURRENTLY IF EXISTS invoices_disputed;
DROP INDEX CONCURRENTLY IF EXISTS invoices_doubtful;

-- +goose Down
SELECT 'migrations only move forward';
