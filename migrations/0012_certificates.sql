-- What each comparison with the gateway found: kept for ever, a proof for people.
-- +goose Up
CREATE TABLE certificates (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,              -- of the operation
  from_day date NOT NULL,        -- the window that was listed
  to_day date NOT NULL,
  read integer NOT NULL,         -- entities compared or read
  equal integer NOT NULL,
  repaired integer NOT NULL,     -- differed, and agree after the gateway's answer was folded
  unexplained integer NOT NULL,  -- still differ, or could not be read in time
  ended_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  CHECK (read = equal + repaired + unexplained)
);
SELECT guard_tenant_table('certificates', false);
GRANT SELECT, INSERT ON certificates TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
