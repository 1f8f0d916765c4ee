-- The inbox: every authentic event once, its sealed body, what waits to be applied, and what was not believed.
-- +goose Up
-- One narrow row an accepted event or TRUTH answer, kept for ever. The key is what makes a delivery a duplicate.
CREATE TABLE events (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  source smallint NOT NULL,          -- 1 webhook, 2 the gateway's answer to a read (TRUTH)
  seq bigint NOT NULL,               -- digits after `&`; 0 none or >= 2^63
  id_hash uuid NOT NULL,             -- first 16 bytes of SHA-256(event_id): no random text in the index
  received_at timestamptz NOT NULL,
  applied_at timestamptz,
  event_id text NOT NULL,            -- compared when the key conflicts
  type text NOT NULL,
  kind text NOT NULL,                -- payment, checkout, anticipation or ''
  entity_id text NOT NULL,           -- the gateway's id of the entity; '' none
  created_local text NOT NULL,       -- dateCreated, zone-less; '' malformed or misdated
  outcome text NOT NULL CHECK (outcome IN ('received', 'applied', 'no_effect', 'held', 'quarantined', 'dead')),
  reason text NOT NULL,
  notes text NOT NULL,               -- account_absent, misdated, variant … separated by blanks
  body_hash bytea NOT NULL,          -- SHA-256 of the body
  PRIMARY KEY (clinic_id, environment, seq, id_hash)
) WITH (fillfactor = 90); -- outcome and applied_at change once, in place: no index holds them
SELECT guard_tenant_table('events', false);

-- The bodies, sealed with the clinic's key; insert only, dropped by the month.
CREATE TABLE event_bodies (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  seq bigint NOT NULL,
  id_hash uuid NOT NULL,
  received_at timestamptz NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (clinic_id, environment, seq, id_hash, received_at)
) PARTITION BY RANGE (received_at);
SELECT guard_tenant_table('event_bodies', false);

-- What waits: written with the event, gone when it is applied. Small, so that the sweep stays cheap whatever is stored.
-- Here and not in events, because an index on a changing column would write every key twice.
CREATE TABLE due (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  tries smallint NOT NULL DEFAULT 0,
  seq bigint NOT NULL,
  id_hash uuid NOT NULL,
  next_at timestamptz NOT NULL,       -- infinity: held or dead
  last_error text NOT NULL DEFAULT '', -- class of the last failure, for people
  PRIMARY KEY (clinic_id, next_at, environment, seq, id_hash)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
SELECT guard_tenant_table('due', false);

-- Same id, other body: the first is kept as the event, the others here.
CREATE TABLE event_variants (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  seq bigint NOT NULL,
  id_hash uuid NOT NULL,
  body_hash bytea NOT NULL,
  received_at timestamptz NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (clinic_id, environment, seq, id_hash, body_hash)
);
SELECT guard_tenant_table('event_variants', false);

-- Unproved deliveries that name a bound account: never applied; the entity is read with that clinic's key.
CREATE TABLE hints (
  clinic_id integer NOT NULL,
  body_hash bytea NOT NULL,
  received_at timestamptz NOT NULL,
  type text NOT NULL,
  kind text NOT NULL,
  entity_id text NOT NULL,
  source_ip text NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (clinic_id, body_hash)
);
SELECT guard_tenant_table('hints', false);

-- Unproved deliveries whose account no clinic has bound, sealed with the platform's quarantine key. Not a tenant table:
-- nobody owns them, and none ever changes owner. When the account is bound, kind and entity become hints.
CREATE TABLE strays (
  account_id text NOT NULL,
  body_hash bytea NOT NULL,
  received_at timestamptz NOT NULL,
  type text NOT NULL,
  kind text NOT NULL,
  entity_id text NOT NULL,
  source_ip text NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (account_id, body_hash)
);

-- Entities to read from the gateway: why, and when.
CREATE TABLE truth_wants (
  clinic_id integer NOT NULL,
  kind text NOT NULL,
  entity_id text NOT NULL,
  reason text NOT NULL,
  tries smallint NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,        -- infinity: nothing wanted now
  fetched_at timestamptz,             -- at most one read an entity and minute
  last_error text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, kind, entity_id)
);
CREATE INDEX truth_wants_due ON truth_wants (clinic_id, due_at) WHERE due_at < 'infinity';
SELECT guard_tenant_table('truth_wants', false);

-- The last deliveries of each event: a batched, best-effort log.
CREATE TABLE deliveries (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  code smallint NOT NULL,             -- what we answered
  seq bigint NOT NULL,
  id_hash uuid NOT NULL,
  at timestamptz NOT NULL,
  micros integer NOT NULL,            -- from the last byte read to the answer
  source_ip text NOT NULL
);
CREATE INDEX deliveries_event ON deliveries (clinic_id, environment, seq, id_hash);
CREATE INDEX deliveries_age ON deliveries USING brin (at);
SELECT guard_tenant_table('deliveries', false);

-- Alarms: one open row a kind and clinic; clinic 0 is the platform.
CREATE TABLE alarms (
  clinic_id integer NOT NULL,
  kind text NOT NULL,
  opened_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  count bigint NOT NULL DEFAULT 1,
  next_action text NOT NULL,
  closed_at timestamptz,
  PRIMARY KEY (clinic_id, kind, opened_at)
);
CREATE UNIQUE INDEX alarms_open ON alarms (clinic_id, kind) WHERE closed_at IS NULL;
SELECT guard_tenant_table('alarms', true);

GRANT SELECT, INSERT, UPDATE ON events TO patapay_worker;
GRANT SELECT, INSERT ON event_bodies TO patapay_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON due, truth_wants TO patapay_worker;
GRANT SELECT, DELETE ON hints TO patapay_worker;
GRANT SELECT, INSERT, UPDATE ON alarms TO patapay_worker, patapay_api;
GRANT SELECT ON events, event_bodies, event_variants, due, deliveries, truth_wants, hints TO patapay_api;
GRANT UPDATE ON events, due TO patapay_api;
GRANT INSERT, UPDATE ON truth_wants TO patapay_api;
GRANT INSERT, DELETE ON due TO patapay_api;

GRANT INSERT, SELECT ON events, event_variants, hints, strays, truth_wants, alarms, due TO patapay_definer;
GRANT INSERT ON event_bodies, deliveries TO patapay_definer;
GRANT UPDATE ON truth_wants, alarms TO patapay_definer;
GRANT UPDATE (notes) ON events TO patapay_definer;
GRANT DELETE ON strays, hints TO patapay_definer;
GRANT SELECT, DELETE ON deliveries TO patapay_definer;
CREATE POLICY definer ON events TO patapay_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON event_bodies FOR INSERT TO patapay_definer WITH CHECK (true);
CREATE POLICY definer ON due TO patapay_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON event_variants TO patapay_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON hints TO patapay_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON truth_wants TO patapay_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON deliveries TO patapay_definer USING (true) WITH CHECK (true);
CREATE POLICY definer ON alarms TO patapay_definer USING (true) WITH CHECK (true);

-- +goose Down
SELECT 'migrations only move forward';
