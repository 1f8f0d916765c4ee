-- Two indexes of invoices begin and end with the clinic and the id: the key, and the one that lists read in order of the id, with the days
-- and the value beside it. Each written invoice wrote both. One that has those beside the key is both.
-- +goose NO TRANSACTION
-- +goose Up
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS invoices_key ON invoices (clinic_id, id) INCLUDE (due_date, value, paid_at, paid_on);
ALTER TABLE invoices DROP CONSTRAINT invoices_pkey, ADD CONSTRAINT invoices_pkey PRIMARY KEY USING INDEX invoices_key;
DROP INDEX CONCURRENTLY IF EXISTS invoices_ranges;

-- +goose Down
SELECT 'migrations only move forward';
