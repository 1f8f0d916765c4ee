-- The change feed (docs/architecture.md, feed): an entry for every new version of a projection, written with it.
-- +goose Up
CREATE TABLE changes (
  clinic_id integer NOT NULL,
  seq bigint NOT NULL,                          -- 1, 2 … in its clinic, without a gap: from clinic_heads, under its lock
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(), -- the platform's order; never compared across a restore into another cluster
  kind text NOT NULL,
  object_id uuid NOT NULL,
  asaas_id text NOT NULL,
  version integer NOT NULL,
  at timestamptz NOT NULL,
  state json NOT NULL,                          -- the projection as of this version, as its own row has it
  texts bytea,
  PRIMARY KEY (clinic_id, seq)
);
CREATE INDEX changes_order ON changes (tx, clinic_id, seq); -- grows at its end
SELECT guard_tenant_table('changes', false);
GRANT SELECT ON changes TO patapay_api;
GRANT INSERT ON changes TO patapay_worker;
GRANT SELECT, DELETE ON changes TO patapay_definer;
CREATE POLICY definer ON changes TO patapay_definer USING (true);

-- How far entries were dropped for their age: a reader behind this point must begin anew. Not a tenant table: one row.
CREATE TABLE feed_floor (tx xid8 NOT NULL, clinic integer NOT NULL, seq bigint NOT NULL);
INSERT INTO feed_floor VALUES ('0', 0, 0);
CREATE UNIQUE INDEX feed_floor_one ON feed_floor ((true));
GRANT SELECT, UPDATE ON feed_floor TO patapay_definer;

-- The platform's feed behind a place, at most `most` entries. Only what nobody can still commit below is shown: a transaction
-- that began earlier and commits later would else be skipped for ever.
-- +goose StatementBegin
CREATE FUNCTION feed_after(after_tx xid8, after_clinic integer, after_seq bigint, most integer)
RETURNS TABLE (place_tx xid8, clinic integer, tenant uuid, seq bigint, kind text, object_id uuid, asaas_id text, version integer, at timestamptz, state json, texts bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT c.tx, c.clinic_id, t.public_id, c.seq, c.kind, c.object_id, c.asaas_id, c.version, c.at, c.state, c.texts
  FROM changes c JOIN clinics t USING (clinic_id)
  WHERE (c.tx, c.clinic_id, c.seq) > (after_tx, after_clinic, after_seq) AND c.tx < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY c.tx, c.clinic_id, c.seq LIMIT most;
END $$;
-- +goose StatementEnd
ALTER FUNCTION feed_after(xid8, integer, bigint, integer) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION feed_after(xid8, integer, bigint, integer) TO patapay_api;

-- The place up to which entries were dropped, and the end of what may be shown now: where a new reader may begin.
CREATE FUNCTION feed_bounds(OUT floor_tx xid8, OUT floor_clinic integer, OUT floor_seq bigint, OUT head_tx xid8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT tx, clinic, seq, pg_snapshot_xmin(pg_current_snapshot()) FROM feed_floor
$$;
ALTER FUNCTION feed_bounds() OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION feed_bounds() TO patapay_api;

-- Drops up to `most` of the oldest entries, those from before an instant, and notes how far; returns how many went.
-- +goose StatementBegin
CREATE FUNCTION trim_feed(before timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE n integer;
BEGIN
  WITH old AS (
    SELECT c.clinic_id, c.seq, c.at FROM changes c ORDER BY c.tx, c.clinic_id, c.seq LIMIT most
  ), gone AS (
    DELETE FROM changes c USING old o WHERE c.clinic_id = o.clinic_id AND c.seq = o.seq AND o.at < before RETURNING c.tx, c.clinic_id, c.seq
  ), last AS (
    SELECT tx, clinic_id, seq FROM gone ORDER BY tx DESC, clinic_id DESC, seq DESC LIMIT 1
  ), noted AS (
    UPDATE feed_floor f SET tx = l.tx, clinic = l.clinic_id, seq = l.seq FROM last l WHERE (l.tx, l.clinic_id, l.seq) > (f.tx, f.clinic, f.seq)
  )
  SELECT count(*) INTO n FROM gone;
  RETURN n;
END $$;
-- +goose StatementEnd
ALTER FUNCTION trim_feed(timestamptz, integer) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION trim_feed(timestamptz, integer) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
