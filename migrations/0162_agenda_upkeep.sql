-- An agenda says when it was derived last, one that cannot be derived is put off so that it holds up no other, and what is long over goes.
-- +goose Up
GRANT SELECT ON agenda_rounds TO patapay_api;

CREATE TABLE agenda_failures (
  clinic_id integer PRIMARY KEY,
  failures integer NOT NULL,           -- in a row
  last_error text NOT NULL,
  retry_at timestamptz NOT NULL
);
SELECT guard_tenant_table('agenda_failures', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON agenda_failures TO patapay_worker;
GRANT SELECT ON agenda_failures TO patapay_definer;
CREATE POLICY definer ON agenda_failures FOR SELECT TO patapay_definer USING (true);

CREATE OR REPLACE FUNCTION agenda_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT c.clinic_id FROM clinics c JOIN clinic_heads h USING (clinic_id) LEFT JOIN agenda_rounds r USING (clinic_id)
    LEFT JOIN connections n USING (clinic_id) LEFT JOIN agenda_failures f USING (clinic_id)
  WHERE c.state <> 'deleted' AND (f.retry_at IS NULL OR f.retry_at <= now_at)
    AND (r.clinic_id IS NULL OR r.next_at <= now_at OR r.at <= now_at - interval '30 seconds'
    AND (h.feed_seq <> r.feed_seq OR h.ledger_no <> r.ledger_no OR h.audit_no <> r.audit_no OR n.updated_at > r.at))
  ORDER BY coalesce(f.retry_at, r.at) NULLS FIRST, c.clinic_id LIMIT most
$$;

-- Drops up to `most` closed entries of before an instant, with who was told of them, and e-mails of before it; returns how many rows went.
GRANT DELETE ON deadlines, agenda_mails, agenda_told TO patapay_definer;
GRANT SELECT ON agenda_told TO patapay_definer;
CREATE POLICY definer_drops ON deadlines FOR DELETE TO patapay_definer USING (true);
CREATE POLICY definer_drops ON agenda_mails FOR DELETE TO patapay_definer USING (true);
CREATE POLICY definer_drops ON agenda_told FOR DELETE TO patapay_definer USING (true);
CREATE POLICY definer ON agenda_told FOR SELECT TO patapay_definer USING (true);
CREATE INDEX deadlines_closed ON deadlines (closed_at) WHERE closed_at IS NOT NULL;
-- +goose StatementBegin
CREATE FUNCTION trim_agenda(before timestamptz, most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH old AS (
    DELETE FROM deadlines d USING (SELECT clinic_id, id FROM deadlines WHERE closed_at < before ORDER BY closed_at LIMIT most) o
      WHERE d.clinic_id = o.clinic_id AND d.id = o.id RETURNING d.clinic_id, d.id
  ), told AS (
    DELETE FROM agenda_told t USING old o WHERE t.clinic_id = o.clinic_id AND t.deadline_id = o.id RETURNING 1
  ), mailed AS (
    DELETE FROM agenda_mails m USING (SELECT clinic_id, user_id, key FROM agenda_mails WHERE created_at < before ORDER BY created_at LIMIT most) o
      WHERE m.clinic_id = o.clinic_id AND m.user_id = o.user_id AND m.key = o.key RETURNING 1
  )
  SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM told) + (SELECT count(*) FROM mailed)
$$;
-- +goose StatementEnd
ALTER FUNCTION trim_agenda(timestamptz, integer) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION trim_agenda(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trim_agenda(timestamptz, integer) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
