-- The gateway's own statement, line by line as it was read, and what the last look at the balance found.
-- +goose Up
CREATE TABLE statement_lines (
  clinic_id integer NOT NULL,
  value bigint NOT NULL,              -- centavos; what went out is below zero
  day date NOT NULL,                  -- in São Paulo
  read_at timestamptz NOT NULL,
  id text NOT NULL CHECK (id <> ''),  -- ftn_…
  type text NOT NULL,                 -- the gateway's word
  subject_kind text NOT NULL,         -- whose events tell of the money: payment, anticipation; '': the line alone does, and is booked
  subject text NOT NULL,              -- its gateway id
  payment text NOT NULL,              -- that the gateway names, '' none
  PRIMARY KEY (clinic_id, id)
);
CREATE INDEX statement_lines_day ON statement_lines (clinic_id, day);
SELECT guard_tenant_table('statement_lines', false);
GRANT SELECT, INSERT ON statement_lines TO patapay_api;

CREATE TABLE statement_checks (
  clinic_id integer PRIMARY KEY,
  balance bigint NOT NULL,            -- centavos, as the gateway said
  available bigint NOT NULL,          -- centavos on asaas_available at that moment
  checked_at timestamptz NOT NULL,
  through date NOT NULL               -- last day whose lines were read
);
SELECT guard_tenant_table('statement_checks', false);
GRANT SELECT, INSERT, UPDATE ON statement_checks TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
