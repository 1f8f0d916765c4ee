-- What people of a clinic decide about each other and about themselves: who is let in, with a start password or their own, and what each of them wants to see and hear of.
-- +goose Up
ALTER TABLE users ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN start_until timestamptz;                 -- the password was given by somebody else and ends then; null: their own
ALTER TABLE users ADD COLUMN last_login_at timestamptz;               -- null: never, or not since this is noted
ALTER TABLE users ADD COLUMN theme text NOT NULL DEFAULT '' CHECK (theme IN ('', 'auto', 'light', 'dark')); -- '': never chosen
ALTER TABLE users ADD COLUMN shortcuts boolean NOT NULL DEFAULT false; -- single-letter shortcuts (WCAG 2.1.4)
ALTER TABLE users ADD COLUMN muted_mails text NOT NULL DEFAULT '';    -- kinds of incidents they want no e-mail of, blanks between

-- +goose Down
SELECT 'migrations only move forward';
