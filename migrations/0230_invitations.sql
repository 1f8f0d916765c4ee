-- An invitation takes nobody's address: it is held from the day its person chooses a password, and not for ever after they left.
-- +goose Up
ALTER TABLE users ALTER COLUMN email DROP NOT NULL; -- null: they hold no address, and nobody logs in by this row
ALTER TABLE users ADD COLUMN shown_email text CHECK (shown_email = lower(shown_email)); -- of who holds none: invited, or gone for 30 days
ALTER TABLE users ADD CONSTRAINT users_address CHECK (email IS NOT NULL OR shown_email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_address;
ALTER TABLE mailed_links DROP CONSTRAINT mailed_links_purpose_check;
ALTER TABLE mailed_links ADD CONSTRAINT mailed_links_purpose_check CHECK (purpose IN ('password', 'login', 'invitation'));

-- +goose Down
SELECT 'migrations only move forward';
