-- When each connection is looked at next, what was missed and must be compared, and how much a clinic usually hears.
-- +goose Up
-- Instants are handed in: SQL's clock decides nothing. A clinic without a row is due.
CREATE TABLE guard_rounds (
  clinic_id integer PRIMARY KEY,
  next_at timestamptz NOT NULL,  -- of the next look
  gap_since timestamptz,         -- events may have been missed since: a pause, a silence, a dead key; null: compared
  backfilled_at timestamptz      -- the first import of 90 days ended; null: not yet
);
SELECT guard_tenant_table('guard_rounds', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON guard_rounds TO patapay_api;
GRANT SELECT, UPDATE ON guard_rounds TO patapay_worker; -- an event about the key brings the next look forward

-- Events of a clinic in each hour, kept five weeks: what is usual. Counted by the guardian from the newest events.
CREATE TABLE traffic_hours (
  clinic_id integer NOT NULL,
  hour timestamptz NOT NULL,
  events integer NOT NULL CHECK (events > 0),
  PRIMARY KEY (clinic_id, hour)
);
SELECT guard_tenant_table('traffic_hours', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON traffic_hours TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
