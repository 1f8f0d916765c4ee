-- E-mails that wait to be sent: written in the transaction of the alarm that they tell of, so that neither is without the other.
-- +goose Up
CREATE TABLE mails (
  clinic_id integer NOT NULL,
  kind text NOT NULL,              -- of the alarm
  incident timestamptz NOT NULL,   -- when the alarm opened
  phase text NOT NULL CHECK (phase IN ('opened', 'solved')),
  subject text NOT NULL,
  body text NOT NULL,              -- plain text, pt-BR; never a secret, never a payer
  created_at timestamptz NOT NULL,
  next_at timestamptz NOT NULL,    -- of the next try
  tries smallint NOT NULL DEFAULT 0,
  sent_at timestamptz,             -- null: not yet
  given_up_at timestamptz,         -- too old to be news
  last_error text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, kind, incident, phase) -- one an incident, one when it is solved
);
CREATE INDEX mails_waiting ON mails (clinic_id, next_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
SELECT guard_tenant_table('mails', true);
GRANT SELECT, INSERT, UPDATE ON mails TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
