-- Answers to requests with an Idempotency-Key, kept a day, so that a repeat gets the same answer and does nothing again.
-- +goose Up
CREATE TABLE idempotency_keys (
  clinic_id integer NOT NULL,       -- of the token that asked; 0: of the platform
  owner bytea NOT NULL,             -- SHA-256 of who asked: a key is one token's
  key bytea NOT NULL,               -- SHA-256 of the Idempotency-Key
  request bytea NOT NULL,           -- SHA-256 of method, address and body
  started_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,     -- forgotten from then on
  answer bytea,                     -- status, headers and body, sealed: they may hold a token; null: still running
  PRIMARY KEY (clinic_id, owner, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (clinic_id, ends_at);
SELECT guard_tenant_table('idempotency_keys', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
