-- When a payment's card was last refused, so that billing can ask for those refused since an hour.
-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE invoices ADD COLUMN IF NOT EXISTS refused_at text COLLATE "C"; -- São Paulo, as paid_at; null: never, or undated
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_refused_at ON invoices (clinic_id, refused_at, id) WHERE refused_at IS NOT NULL;

-- +goose Down
SELECT 'migrations only move forward';
