-- A delivery that was stored and answered at once leaves no row of its own: the event tells when it came and from where.
-- +goose Up
ALTER TABLE events ADD COLUMN source_ip text NOT NULL DEFAULT ''; -- of the delivery that brought it; '' unknown, or no delivery

-- Minutes in which the delivery log lost rows: of an event of such a minute nobody knows how soon it was answered.
CREATE TABLE delivery_gaps (
  minute timestamptz PRIMARY KEY,
  lost bigint NOT NULL
);
ALTER TABLE delivery_gaps ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_gaps FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON delivery_gaps TO patapay_definer USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_gaps TO patapay_definer;

-- As before, with the sender's address. A copy is looked for as the first event from its key on: of an empty table that order, not the
-- key, makes the planner take the key's index.
-- +goose StatementBegin
CREATE FUNCTION accept(
  clinics integer[], environments smallint[], seqs bigint[], hashes uuid[], ids text[], types text[], kinds text[], entities text[],
  locals text[], outcomes text[], reasons text[], noted text[], body_hashes bytea[], received timestamptz[], bodies bytea[], ips text[])
RETURNS TABLE (ord bigint, found text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH t AS MATERIALIZED (
    SELECT * FROM unnest(clinics, environments, seqs, hashes, ids, types, kinds, entities, locals, outcomes, reasons, noted, body_hashes, received, bodies, ips)
      WITH ORDINALITY AS t(clinic_id, environment, seq, id_hash, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash, received_at, sealed, source_ip, ord)
  ), n AS (
    INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash, source_ip)
    SELECT clinic_id, environment, 1, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash, source_ip
    FROM t ORDER BY clinic_id, environment, seq, id_hash -- opposite orders would deadlock
    ON CONFLICT DO NOTHING
    RETURNING clinic_id, environment, seq, id_hash
  ), b AS (
    INSERT INTO event_bodies (clinic_id, environment, seq, id_hash, received_at, sealed)
    SELECT clinic_id, environment, seq, id_hash, t.received_at, t.sealed FROM t JOIN n USING (clinic_id, environment, seq, id_hash) WHERE t.sealed IS NOT NULL
  ), d AS (
    INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
    SELECT clinic_id, environment, seq, id_hash, CASE t.outcome WHEN 'held' THEN 'infinity' ELSE t.received_at END
    FROM t JOIN n USING (clinic_id, environment, seq, id_hash) WHERE t.outcome IN ('received', 'held')
  )
  SELECT t.ord, CASE WHEN n.clinic_id IS NOT NULL THEN 'new' ELSE coalesce((
      SELECT CASE WHEN e.body_hash = t.body_hash AND e.event_id = t.event_id THEN 'same' ELSE 'other' END
      FROM (SELECT * FROM events e WHERE e.clinic_id = t.clinic_id AND e.environment = t.environment AND e.seq = t.seq AND e.id_hash >= t.id_hash
        ORDER BY e.id_hash LIMIT 1) e WHERE e.id_hash = t.id_hash), 'unsure') END
  FROM t LEFT JOIN n USING (clinic_id, environment, seq, id_hash)
  ORDER BY t.ord;
END $$;
-- +goose StatementEnd
ALTER FUNCTION accept(integer[], smallint[], bigint[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], bytea[], timestamptz[], bytea[], text[]) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION accept(integer[], smallint[], bigint[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], bytea[], timestamptz[], bytea[], text[]) TO patapay_ingest;
-- +goose StatementBegin
CREATE FUNCTION accept_one(clinic integer, env smallint, s bigint, h uuid, id text, t text, k text, entity text,
  local text, state text, why text, noted text, hash bytea, at timestamptz, body bytea, ip text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE found_before text;
BEGIN
  INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash, source_ip)
    VALUES (clinic, env, 1, s, h, at, id, t, k, entity, local, state, why, noted, hash, ip) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT CASE WHEN e.body_hash = hash AND e.event_id = id THEN 'same' ELSE 'other' END INTO found_before
      FROM (SELECT * FROM events e WHERE e.clinic_id = clinic AND e.environment = env AND e.seq = s AND e.id_hash >= h
        ORDER BY e.id_hash LIMIT 1) e WHERE e.id_hash = h;
    RETURN coalesce(found_before, 'unsure');
  END IF;
  IF body IS NOT NULL THEN
    INSERT INTO event_bodies (clinic_id, environment, seq, id_hash, received_at, sealed) VALUES (clinic, env, s, h, at, body);
  END IF;
  IF state IN ('received', 'held') THEN
    INSERT INTO due (clinic_id, environment, seq, id_hash, next_at) VALUES (clinic, env, s, h, CASE state WHEN 'held' THEN 'infinity' ELSE at END);
  END IF;
  RETURN 'new';
END $$;
-- +goose StatementEnd

ALTER FUNCTION accept_one(integer, smallint, bigint, uuid, text, text, text, text, text, text, text, text, bytea, timestamptz, bytea, text) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION accept_one(integer, smallint, bigint, uuid, text, text, text, text, text, text, text, text, bytea, timestamptz, bytea, text) TO patapay_ingest;

-- Notes how many rows of the delivery log were lost in which minutes.
CREATE FUNCTION note_delivery_gaps(minutes timestamptz[], counts bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  INSERT INTO delivery_gaps AS g (minute, lost) SELECT m, sum(n) FROM unnest(minutes, counts) u(m, n) GROUP BY m ORDER BY m
  ON CONFLICT (minute) DO UPDATE SET lost = g.lost + excluded.lost
$$;
ALTER FUNCTION note_delivery_gaps(timestamptz[], bigint[]) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION note_delivery_gaps(timestamptz[], bigint[]) TO patapay_ingest;

-- Whether the delivery log lost rows of the minute of an instant.
CREATE FUNCTION delivery_gap(at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT EXISTS (SELECT FROM delivery_gaps WHERE minute = date_trunc('minute', at))
$$;
ALTER FUNCTION delivery_gap(timestamptz) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION delivery_gap(timestamptz) TO patapay_api;

-- Keeps the last 20 deliveries of each event that had some since `since`, and none from before `before`; returns how many
-- went. Only events with more than 20 are looked at row by row.
CREATE OR REPLACE FUNCTION trim_deliveries(since timestamptz, before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH old AS (DELETE FROM deliveries WHERE at < before RETURNING 1),
    gaps AS (DELETE FROM delivery_gaps WHERE minute < before),
    fresh AS (SELECT DISTINCT clinic_id, environment, seq, id_hash FROM deliveries WHERE at >= since),
    busy AS (SELECT clinic_id, environment, seq, id_hash FROM fresh JOIN deliveries USING (clinic_id, environment, seq, id_hash)
      GROUP BY 1, 2, 3, 4 HAVING count(*) > 20),
    many AS (DELETE FROM deliveries d USING (
      SELECT a.ctid, row_number() OVER (PARTITION BY a.clinic_id, a.environment, a.seq, a.id_hash ORDER BY a.at DESC) AS nth
      FROM deliveries a JOIN busy USING (clinic_id, environment, seq, id_hash)
    ) x WHERE d.ctid = x.ctid AND x.nth > 20 RETURNING 1)
  SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM many)
$$;

-- +goose Down
SELECT 'migrations only move forward';
