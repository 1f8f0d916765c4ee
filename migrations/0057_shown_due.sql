-- What a status and a range of due dates leave is counted and sorted by the index alone: it holds the columns that its expressions are made of.
-- Without them Postgres read each row: of 3,000 overdue invoices of a month the page took 17 ms.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_shown_due_whole ON invoices (clinic_id,
  (CASE WHEN deleted AND status = ANY ('{pending,overdue,authorized,in_review,in_collection,unknown}'::text[]) THEN 'removed' ELSE status END), (CASE WHEN due_date IS NULL THEN '0001-01-01'::date ELSE due_date END), id)
  INCLUDE (deleted, status, due_date);
DROP INDEX CONCURRENTLY IF EXISTS invoices_shown_due;
ALTER INDEX IF EXISTS invoices_shown_due_whole RENAME TO invoices_shown_due;

-- +goose Down
SELECT 'migrations only move forward';
