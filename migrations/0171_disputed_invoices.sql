-- Which payments a card holder disputes or has disputed: few among many, found by an index of their own also when the dispute is over.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_disputed ON invoices (clinic_id, id) WHERE (state ->> 'Chargeback') IS NOT NULL;

-- +goose Down
SELECT 'migrations only move forward';
