-- One doer at a time of what asks the gateway for a clinic, across processes, and which configuration carries which token.
-- +goose Up
-- A lease ends by itself, so a process that dies holds nobody up. Its instants are handed in: SQL's clock decides nothing.
CREATE TABLE leases (
  clinic_id integer NOT NULL,
  name text NOT NULL CHECK (name <> ''), -- what is done alone: webhook, guard, reconcile
  holder text NOT NULL,                  -- one taker; another process, or a later run, has another name
  until timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, name)
);
SELECT guard_tenant_table('leases', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON leases TO patapay_api, patapay_worker;

-- '' for a token that was shown to a person, or whose configuration never answered.
ALTER TABLE webhook_tokens ADD COLUMN webhook_id text NOT NULL DEFAULT '';

-- +goose Down
SELECT 'migrations only move forward';
