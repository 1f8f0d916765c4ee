-- Who the clinics are, who works for them, and what people did: the ground every other table stands on.
-- +goose Up
CREATE TABLE clinics (
  clinic_id integer GENERATED ALWAYS AS IDENTITY (START 1) PRIMARY KEY, -- small, for narrow keys; the world sees public_id
  public_id uuid NOT NULL UNIQUE,          -- UUIDv7; `ten_…` outside
  external_id text UNIQUE,                 -- the platform's id of the clinic; null: none given
  name text NOT NULL CHECK (name <> ''),
  tax_id text NOT NULL DEFAULT '',         -- CNPJ or CPF, digits and letters only; '' unknown
  sandbox boolean NOT NULL DEFAULT false,  -- a tenant for trying: its keys are sandbox keys
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'deleted')),
  state_since timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
SELECT guard_tenant_table('clinics', true);
GRANT SELECT, INSERT, UPDATE ON clinics TO patapay_api;
GRANT SELECT ON clinics TO patapay_worker, patapay_definer;
CREATE POLICY definer ON clinics FOR SELECT TO patapay_definer USING (true);

-- A clinic's data key, wrapped by the master key that lives outside the database.
CREATE TABLE clinic_keys (
  clinic_id integer NOT NULL,
  key_no integer NOT NULL CHECK (key_no > 0), -- 1, 2 …: the highest seals, all open
  wrapped bytea NOT NULL,                     -- a tink keyset, encrypted
  created_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, key_no)
);
SELECT guard_tenant_table('clinic_keys', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON clinic_keys TO patapay_api;
GRANT SELECT ON clinic_keys TO patapay_worker, patapay_definer;
CREATE POLICY definer ON clinic_keys FOR SELECT TO patapay_definer USING (true);

-- One row a clinic: the lock of apply, the last feed sequence and the last hash of each chain.
CREATE TABLE clinic_heads (
  clinic_id integer PRIMARY KEY,
  feed_seq bigint NOT NULL DEFAULT 0,
  ledger_hash bytea NOT NULL DEFAULT '',
  audit_no bigint NOT NULL DEFAULT 0,
  audit_hash bytea NOT NULL DEFAULT ''
);
SELECT guard_tenant_table('clinic_heads', true);
GRANT SELECT, INSERT, UPDATE ON clinic_heads TO patapay_api;
GRANT SELECT, INSERT, UPDATE ON clinic_heads TO patapay_worker;
SELECT set_config('app.clinic_id', '0', true);
INSERT INTO clinic_heads (clinic_id) VALUES (0); -- the platform's own audit chain

-- People who log in. Operators of the platform have clinic 0.
CREATE TABLE users (
  clinic_id integer NOT NULL,
  user_id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL DEFAULT '',
  password_hash text NOT NULL, -- argon2id
  role text NOT NULL CHECK (role IN ('admin', 'finance', 'reader', 'support', 'sre')),
  session_version integer NOT NULL DEFAULT 1, -- raised to end every session at once
  disabled_at timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, user_id),
  UNIQUE (email)
);
SELECT guard_tenant_table('users', true);
GRANT SELECT, INSERT, UPDATE ON users TO patapay_api;

-- Sessions of the browser: the digest of the refresh token that may be used next.
CREATE TABLE sessions (
  clinic_id integer NOT NULL,
  session_id uuid NOT NULL,
  user_id uuid NOT NULL,
  digest bytea NOT NULL UNIQUE,
  previous_digest bytea,            -- used again: stolen, the session ends
  created_at timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (clinic_id, session_id)
);
SELECT guard_tenant_table('sessions', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO patapay_api;

-- What people changed or revealed. Added only, chained per clinic by HMAC (clinic_heads has the last hash).
CREATE TABLE audit (
  clinic_id integer NOT NULL,
  no bigint NOT NULL CHECK (no > 0),
  at timestamptz NOT NULL,
  actor text NOT NULL,    -- subject of the principal
  role text NOT NULL,
  action text NOT NULL,   -- connection.set, tenant.suspend …
  subject text NOT NULL,  -- public id of what was touched
  detail jsonb NOT NULL,  -- never a secret, never personal data
  source text NOT NULL,   -- address the request came from
  hash bytea NOT NULL,    -- HMAC-SHA-256 over the previous hash and this row
  PRIMARY KEY (clinic_id, no)
);
SELECT guard_tenant_table('audit', true);
GRANT SELECT, INSERT ON audit TO patapay_api;
GRANT INSERT ON audit TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
