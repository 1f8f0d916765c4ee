-- Two that a worker asks again and again. An agenda that is derived while its clinic's events are still being applied is derived again in
-- half a minute, and holds up the run that it waits for: it waits for the events now, for five minutes at most. And whose endpoints have
-- something to send was planned anew at each call, which took longer than the answer.
-- +goose Up
CREATE OR REPLACE FUNCTION agenda_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT c.clinic_id FROM clinics c JOIN clinic_heads h USING (clinic_id) LEFT JOIN agenda_rounds r USING (clinic_id)
    LEFT JOIN connections n USING (clinic_id) LEFT JOIN agenda_failures f USING (clinic_id)
  WHERE c.state <> 'deleted' AND (f.retry_at IS NULL OR f.retry_at <= now_at)
    AND (r.clinic_id IS NULL OR r.next_at <= now_at OR r.at <= now_at - interval '30 seconds'
    AND (h.feed_seq <> r.feed_seq OR h.ledger_no <> r.ledger_no OR h.audit_no <> r.audit_no OR n.updated_at > r.at))
    AND (coalesce(r.at, c.created_at) <= now_at - interval '5 minutes'
    OR NOT EXISTS (SELECT FROM due d WHERE d.clinic_id = c.clinic_id AND d.next_at <= now_at))
  ORDER BY coalesce(f.retry_at, r.at) NULLS FIRST, c.clinic_id LIMIT most
$$;
ALTER FUNCTION endpoints_due(timestamptz, integer) SET plan_cache_mode = force_generic_plan;

-- +goose Down
SELECT 'migrations only move forward';
