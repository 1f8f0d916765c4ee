-- The money that the billing module waits for, by its own reference.
-- +goose Up
CREATE TABLE expected_payments (
  clinic_id integer NOT NULL,
  amount bigint CHECK (amount > 0),       -- centavos of one payment; null: any
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  cancelled boolean NOT NULL DEFAULT false, -- money for it is no longer due
  external_reference text NOT NULL CHECK (external_reference <> ''),
  asaas_id text NOT NULL DEFAULT '',      -- a payment that is meant though it has no reference; '' none
  PRIMARY KEY (clinic_id, external_reference)
);
CREATE INDEX expected_payments_asaas ON expected_payments (clinic_id, asaas_id) WHERE asaas_id <> '';
SELECT guard_tenant_table('expected_payments', false);
GRANT SELECT ON expected_payments TO patapay_worker;
GRANT SELECT, INSERT, UPDATE ON expected_payments TO patapay_api;
CREATE INDEX invoices_reference ON invoices (clinic_id, external_reference) WHERE external_reference <> ''; -- other payments of one reference

-- +goose Down
SELECT 'migrations only move forward';
