-- What metrics tell of all clinics together: how late the monitor is, e-mails that wait, the oldest comparison, what holds the platform's feed.
-- +goose Up
CREATE INDEX certificates_newest ON certificates (clinic_id, ended_at DESC);
GRANT SELECT ON certificates, guard_rounds, mails TO patapay_definer;
CREATE POLICY definer ON certificates FOR SELECT TO patapay_definer USING (true);
CREATE POLICY definer ON guard_rounds FOR SELECT TO patapay_definer USING (true);
CREATE POLICY definer ON mails FOR SELECT TO patapay_definer USING (true);

-- Seconds and numbers, of no clinic by name. A comparison counts from when the connection became active; 0: none is due.
CREATE FUNCTION fleet_figures(now_at timestamptz, OUT monitor_late double precision, OUT mails_unsent bigint, OUT mails_oldest double precision,
  OUT mails_failing bigint, OUT comparison_oldest double precision, OUT feed_held double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT
    (SELECT greatest(0, coalesce(extract(epoch FROM now_at - min(r.next_at)), 0)) FROM guard_rounds r JOIN connections c USING (clinic_id)
      WHERE c.state NOT IN ('disconnected', 'verifying'))::double precision,
    m.unsent, m.oldest, m.failing,
    (SELECT greatest(0, coalesce(extract(epoch FROM now_at - min(coalesce(
        (SELECT max(e.ended_at) FROM certificates e WHERE e.clinic_id = c.clinic_id), c.since))), 0))
      FROM connections c WHERE c.state = 'active')::double precision,
    (SELECT greatest(0, coalesce(extract(epoch FROM now_at - min(e.at)), 0)) FROM changes e
      WHERE e.tx >= pg_snapshot_xmin(pg_current_snapshot()))::double precision
  FROM (SELECT count(*) AS unsent, greatest(0, coalesce(extract(epoch FROM now_at - min(created_at)), 0))::double precision AS oldest,
      count(*) FILTER (WHERE tries >= 3) AS failing FROM mails WHERE sent_at IS NULL AND given_up_at IS NULL) m
$$;
ALTER FUNCTION fleet_figures(timestamptz) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION fleet_figures(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fleet_figures(timestamptz) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
