-- Endpoints: addresses that entries of the change feed are pushed to, and how far each has got (docs/architecture.md, push).
-- +goose Up
CREATE TABLE endpoints (
  clinic_id integer NOT NULL,              -- 0: of the platform, which gets every clinic's entries
  endpoint_id uuid NOT NULL,               -- UUIDv7; `end_…` outside
  url text NOT NULL CHECK (url <> ''),
  description text NOT NULL DEFAULT '',
  types text NOT NULL DEFAULT '',          -- of the entries that are wanted, blanks between; '': all
  payload text NOT NULL CHECK (payload IN ('whole', 'thin')),
  personal boolean NOT NULL,               -- whether names and documents of people are shown: its maker saw them
  secrets bytea NOT NULL,                  -- those that sign, with their ends, sealed
  state text NOT NULL CHECK (state IN ('active', 'paused')),
  reason text NOT NULL DEFAULT '',         -- why it is paused
  state_since timestamptz NOT NULL,
  place_tx xid8 NOT NULL DEFAULT '0',      -- the cursor: the last entry that was handed out. Transaction and clinic: of the platform's order only
  place_clinic integer NOT NULL DEFAULT 0,
  place_seq bigint NOT NULL,
  handed bigint NOT NULL DEFAULT 0,        -- entries handed out so far: number of the last one
  waiting integer NOT NULL DEFAULT 0 CHECK (waiting >= 0), -- entries handed out and not acknowledged
  due_at timestamptz,                      -- when the first of them may be sent; null: none, or not before another one
  next_at timestamptz NOT NULL,            -- left alone until then
  failures integer NOT NULL DEFAULT 0,     -- deliveries that failed in a row
  test_at timestamptz,                     -- somebody asked for a test; null: none waits
  succeeded_at timestamptz,
  failed_at timestamptz,
  holder text,                             -- the process that sends; null: none
  lease_until timestamptz,                 -- free from then on
  turn_at timestamptz NOT NULL,            -- when it was last given back: who waited longest is next
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,                -- subject of the principal
  PRIMARY KEY (clinic_id, endpoint_id)
);
SELECT guard_tenant_table('endpoints', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON endpoints TO patapay_api;

-- Entries handed out and not acknowledged. What they say is read from the feed when they are sent.
CREATE TABLE endpoint_entries (
  clinic_id integer NOT NULL,
  endpoint_id uuid NOT NULL,
  no bigint NOT NULL,                      -- 1, 2 … in its endpoint
  of_clinic integer NOT NULL,              -- the clinic whose entry it is
  seq bigint NOT NULL,                     -- its number there
  tx xid8 NOT NULL DEFAULT '0',            -- its place in the platform's order; 0: of a clinic's endpoint
  kind text NOT NULL,
  object_id uuid NOT NULL,                 -- a later entry of the same object waits behind this one
  tries integer NOT NULL DEFAULT 0,        -- that failed
  failed_at timestamptz,                   -- when it failed first
  next_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, endpoint_id, no),
  FOREIGN KEY (clinic_id, endpoint_id) REFERENCES endpoints ON DELETE CASCADE
);
SELECT guard_tenant_table('endpoint_entries', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON endpoint_entries TO patapay_api;

-- Every try, kept seven days.
CREATE TABLE endpoint_deliveries (
  clinic_id integer NOT NULL,
  endpoint_id uuid NOT NULL,
  delivery_id uuid NOT NULL,               -- `dlv_…` outside
  message text NOT NULL,                   -- webhook-id: the same at every try of an entry
  type text NOT NULL,
  object_id uuid,                          -- null: a test
  try integer NOT NULL,                    -- 1, 2 …
  at timestamptz NOT NULL,
  code integer NOT NULL,                   -- of the answer; 0: there was none
  reason text NOT NULL DEFAULT '',         -- why it failed; '': it arrived
  latency_ms integer NOT NULL,
  answer bytea,                            -- its first KiB, sealed; null: empty
  PRIMARY KEY (clinic_id, endpoint_id, delivery_id),
  FOREIGN KEY (clinic_id, endpoint_id) REFERENCES endpoints ON DELETE CASCADE
);
CREATE INDEX endpoint_deliveries_at ON endpoint_deliveries (clinic_id, endpoint_id, at, delivery_id);
CREATE INDEX endpoint_deliveries_age ON endpoint_deliveries (at);
SELECT guard_tenant_table('endpoint_deliveries', false);
GRANT SELECT, INSERT ON endpoint_deliveries TO patapay_api;

CREATE POLICY definer ON endpoints FOR SELECT TO patapay_definer USING (true);
CREATE POLICY definer ON endpoint_deliveries TO patapay_definer USING (true);
CREATE POLICY definer ON clinic_heads FOR SELECT TO patapay_definer USING (true);
GRANT SELECT ON endpoints, clinic_heads TO patapay_definer;
GRANT SELECT, DELETE ON endpoint_deliveries TO patapay_definer;

-- Endpoints that nobody holds and that have something to send, who waited longest first; suspect: the last delivery failed. A holder
-- whose lease is over died, and nobody noted what it left.
CREATE FUNCTION endpoints_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer, endpoint uuid, suspect boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT e.clinic_id, e.endpoint_id, e.failures > 0
  FROM endpoints e LEFT JOIN clinic_heads h ON h.clinic_id = e.clinic_id LEFT JOIN clinics c ON c.clinic_id = e.clinic_id
  WHERE (e.lease_until IS NULL OR e.lease_until <= now_at) AND (e.clinic_id = 0 OR c.state <> 'deleted')
    AND (e.test_at IS NOT NULL OR e.state = 'active' AND e.next_at <= now_at AND (e.due_at <= now_at OR e.holder IS NOT NULL OR e.waiting < 1000 AND CASE
      WHEN e.clinic_id > 0 THEN h.feed_seq > e.place_seq
      ELSE EXISTS (SELECT FROM changes g WHERE (g.tx, g.clinic_id, g.seq) > (e.place_tx, e.place_clinic, e.place_seq)
        AND g.tx < pg_snapshot_xmin(pg_current_snapshot())) END))
  ORDER BY e.turn_at LIMIT most
$$;
ALTER FUNCTION endpoints_due(timestamptz, integer) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION endpoints_due(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION endpoints_due(timestamptz, integer) TO patapay_api;

-- Drops tries from before an instant, of every clinic, at most so many; returns how many went.
CREATE FUNCTION trim_endpoint_deliveries(before timestamptz, most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH gone AS (DELETE FROM endpoint_deliveries WHERE (clinic_id, endpoint_id, delivery_id) IN
    (SELECT d.clinic_id, d.endpoint_id, d.delivery_id FROM endpoint_deliveries d WHERE d.at < before ORDER BY d.at LIMIT most) RETURNING 1)
  SELECT count(*) FROM gone
$$;
ALTER FUNCTION trim_endpoint_deliveries(timestamptz, integer) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION trim_endpoint_deliveries(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trim_endpoint_deliveries(timestamptz, integer) TO patapay_api;

-- A place of the platform's feed with every entry from an instant on behind it: where a replay from a time begins. Entries are almost
-- in the order of their instants: the place is found by halves, and lies a minute early.
-- +goose StatementBegin
CREATE FUNCTION feed_place_before(instant timestamptz) RETURNS xid8
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  low numeric := coalesce((SELECT min(tx)::text::numeric FROM changes), 0);
  high numeric := pg_snapshot_xmin(pg_current_snapshot())::text::numeric;
  middle numeric;
  written timestamptz;
BEGIN
  WHILE low < high LOOP
    middle := div(low + high, 2);
    SELECT c.at INTO written FROM changes c WHERE c.tx >= middle::text::xid8 ORDER BY c.tx, c.clinic_id, c.seq LIMIT 1;
    IF written IS NULL OR written >= instant - interval '1 minute' THEN high := middle; ELSE low := middle + 1; END IF;
  END LOOP;
  RETURN low::text::xid8;
END $$;
-- +goose StatementEnd
ALTER FUNCTION feed_place_before(timestamptz) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION feed_place_before(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_place_before(timestamptz) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
