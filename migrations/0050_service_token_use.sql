-- Who made a program's token, and when it was last used: what a person looks at before ending one.
-- +goose Up
ALTER TABLE service_tokens ADD COLUMN created_by text NOT NULL DEFAULT ''; -- subject of the principal; '' made before this was noted
ALTER TABLE service_tokens ADD COLUMN last_used_at timestamptz;            -- to the minute; null: not used, or not since this is noted

-- +goose Down
SELECT 'migrations only move forward';
