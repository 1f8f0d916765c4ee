-- Contract: lists read days of the due date, not its month, since 0351; the month was worked out and stored at each write.
-- +goose Up
ALTER TABLE invoices DROP COLUMN IF EXISTS due_month;

-- +goose Down
SELECT 'migrations only move forward';
