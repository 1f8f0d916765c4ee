-- E-mails about the agenda are counted with the others that wait, and operators see them in the same list.
-- +goose Up
CREATE POLICY platform ON agenda_mails FOR SELECT TO patapay_api USING ((SELECT app_platform()));
CREATE INDEX agenda_mails_newest ON agenda_mails (created_at DESC);
GRANT SELECT ON agenda_mails TO patapay_definer;
CREATE POLICY definer ON agenda_mails FOR SELECT TO patapay_definer USING (true);

CREATE OR REPLACE FUNCTION fleet_figures(now_at timestamptz, OUT monitor_late double precision, OUT mails_unsent bigint, OUT mails_oldest double precision,
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
  FROM (SELECT count(*) AS unsent, greatest(0, coalesce(extract(epoch FROM now_at - min(w.created_at)), 0))::double precision AS oldest,
      count(*) FILTER (WHERE w.tries >= 3) AS failing
    FROM (SELECT created_at, tries FROM mails WHERE sent_at IS NULL AND given_up_at IS NULL
      UNION ALL SELECT created_at, tries FROM agenda_mails WHERE sent_at IS NULL AND given_up_at IS NULL) w) m
$$;

-- +goose Down
SELECT 'migrations only move forward';
