-- What metrics tell of pushing the feed, of all endpoints together: those that stopped by themselves, and how long the oldest refused entry waits.
-- +goose Up
GRANT SELECT ON endpoint_entries TO patapay_definer;
CREATE POLICY definer ON endpoint_entries FOR SELECT TO patapay_definer USING (true);

CREATE FUNCTION push_figures(now_at timestamptz, OUT endpoints bigint, OUT paused bigint, OUT refused_oldest double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT count(*), count(*) FILTER (WHERE e.state = 'paused' AND e.reason <> 'by_request'),
    greatest(0, coalesce(extract(epoch FROM now_at - min(w.since)), 0))::double precision
  FROM endpoints e LEFT JOIN LATERAL (SELECT min(f.failed_at) AS since FROM endpoint_entries f
    WHERE f.clinic_id = e.clinic_id AND f.endpoint_id = e.endpoint_id AND e.state = 'active' AND e.failures > 0) w ON true
$$;
ALTER FUNCTION push_figures(timestamptz) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION push_figures(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION push_figures(timestamptz) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
