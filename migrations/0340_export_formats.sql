-- A statement can be a file for accounting programs too: what a file is written in stands beside what it is about.
-- +goose Up
ALTER TABLE exports ADD COLUMN format text NOT NULL DEFAULT 'csv' CHECK (format IN ('csv', 'ofx'));

-- +goose Down
SELECT 'migrations only move forward';
