-- Contract: every program writes invoices.paid_at itself since 0054, so nothing fills it in its place any more.
-- +goose Up
DROP TRIGGER IF EXISTS paid_at ON invoices;
DROP FUNCTION IF EXISTS fill_paid_at();

-- +goose Down
SELECT 'migrations only move forward';
