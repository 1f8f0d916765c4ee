-- Whose people are looked at again: after each derivation of an agenda, it was, each half minute of a clinic that is paid all day, for an
-- e-mail that only an entry which opened or changed could ask for. What else decides (an administrator who came, a kind that is
-- muted no longer) is looked at once an hour.
-- +goose Up
CREATE OR REPLACE FUNCTION reminders_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT c.clinic_id FROM clinics c LEFT JOIN agenda_reminders r USING (clinic_id) JOIN agenda_rounds g USING (clinic_id)
  WHERE c.state <> 'deleted' AND (r.clinic_id IS NULL OR r.next_at <= now_at OR g.at >= r.at + interval '1 hour'
    OR g.at > r.at AND EXISTS (SELECT FROM deadlines d
      WHERE d.clinic_id = c.clinic_id AND d.closed_at IS NULL AND d.updated_at > r.at))
  ORDER BY r.at NULLS FIRST, c.clinic_id LIMIT most
$$;

-- +goose Down
SELECT 'migrations only move forward';
