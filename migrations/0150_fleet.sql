-- The fleet: one row a clinic of what operators sort and filter all clinics by, so that a page of it is one read of one index.
-- +goose Up
CREATE TABLE fleet (
  clinic_id integer PRIMARY KEY,
  public_id uuid NOT NULL,
  external_id text NOT NULL DEFAULT '',
  name text NOT NULL,
  sandbox boolean NOT NULL,
  state text NOT NULL,                          -- of the clinic: active, suspended; a deleted one has no row
  connection text NOT NULL DEFAULT 'disconnected',
  loss_at timestamptz,                          -- when Asaas throws its first undelivered event away; null: its queue runs
  waiting_since timestamptz,                    -- when the oldest event was received that waits to be applied; null: none does
  compared_at timestamptz,                      -- end of the last comparison; null: none yet
  dead bigint NOT NULL DEFAULT 0,               -- events whose applying was given up
  quarantined bigint NOT NULL DEFAULT 0,
  alarms bigint NOT NULL DEFAULT 0,             -- open ones
  operations bigint NOT NULL DEFAULT 0,         -- long work that runs or waits
  endpoints bigint NOT NULL DEFAULT 0,          -- that are paused, or whose last delivery failed
  mails bigint NOT NULL DEFAULT 0               -- not sent and not given up
);
SELECT guard_tenant_table('fleet', true);
CREATE POLICY definer ON fleet TO patapay_definer USING (true) WITH CHECK (true);
GRANT SELECT ON fleet TO patapay_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON fleet TO patapay_definer;
CREATE INDEX fleet_loss ON fleet ((CASE WHEN loss_at IS NULL THEN 'infinity'::timestamptz ELSE loss_at END), clinic_id);
CREATE INDEX fleet_waiting ON fleet ((CASE WHEN waiting_since IS NULL THEN 'infinity'::timestamptz ELSE waiting_since END), clinic_id);
CREATE INDEX fleet_compared ON fleet ((CASE WHEN compared_at IS NULL THEN '-infinity'::timestamptz ELSE compared_at END), clinic_id);
CREATE INDEX fleet_name ON fleet (name COLLATE "C", clinic_id);
CREATE INDEX fleet_dead ON fleet (dead, clinic_id);
CREATE INDEX fleet_alarms ON fleet (alarms, clinic_id);

-- When the figures that no trigger keeps were last counted.
CREATE TABLE fleet_counted (at timestamptz NOT NULL);
ALTER TABLE fleet_counted ENABLE ROW LEVEL SECURITY;
ALTER TABLE fleet_counted FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON fleet_counted TO patapay_api USING ((SELECT app_platform()));
CREATE POLICY definer ON fleet_counted TO patapay_definer USING (true) WITH CHECK (true);
GRANT SELECT ON fleet_counted TO patapay_api;
GRANT SELECT, INSERT, UPDATE ON fleet_counted TO patapay_definer;

-- What changes seldom is kept by triggers, in the transaction that changes it.
-- +goose StatementBegin
CREATE FUNCTION keep_fleet_clinic() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF NEW.state = 'deleted' THEN
    DELETE FROM fleet WHERE clinic_id = NEW.clinic_id;
  ELSE
    INSERT INTO fleet AS f (clinic_id, public_id, external_id, name, sandbox, state)
      VALUES (NEW.clinic_id, NEW.public_id, coalesce(NEW.external_id, ''), NEW.name, NEW.sandbox, NEW.state)
      ON CONFLICT (clinic_id) DO UPDATE SET external_id = excluded.external_id, name = excluded.name, sandbox = excluded.sandbox, state = excluded.state;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION keep_fleet_connection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE fleet f SET connection = NEW.state, loss_at = NEW.loss_at
    WHERE f.clinic_id = NEW.clinic_id AND (f.connection, f.loss_at) IS DISTINCT FROM (NEW.state, NEW.loss_at);
  RETURN NULL;
END $$;
-- +goose StatementEnd
ALTER FUNCTION keep_fleet_clinic() OWNER TO patapay_definer;
ALTER FUNCTION keep_fleet_connection() OWNER TO patapay_definer;
CREATE TRIGGER fleet AFTER INSERT OR UPDATE OF name, external_id, sandbox, state ON clinics FOR EACH ROW EXECUTE FUNCTION keep_fleet_clinic();
CREATE TRIGGER fleet AFTER INSERT OR UPDATE OF state, loss_at ON connections FOR EACH ROW EXECUTE FUNCTION keep_fleet_connection();

-- What every event changes is counted from the rows themselves: a trigger would make deliveries of a clinic wait for each other.
-- Reads what waits by clinic, so that its cost is that of the clinics where something waits. One at a time; others find it done.
GRANT SELECT ON operations, quarantined TO patapay_definer;
CREATE POLICY definer_reads ON operations FOR SELECT TO patapay_definer USING (true);
CREATE POLICY definer_reads ON quarantined FOR SELECT TO patapay_definer USING (true);
CREATE INDEX IF NOT EXISTS operations_running ON operations (clinic_id) WHERE state = 'running';
-- +goose StatementBegin
CREATE FUNCTION count_fleet(now_at timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  changed bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7204407) THEN RETURN 0; END IF;
  WITH RECURSIVE c AS (
    (SELECT d.clinic_id FROM due d ORDER BY d.clinic_id LIMIT 1)
    UNION ALL
    SELECT n.clinic_id FROM c, LATERAL (SELECT d.clinic_id FROM due d WHERE d.clinic_id > c.clinic_id ORDER BY d.clinic_id LIMIT 1) n
  ), waiting AS (
    SELECT c.clinic_id, least(
        (SELECT e.received_at FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
          WHERE d.clinic_id = c.clinic_id AND d.next_at < 'infinity' ORDER BY d.next_at LIMIT 1),
        (SELECT min(e.received_at) FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
          WHERE d.clinic_id = c.clinic_id AND d.next_at < 'infinity' AND d.tries > 0)) AS since,
      (SELECT count(*) FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
        WHERE d.clinic_id = c.clinic_id AND d.next_at = 'infinity' AND d.last_error <> '' AND e.outcome = 'dead') AS dead
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
ALTER FUNCTION count_fleet(timestamptz) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION count_fleet(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_fleet(timestamptz) TO patapay_worker;

-- Deliveries that nobody's token proved and whose account is nobody's: when, what, and from where; never the body.
CREATE FUNCTION unclaimed_deliveries(most integer) RETURNS TABLE (received_at timestamptz, type text, source_ip text, total bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT s.received_at, s.type, s.source_ip, count(*) OVER () FROM strays s ORDER BY s.received_at DESC, s.body_hash LIMIT most
$$;
ALTER FUNCTION unclaimed_deliveries(integer) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION unclaimed_deliveries(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unclaimed_deliveries(integer) TO patapay_api;

-- Those that are there already: for the length of this statement the tables' owner, which nobody else logs in as, reads all clinics.
ALTER TABLE clinics NO FORCE ROW LEVEL SECURITY;
ALTER TABLE connections NO FORCE ROW LEVEL SECURITY;
ALTER TABLE fleet NO FORCE ROW LEVEL SECURITY;
INSERT INTO fleet (clinic_id, public_id, external_id, name, sandbox, state, connection, loss_at)
  SELECT c.clinic_id, c.public_id, coalesce(c.external_id, ''), c.name, c.sandbox, c.state, coalesce(n.state, 'disconnected'), n.loss_at
  FROM clinics c LEFT JOIN connections n USING (clinic_id) WHERE c.state <> 'deleted';
ALTER TABLE clinics FORCE ROW LEVEL SECURITY;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
ALTER TABLE fleet FORCE ROW LEVEL SECURITY;

-- +goose Down
SELECT 'migrations only move forward';
