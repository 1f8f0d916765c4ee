-- An invitation takes nobody's address: it is held from the day its person chooses a password, and not for ever after they left.
-- +goose Up
-- Set: they hold no address, and nobody logs in by this row, of who was invited or left 30 days ago. Its email is then '~' and the
-- user's id, in one of its forms, which is nobody's address: programs of before this migration read it as a text.
ALTER TABLE users ADD COLUMN shown_email text CHECK (shown_email = lower(shown_email));
ALTER TABLE mailed_links DROP CONSTRAINT mailed_links_purpose_check;
ALTER TABLE mailed_links ADD CONSTRAINT mailed_links_purpose_check CHECK (purpose IN ('password', 'login', 'invitation'));

-- +goose Down
SELECT 'migrations only move forward';
