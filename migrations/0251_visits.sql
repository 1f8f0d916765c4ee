-- Visits: an operator sees a clinic's pages for a written reason, until the visit ends, by itself or by the operator.
-- +goose Up
CREATE TABLE visits (
  clinic_id integer NOT NULL,
  visit_id uuid NOT NULL,              -- `vis_…` outside
  session text NOT NULL,               -- the login that it belongs to; it ends with it
  operator text NOT NULL,
  reason text NOT NULL,                -- the clinic reads it with each look
  begun_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,        -- at the latest
  ended_at timestamptz,                -- by the operator; null: not
  PRIMARY KEY (clinic_id, visit_id)
);
SELECT guard_tenant_table('visits', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON visits TO patapay_api;
CREATE INDEX visits_id ON visits (visit_id);

-- +goose Down
SELECT 'migrations only move forward';
