-- A certificate names what it repaired and what it could not explain.
-- +goose Up
ALTER TABLE certificates ADD COLUMN objects jsonb NOT NULL DEFAULT '[]'; -- kind, id (the gateway's), found: repaired or unexplained; the first thousand

-- +goose Down
SELECT 'migrations only move forward';
