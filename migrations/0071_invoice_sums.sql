-- Sums of a clinic's invoices by state, age, method and month, read of an index alone: a row of invoices is a kilobyte, and a sum reads all.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_sums ON invoices (clinic_id, status, deleted) INCLUDE (method, value, net_value, due_date, paid_at, available_on);

-- +goose Down
SELECT 'migrations only move forward';
