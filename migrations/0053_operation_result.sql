-- Long work whose length is known when it begins, and what came of it.
-- +goose Up
ALTER TABLE operations ADD COLUMN total integer NOT NULL DEFAULT 0; -- steps there will be; 0: as many as its kind has
ALTER TABLE operations ADD COLUMN result jsonb;                     -- for programs; null: nothing to tell. Never a secret

-- +goose Down
SELECT 'migrations only move forward';
