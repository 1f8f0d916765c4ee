-- A plan that was made for a small or empty table is kept while the table grows: these roles read by keys alone, and are planned for that.
-- +goose Up
-- Without this a table of a page is read whole, and still is when it has become a thousand pages, until it is analyzed. No
-- statement of theirs is worth a compiler, which a step that cannot be avoided would call for.
-- +goose StatementBegin
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['patapay_ingest', 'patapay_worker', 'patapay_sweeper'] LOOP
    FOR try IN 1..20 LOOP
      BEGIN
        EXECUTE format('ALTER ROLE %I SET enable_seqscan = off', r);
        EXECUTE format('ALTER ROLE %I SET jit = off', r);
        EXIT;
      EXCEPTION WHEN internal_error THEN -- another database of this cluster does the same at this moment
        IF try = 20 THEN RAISE; END IF;
        PERFORM pg_sleep(0.05);
      END;
    END LOOP;
  END LOOP;
END $$;
-- +goose StatementEnd

-- A stored event, and a booking, is the first from its key on: of an empty table that order, not the key, makes the planner take the key's index.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION accept(
  clinics integer[], environments smallint[], seqs bigint[], hashes uuid[], ids text[], types text[], kinds text[], entities text[],
  locals text[], outcomes text[], reasons text[], noted text[], body_hashes bytea[], received timestamptz[], bodies bytea[])
RETURNS TABLE (ord bigint, found text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH t AS MATERIALIZED (
    SELECT * FROM unnest(clinics, environments, seqs, hashes, ids, types, kinds, entities, locals, outcomes, reasons, noted, body_hashes, received, bodies)
      WITH ORDINALITY AS t(clinic_id, environment, seq, id_hash, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash, received_at, sealed, ord)
  ), n AS (
    INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
    SELECT clinic_id, environment, 1, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash
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
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION accept_one(clinic integer, env smallint, s bigint, h uuid, id text, t text, k text, entity text,
  local text, state text, why text, noted text, hash bytea, at timestamptz, body bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE found_before text;
BEGIN
  INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
    VALUES (clinic, env, 1, s, h, at, id, t, k, entity, local, state, why, noted, hash) ON CONFLICT DO NOTHING;
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

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_ledger_legs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  SELECT a.no INTO bad FROM (SELECT clinic_id, no, sum(amount) AS total, count(*) AS n, max(leg) AS top FROM added GROUP BY clinic_id, no) a
    LEFT JOIN LATERAL (SELECT no, legs FROM ledger_transactions t WHERE t.clinic_id = a.clinic_id AND t.no >= a.no ORDER BY t.no LIMIT 1) t ON t.no = a.no
    WHERE a.total <> 0 OR a.n <> a.top OR t.legs IS DISTINCT FROM a.n LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transaction % is not whole or does not sum to zero', bad USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
