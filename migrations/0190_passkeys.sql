-- Passkeys stand beside authenticator apps as second factors, and the challenges that they answer are kept here, once.
-- +goose Up
ALTER TABLE factors
  ADD COLUMN kind text NOT NULL DEFAULT 'app' CHECK (kind IN ('app', 'passkey')),
  ADD COLUMN credential bytea,                    -- of a passkey: the id that its authenticator gave it
  ADD COLUMN public_key bytea,                    -- of a passkey: a COSE key; the private half never leaves the authenticator
  ADD COLUMN sign_count bigint NOT NULL DEFAULT 0, -- of a passkey: it only grows, unless its authenticator counts nothing
  ADD COLUMN backed_up boolean NOT NULL DEFAULT false, -- of a passkey: its maker may copy it between devices
  ADD COLUMN transports text NOT NULL DEFAULT '', -- of a passkey: usb, nfc, internal …, as browsers name them
  ALTER COLUMN secret DROP NOT NULL,              -- of an app alone
  ADD CHECK (kind = 'passkey' OR secret IS NOT NULL),
  ADD CHECK (kind = 'app' OR credential IS NOT NULL AND public_key IS NOT NULL);
CREATE UNIQUE INDEX factors_credential ON factors (credential) WHERE credential IS NOT NULL; -- one person's (WebAuthn, 7.1)

CREATE TABLE passkey_challenges (
  clinic_id integer NOT NULL,
  digest bytea NOT NULL,     -- of the random bytes that a passkey signs
  user_id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('add', 'show')),
  holder bytea NOT NULL,     -- who asked for it: a session's id, or the digest of a login's challenge
  created_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, digest)
);
CREATE INDEX passkey_challenges_user ON passkey_challenges (clinic_id, user_id);
SELECT guard_tenant_table('passkey_challenges', true);
GRANT SELECT, INSERT, DELETE ON passkey_challenges TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
