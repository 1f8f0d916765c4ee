-- What a person is shown of their sessions, and the browsers that they logged in with before.
-- +goose Up
ALTER TABLE sessions ADD COLUMN source text NOT NULL DEFAULT ''; -- address of the last log-in or refresh; '' not noted
ALTER TABLE sessions ADD COLUMN agent text NOT NULL DEFAULT '';  -- "Firefox, Linux", made of User-Agent; '' not noted

-- Browsers that a full log-in succeeded with: their tries have a bucket of their own, which strangers do not empty.
CREATE TABLE known_browsers (
  clinic_id integer NOT NULL,
  digest bytea NOT NULL,       -- of the cookie, which is kept nowhere
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL, -- 180 days after the last log-in
  PRIMARY KEY (clinic_id, digest)
);
CREATE INDEX known_browsers_user ON known_browsers (clinic_id, user_id);
SELECT guard_tenant_table('known_browsers', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON known_browsers TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
