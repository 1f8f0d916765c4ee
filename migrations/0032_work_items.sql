-- What a person must look at in a clinic's money: typed, aged, owned, with an outcome that is booked and audited.
-- +goose Up
CREATE TABLE work_items (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                       -- UUIDv7; `wki_…` outside
  amount bigint NOT NULL,                 -- centavos in question, by sign
  opened_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  resolved_at timestamptz,                -- null: open
  version integer NOT NULL DEFAULT 1,
  kind text NOT NULL CHECK (kind IN ('unexpected_money', 'second_payment', 'cancelled_charge', 'deleted_charge', 'amount_differs', 'conflict', 'negative_receivable', 'statement_line')),
  subject text NOT NULL CHECK (subject <> ''), -- gateway id of a payment, anticipation or statement line
  payment text NOT NULL DEFAULT '',       -- that a statement line names
  detail text NOT NULL DEFAULT '',        -- the gateway's word; never free text of a person
  owner text NOT NULL DEFAULT '',         -- who looks into it: e-mail or name, '' nobody
  outcome text NOT NULL DEFAULT '',       -- '' open; gone: it is no longer so; else what a person decided
  note text NOT NULL DEFAULT '',          -- why, by that person
  resolved_by text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, kind, subject),
  CHECK ((outcome = '') = (resolved_at IS NULL))
);
CREATE INDEX work_items_open ON work_items (clinic_id, id) WHERE resolved_at IS NULL;
SELECT guard_tenant_table('work_items', false);
GRANT SELECT, INSERT, UPDATE ON work_items TO patapay_worker, patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
