-- What the ingest role may call, and nothing else: it touches no table itself (docs/architecture.md, database roles).
-- +goose Up
-- Stores the rows of many clinics in one statement and says per row, in order: new, same, other (same id, another body or,
-- against all odds, another id), or unsure (committed by someone else after this statement began: ask again).
-- A key must not stand twice in one call.
-- +goose StatementBegin
CREATE FUNCTION accept(
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
      FROM events e WHERE e.clinic_id = t.clinic_id AND e.environment = t.environment AND e.seq = t.seq AND e.id_hash = t.id_hash), 'unsure') END
  FROM t LEFT JOIN n USING (clinic_id, environment, seq, id_hash)
  ORDER BY t.ord;
END $$;
-- +goose StatementEnd
ALTER FUNCTION accept(integer[], smallint[], bigint[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], bytea[], timestamptz[], bytea[]) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION accept(integer[], smallint[], bigint[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], bytea[], timestamptz[], bytea[]) TO patapay_ingest;

-- Keeps a body that came under the id of another one, and marks the event. True: this variant is new.
-- +goose StatementBegin
CREATE FUNCTION accept_variant(clinic integer, env smallint, s bigint, h uuid, hash bytea, at timestamptz, body bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_variants VALUES (clinic, env, s, h, hash, at, body) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE events SET notes = btrim(notes || ' variant')
    WHERE clinic_id = clinic AND environment = env AND seq = s AND id_hash = h AND position('variant' in notes) = 0;
  PERFORM want_truth(clinic, e.kind, e.entity_id, 'variant', at)
    FROM events e WHERE e.clinic_id = clinic AND e.environment = env AND e.seq = s AND e.id_hash = h AND e.kind <> '' AND e.entity_id <> '';
  RETURN true;
END $$;
-- +goose StatementEnd
ALTER FUNCTION accept_variant(integer, smallint, bigint, uuid, bytea, timestamptz, bytea) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION accept_variant(integer, smallint, bigint, uuid, bytea, timestamptz, bytea) TO patapay_ingest;

-- Notes that an entity should be read from the gateway at `at`, or earlier if it was already wanted.
CREATE FUNCTION want_truth(clinic integer, k text, entity text, why text, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  INSERT INTO truth_wants AS w (clinic_id, kind, entity_id, reason, due_at) VALUES (clinic, k, entity, why, at)
  ON CONFLICT (clinic_id, kind, entity_id) DO UPDATE SET reason = excluded.reason, tries = 0,
    due_at = least(w.due_at, greatest(excluded.due_at, w.fetched_at + interval '1 minute')) -- one read an entity and minute
$$;
ALTER FUNCTION want_truth(integer, text, text, text, timestamptz) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION want_truth(integer, text, text, text, timestamptz) TO patapay_ingest, patapay_worker;

-- Stores an unproved delivery for a bound account: stored, known, or full (500 rows or 10 MB an account; docs/reliability.md, T-09).
-- +goose StatementBegin
CREATE FUNCTION accept_hint(clinic integer, hash bytea, at timestamptz, t text, k text, entity text, ip text, body bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE n bigint; bytes bigint;
BEGIN
  IF EXISTS (SELECT FROM hints WHERE clinic_id = clinic AND body_hash = hash) THEN RETURN 'known'; END IF;
  SELECT count(*), coalesce(sum(length(sealed)), 0) INTO n, bytes FROM hints WHERE clinic_id = clinic;
  IF n >= 500 OR bytes + length(body) > 10 * 1024 * 1024 THEN RETURN 'full'; END IF;
  INSERT INTO hints VALUES (clinic, hash, at, t, k, entity, ip, body) ON CONFLICT DO NOTHING;
  IF k <> '' AND entity <> '' THEN PERFORM want_truth(clinic, k, entity, 'hint', at); END IF;
  RETURN 'stored';
END $$;
-- +goose StatementEnd
ALTER FUNCTION accept_hint(integer, bytea, timestamptz, text, text, text, text, bytea) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION accept_hint(integer, bytea, timestamptz, text, text, text, text, bytea) TO patapay_ingest;

-- The same for an account that nobody bound: a small bounded quarantine (also 1 GB in all).
-- +goose StatementBegin
CREATE FUNCTION accept_stray(account text, hash bytea, at timestamptz, t text, k text, entity text, ip text, body bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE n bigint; bytes bigint;
BEGIN
  IF EXISTS (SELECT FROM strays WHERE account_id = account AND body_hash = hash) THEN RETURN 'known'; END IF;
  SELECT count(*), coalesce(sum(length(sealed)), 0) INTO n, bytes FROM strays WHERE account_id = account;
  IF n >= 500 OR bytes + length(body) > 10 * 1024 * 1024
     OR pg_relation_size('strays') > 1024 * 1024 * 1024 THEN RETURN 'full'; END IF;
  INSERT INTO strays VALUES (account, hash, at, t, k, entity, ip, body) ON CONFLICT DO NOTHING;
  RETURN 'stored';
END $$;
-- +goose StatementEnd
ALTER FUNCTION accept_stray(text, bytea, timestamptz, text, text, text, text, bytea) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION accept_stray(text, bytea, timestamptz, text, text, text, text, bytea) TO patapay_ingest;

-- When an account is bound: what it sent in the last 14 days becomes reads with the new owner's key; the bodies are dropped.
-- +goose StatementBegin
CREATE FUNCTION adopt_strays(clinic integer, account text, at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE n integer;
BEGIN
  PERFORM want_truth(clinic, kind, entity_id, 'hint', at)
    FROM (SELECT DISTINCT kind, entity_id FROM strays WHERE account_id = account AND kind <> '' AND entity_id <> '' AND received_at > at - interval '14 days') s;
  DELETE FROM strays WHERE account_id = account;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;
-- +goose StatementEnd
ALTER FUNCTION adopt_strays(integer, text, timestamptz) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION adopt_strays(integer, text, timestamptz) TO patapay_api;

-- Drops unproved deliveries, hints and strays, after 14 days; returns how many.
CREATE FUNCTION expire_strays(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH s AS (DELETE FROM strays WHERE received_at < before RETURNING 1), h AS (DELETE FROM hints WHERE received_at < before RETURNING 1)
  SELECT (SELECT count(*) FROM s) + (SELECT count(*) FROM h)
$$;
ALTER FUNCTION expire_strays(timestamptz) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION expire_strays(timestamptz) TO patapay_worker;

-- Opens an alarm, or counts it again while it is open. Clinic 0 is the platform.
CREATE FUNCTION raise_alarm(clinic integer, what text, at timestamptz, todo text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  INSERT INTO alarms AS a (clinic_id, kind, opened_at, last_at, next_action) VALUES (clinic, what, at, at, todo)
  ON CONFLICT (clinic_id, kind) WHERE closed_at IS NULL DO UPDATE SET count = a.count + 1, last_at = greatest(a.last_at, excluded.last_at)
$$;
ALTER FUNCTION raise_alarm(integer, text, timestamptz, text) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION raise_alarm(integer, text, timestamptz, text) TO patapay_ingest, patapay_worker, patapay_api;

-- The delivery log, many rows at once; best effort.
CREATE FUNCTION log_deliveries(clinics integer[], environments smallint[], seqs bigint[], hashes uuid[], ats timestamptz[], codes smallint[], took integer[], ips text[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  INSERT INTO deliveries (clinic_id, environment, seq, id_hash, at, code, micros, source_ip)
  SELECT * FROM unnest(clinics, environments, seqs, hashes, ats, codes, took, ips)
$$;
ALTER FUNCTION log_deliveries(integer[], smallint[], bigint[], uuid[], timestamptz[], smallint[], integer[], text[]) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION log_deliveries(integer[], smallint[], bigint[], uuid[], timestamptz[], smallint[], integer[], text[]) TO patapay_ingest;

-- Keeps the last 20 deliveries of each event that had some since `since`, and none from before `before`; returns how many went.
CREATE FUNCTION trim_deliveries(since timestamptz, before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH old AS (DELETE FROM deliveries WHERE at < before RETURNING 1),
    many AS (DELETE FROM deliveries d USING (
      SELECT a.ctid, row_number() OVER (PARTITION BY a.clinic_id, a.environment, a.seq, a.id_hash ORDER BY a.at DESC) AS nth
      FROM deliveries a WHERE (a.clinic_id, a.environment, a.seq, a.id_hash) IN (SELECT clinic_id, environment, seq, id_hash FROM deliveries WHERE at >= since)
    ) x WHERE d.ctid = x.ctid AND x.nth > 20 RETURNING 1)
  SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM many)
$$;
ALTER FUNCTION trim_deliveries(timestamptz, timestamptz) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION trim_deliveries(timestamptz, timestamptz) TO patapay_worker;

-- Which clinics have rows to apply now: the sweeper's only view. One index descent a clinic, whatever the backlog.
CREATE FUNCTION due_clinics(at timestamptz, most integer) RETURNS TABLE (clinic_id integer, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH RECURSIVE c AS (
    (SELECT d.clinic_id, d.next_at FROM due d ORDER BY d.clinic_id, d.next_at LIMIT 1)
    UNION ALL
    SELECT n.clinic_id, n.next_at FROM c, LATERAL (SELECT d.clinic_id, d.next_at FROM due d WHERE d.clinic_id > c.clinic_id ORDER BY d.clinic_id, d.next_at LIMIT 1) n
  )
  SELECT c.clinic_id, c.next_at FROM c WHERE c.next_at <= at ORDER BY c.next_at LIMIT most
$$;
ALTER FUNCTION due_clinics(timestamptz, integer) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION due_clinics(timestamptz, integer) TO patapay_sweeper;

-- Which clinics have entities to read from the gateway now.
CREATE FUNCTION truth_clinics(at timestamptz, most integer) RETURNS TABLE (clinic_id integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH RECURSIVE c AS (
    (SELECT w.clinic_id, w.due_at FROM truth_wants w WHERE w.due_at < 'infinity' ORDER BY w.clinic_id, w.due_at LIMIT 1)
    UNION ALL
    SELECT n.clinic_id, n.due_at FROM c, LATERAL (SELECT w.clinic_id, w.due_at FROM truth_wants w
      WHERE w.due_at < 'infinity' AND w.clinic_id > c.clinic_id ORDER BY w.clinic_id, w.due_at LIMIT 1) n
  )
  SELECT c.clinic_id FROM c WHERE c.due_at <= at ORDER BY c.due_at LIMIT most
$$;
ALTER FUNCTION truth_clinics(timestamptz, integer) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION truth_clinics(timestamptz, integer) TO patapay_sweeper;

-- +goose Down
SELECT 'migrations only move forward';
