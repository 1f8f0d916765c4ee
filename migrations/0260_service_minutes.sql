-- How soon received events are applied, as sums of minutes: what a burn rate of the service's objective is made of, whichever process ran.
-- +goose Up
CREATE TABLE service_minutes (
  minute timestamptz PRIMARY KEY,   -- its beginning
  received bigint NOT NULL,         -- deliveries stored in it
  late bigint NOT NULL,             -- of them, not applied within a minute
  received_total bigint NOT NULL,   -- of all minutes to this one, for counters that only grow
  late_total bigint NOT NULL
);
ALTER TABLE service_minutes ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_minutes FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON service_minutes TO patapay_definer USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON service_minutes TO patapay_definer;

-- A minute is counted once all that was received in it has had its minute: two after its end. Each clinic's part is a range of
-- events_received, which alone has them in that order: without statistics every index of a clinic costs the
-- same. So many minutes at once at most: a worker that was away for long catches up in steps.
-- +goose StatementBegin
CREATE FUNCTION count_service_minutes(now_at timestamptz, most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
  before service_minutes;
  next_minute timestamptz;
  counted integer := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7204408) THEN RETURN 0; END IF;
  SELECT minute, received, late, received_total, late_total INTO before FROM service_minutes ORDER BY minute DESC LIMIT 1;
  next_minute := coalesce(before.minute + interval '1 minute', date_trunc('minute', now_at) - interval '3 minutes');
  WHILE counted < most AND next_minute + interval '3 minutes' <= now_at LOOP
    INSERT INTO service_minutes (minute, received, late, received_total, late_total)
      SELECT next_minute, s.received, s.late, coalesce(before.received_total, 0) + s.received, coalesce(before.late_total, 0) + s.late
      FROM (SELECT count(*) AS received,
          count(*) FILTER (WHERE e.applied_at IS NULL OR e.applied_at > e.received_at + interval '1 minute') AS late
        FROM fleet f CROSS JOIN LATERAL (SELECT received_at, applied_at FROM events
          WHERE clinic_id = f.clinic_id AND received_at >= next_minute AND received_at < next_minute + interval '1 minute' AND source = 1
          ORDER BY clinic_id, received_at OFFSET 0) e) s
      RETURNING minute, received, late, received_total, late_total INTO before;
    next_minute := next_minute + interval '1 minute';
    counted := counted + 1;
  END LOOP;
  IF counted > 0 THEN
    DELETE FROM service_minutes WHERE minute < now_at - interval '35 days' AND minute < before.minute;
  END IF;
  RETURN counted;
END $$;
CREATE FUNCTION service_totals() RETURNS TABLE (received bigint, late bigint) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
  SELECT received_total, late_total FROM service_minutes ORDER BY minute DESC LIMIT 1
$$;
-- +goose StatementEnd
ALTER FUNCTION count_service_minutes(timestamptz, integer) OWNER TO patapay_definer;
ALTER FUNCTION service_totals() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION count_service_minutes(timestamptz, integer), service_totals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_service_minutes(timestamptz, integer) TO patapay_worker;
GRANT EXECUTE ON FUNCTION service_totals() TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
