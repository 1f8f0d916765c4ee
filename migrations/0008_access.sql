-- Tokens of programs, so that one can be revoked, and the ways by which people and sessions are found.
-- +goose Up
CREATE TABLE service_tokens (
  clinic_id integer NOT NULL,       -- 0: for the platform
  token_id text NOT NULL UNIQUE,    -- jti of the token; the token itself is kept nowhere
  name text NOT NULL CHECK (name <> ''),
  scopes text NOT NULL,             -- blanks between
  created_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (clinic_id, token_id)
);
SELECT guard_tenant_table('service_tokens', true);
GRANT SELECT, INSERT, UPDATE ON service_tokens TO patapay_api;

-- A token names its user only; a refresh names its session by either digest.
CREATE INDEX users_user ON users (user_id);
CREATE INDEX sessions_previous ON sessions (previous_digest) WHERE previous_digest IS NOT NULL;
CREATE INDEX sessions_user ON sessions (clinic_id, user_id);

-- +goose Down
SELECT 'migrations only move forward';
