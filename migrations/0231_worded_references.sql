-- References of words alone, which a typed name may be: looked for by their hash, so that no name is an argument of a statement.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_worded_reference ON invoices (clinic_id, id) WHERE external_reference <> '' AND external_reference !~ '[0-9_]';
CREATE INDEX CONCURRENTLY IF NOT EXISTS checkouts_worded_reference ON checkouts (clinic_id, id) WHERE external_reference <> '' AND external_reference !~ '[0-9_]';

-- +goose Down
SELECT 'migrations only move forward';
