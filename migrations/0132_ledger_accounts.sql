-- What stands on one account, and its legs, without those of all others.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS ledger_entries_account ON ledger_entries (clinic_id, account, no) INCLUDE (amount);

-- +goose Down
SELECT 'migrations only move forward';
