-- Which key signed a program's token: until the last of an old key has ended, that key must be believed.
-- +goose Up
ALTER TABLE service_tokens ADD COLUMN kid text NOT NULL DEFAULT ''; -- as in the token's header; '' before this was noted

-- +goose Down
SELECT 'migrations only move forward';
