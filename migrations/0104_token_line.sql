-- Who answers for a program's token and which token made it: what ends with a person's access, or with another token.
-- +goose Up
ALTER TABLE service_tokens ADD COLUMN owner text NOT NULL DEFAULT '';  -- usr_… who took it over; '' whoever made it
ALTER TABLE service_tokens ADD COLUMN parent text NOT NULL DEFAULT ''; -- token_id that it was made with; '' by a person, or before this was noted
CREATE INDEX service_tokens_parent ON service_tokens (parent) WHERE parent <> '';

-- +goose Down
SELECT 'migrations only move forward';
