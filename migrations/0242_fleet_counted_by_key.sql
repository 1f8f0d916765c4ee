-- The count of the fleet read all that waits, with its events, once for each clinic: beside a backlog of 20,000 events it took a core for
-- longer than their applying. Each row's event is the first from its key on, as in the statements of a run.
-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION count_fleet(now_at timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off SET jit = off AS $$
DECLARE
  changed bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7204407) THEN RETURN 0; END IF;
  WITH RECURSIVE c AS (
    (SELECT d.clinic_id FROM due d ORDER BY d.clinic_id, d.next_at LIMIT 1)
    UNION ALL
    SELECT n.clinic_id FROM c, LATERAL (SELECT d.clinic_id FROM due d WHERE d.clinic_id > c.clinic_id ORDER BY d.clinic_id, d.next_at LIMIT 1) n
  ), waiting AS (
    SELECT c.clinic_id, least(
        (SELECT e.received_at FROM (SELECT environment, seq, id_hash FROM due WHERE clinic_id = c.clinic_id AND next_at < 'infinity' ORDER BY next_at, environment, seq, id_hash LIMIT 1) d
          CROSS JOIN LATERAL (SELECT received_at, id_hash FROM events WHERE clinic_id = c.clinic_id AND environment = d.environment AND seq = d.seq AND id_hash >= d.id_hash
            ORDER BY id_hash LIMIT 1) e WHERE e.id_hash = d.id_hash),
        (SELECT min(e.received_at) FROM (SELECT environment, seq, id_hash FROM due WHERE clinic_id = c.clinic_id AND tries > 0 AND next_at < 'infinity' OFFSET 0) d
          CROSS JOIN LATERAL (SELECT received_at, id_hash FROM events WHERE clinic_id = c.clinic_id AND environment = d.environment AND seq = d.seq AND id_hash >= d.id_hash
            ORDER BY id_hash LIMIT 1) e WHERE e.id_hash = d.id_hash)) AS since,
      (SELECT count(*) FROM (SELECT environment, seq, id_hash FROM due WHERE clinic_id = c.clinic_id AND next_at = 'infinity' AND last_error <> '' OFFSET 0) d
          CROSS JOIN LATERAL (SELECT outcome, id_hash FROM events WHERE clinic_id = c.clinic_id AND environment = d.environment AND seq = d.seq AND id_hash >= d.id_hash
            ORDER BY id_hash LIMIT 1) e WHERE e.id_hash = d.id_hash AND e.outcome = 'dead') AS dead
    FROM c
  ), figures AS (
    SELECT f.clinic_id, w.since, coalesce(w.dead, 0) AS dead, coalesce(q.n, 0) AS quarantined, coalesce(a.n, 0) AS alarms,
      coalesce(o.n, 0) AS operations, coalesce(p.n, 0) AS endpoints, coalesce(m.n, 0) AS mails,
      (SELECT max(r.ended_at) FROM certificates r WHERE r.clinic_id = f.clinic_id) AS compared
    FROM fleet f LEFT JOIN waiting w USING (clinic_id)
      LEFT JOIN (SELECT clinic_id, count(*) AS n FROM quarantined GROUP BY clinic_id) q USING (clinic_id)
      LEFT JOIN (SELECT clinic_id, count(*) AS n FROM alarms WHERE closed_at IS NULL GROUP BY clinic_id) a USING (clinic_id)
      LEFT JOIN (SELECT clinic_id, count(*) AS n FROM operations WHERE state = 'running' GROUP BY clinic_id) o USING (clinic_id)
      LEFT JOIN (SELECT clinic_id, count(*) AS n FROM endpoints WHERE state = 'paused' OR failures > 0 GROUP BY clinic_id) p USING (clinic_id)
      LEFT JOIN (SELECT clinic_id, count(*) AS n FROM mails WHERE sent_at IS NULL AND given_up_at IS NULL GROUP BY clinic_id) m USING (clinic_id)
  )
  UPDATE fleet f SET waiting_since = n.since, dead = n.dead, quarantined = n.quarantined, alarms = n.alarms, operations = n.operations,
      endpoints = n.endpoints, mails = n.mails, compared_at = n.compared
    FROM figures n WHERE f.clinic_id = n.clinic_id
      AND (f.waiting_since, f.dead, f.quarantined, f.alarms, f.operations, f.endpoints, f.mails, f.compared_at)
        IS DISTINCT FROM (n.since, n.dead, n.quarantined, n.alarms, n.operations, n.endpoints, n.mails, n.compared);
  GET DIAGNOSTICS changed = ROW_COUNT;
  UPDATE fleet_counted SET at = greatest(at, now_at);
  IF NOT FOUND THEN INSERT INTO fleet_counted (at) VALUES (now_at); END IF;
  RETURN changed;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
