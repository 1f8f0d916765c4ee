-- Which tenant took a sandbox one's place: a clinic that was tried out begins anew in production, and nothing of the two mixes.
-- +goose Up
ALTER TABLE clinics ADD COLUMN production_id uuid UNIQUE; -- of a sandbox tenant: public_id of the one that its people moved to; null: it has none
-- +goose Down
SELECT 'migrations only move forward';
