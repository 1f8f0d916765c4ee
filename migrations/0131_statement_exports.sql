-- A statement of the balance is a file of its own: the lines of one account in the order of their days, with the balance after each.
-- +goose Up
ALTER TABLE exports DROP CONSTRAINT exports_kind_check;
ALTER TABLE exports ADD CONSTRAINT exports_kind_check CHECK (kind IN ('invoices', 'checkouts', 'anticipations', 'ledger', 'events', 'statement'));

-- +goose Down
SELECT 'migrations only move forward';
