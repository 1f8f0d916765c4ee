-- The second factor of people who log in: their authenticator apps, their recovery codes, and logins that wait for one.
-- +goose Up
CREATE TABLE factors (
  clinic_id integer NOT NULL,
  factor_id uuid NOT NULL,              -- UUIDv7; `fac_…` outside
  user_id uuid NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  secret bytea NOT NULL,                -- sealed
  last_step bigint NOT NULL DEFAULT 0,  -- of 30 s since 1970, of the last code that was taken: it and older ones are not taken again
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,             -- null: no code of it was seen yet, and it asks nothing
  last_used_at timestamptz,
  PRIMARY KEY (clinic_id, factor_id)
);
CREATE INDEX factors_user ON factors (clinic_id, user_id);
SELECT guard_tenant_table('factors', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON factors TO patapay_api;

CREATE TABLE recovery_codes (
  clinic_id integer NOT NULL,
  user_id uuid NOT NULL,
  digest bytea NOT NULL,                -- of the code, which is kept nowhere
  created_at timestamptz NOT NULL,
  used_at timestamptz,                  -- null: it may be used once
  PRIMARY KEY (clinic_id, user_id, digest)
);
SELECT guard_tenant_table('recovery_codes', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO patapay_api;

-- Logins whose password was right and whose second factor is waited for.
CREATE TABLE login_challenges (
  clinic_id integer NOT NULL,
  digest bytea NOT NULL,                -- of the challenge's secret, which is kept nowhere
  user_id uuid NOT NULL,
  session_version integer NOT NULL,     -- of the user then: what ends their sessions ends it
  known boolean NOT NULL,               -- whether the browser was known to the user then
  tries integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  used_at timestamptz,                  -- null: it may be met once
  PRIMARY KEY (clinic_id, digest)
);
CREATE UNIQUE INDEX login_challenges_digest ON login_challenges (digest); -- whoever meets it says no clinic
CREATE INDEX login_challenges_user ON login_challenges (clinic_id, user_id);
SELECT guard_tenant_table('login_challenges', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON login_challenges TO patapay_api;

ALTER TABLE sessions ADD COLUMN factor_at timestamptz;                          -- when the second factor was last shown in it; null: never
ALTER TABLE sessions ADD COLUMN factor_pending boolean NOT NULL DEFAULT false;  -- opened for setting a factor up, and nothing else until then
ALTER TABLE clinics ADD COLUMN factor_required boolean NOT NULL DEFAULT false;  -- whether its people must have a second factor

-- +goose Down
SELECT 'migrations only move forward';
