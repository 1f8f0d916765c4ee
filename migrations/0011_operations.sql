-- Long work that somebody asked for, with how far it is, and the last look at each connection.
-- +goose Up
CREATE TABLE operations (
  clinic_id integer NOT NULL,
  id uuid NOT NULL UNIQUE,             -- UUIDv7; `opr_…` outside; named without its clinic
  kind text NOT NULL,                  -- connection.test, connection.reactivate
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  steps jsonb NOT NULL,                -- what was done, in order, for people; never a secret
  code text NOT NULL DEFAULT '',       -- failed: why
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,     -- running and not updated for five minutes: its process died
  PRIMARY KEY (clinic_id, id)
);
SELECT guard_tenant_table('operations', true);
GRANT SELECT, INSERT, UPDATE ON operations TO patapay_api;

CREATE TABLE connection_checks (
  clinic_id integer PRIMARY KEY,
  checked_at timestamptz NOT NULL,
  checks jsonb NOT NULL                -- name, status, since, detail, action; never a secret
);
SELECT guard_tenant_table('connection_checks', false);
GRANT SELECT, INSERT, UPDATE ON connection_checks TO patapay_api;

-- After a pause the api asks for what may have been missed.
GRANT EXECUTE ON FUNCTION want_truth(integer, text, text, text, timestamptz) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
