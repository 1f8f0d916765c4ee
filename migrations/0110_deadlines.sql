-- The agenda: what must not be missed, as the last derivation found it, so that what changes is an entry of the feed (docs/agenda.md).
-- +goose Up
CREATE TABLE deadlines (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                    -- UUIDv7; `ddl_…` outside
  kind text NOT NULL,
  subject text NOT NULL,               -- Asaas's id of a payment or anticipation, a work item's id, a day; '' of the clinic itself
  since timestamptz,                   -- when the fact behind it began; null: unknown
  due_at timestamptz,                  -- last instant to act; null: nobody told one
  amount bigint,                       -- centavos at stake; null: it is about no amount
  count integer NOT NULL,              -- of what it is about
  actor text NOT NULL,
  action text NOT NULL,
  ends text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  opened_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  closed_at timestamptz,               -- the fact was gone; null: it stands
  PRIMARY KEY (clinic_id, id)
);
CREATE UNIQUE INDEX deadlines_open ON deadlines (clinic_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX deadlines_due ON deadlines (clinic_id, (CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END), id);
SELECT guard_tenant_table('deadlines', false);
GRANT SELECT, INSERT, UPDATE ON deadlines TO patapay_worker;
GRANT SELECT ON deadlines TO patapay_api, patapay_definer;
CREATE POLICY definer ON deadlines FOR SELECT TO patapay_definer USING (true);
GRANT SELECT ON connection_checks, statement_checks TO patapay_worker;

-- What each clinic's agenda was derived from: where its chains ended then, and when time alone may change it.
CREATE TABLE agenda_rounds (
  clinic_id integer PRIMARY KEY,
  feed_seq bigint NOT NULL,
  ledger_no bigint NOT NULL,
  audit_no bigint NOT NULL,            -- what a person changes is in the audit log
  at timestamptz NOT NULL,
  next_at timestamptz NOT NULL
);
SELECT guard_tenant_table('agenda_rounds', false);
GRANT SELECT, INSERT, UPDATE ON agenda_rounds TO patapay_worker;
GRANT SELECT ON agenda_rounds TO patapay_definer;
CREATE POLICY definer ON agenda_rounds FOR SELECT TO patapay_definer USING (true);

-- Clinics whose agenda may differ from what is stored, who waited longest first: one that changes all the time has its turn
-- each half minute.
CREATE FUNCTION agenda_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT c.clinic_id FROM clinics c JOIN clinic_heads h USING (clinic_id) LEFT JOIN agenda_rounds r USING (clinic_id)
    LEFT JOIN connections n USING (clinic_id)
  WHERE c.state <> 'deleted' AND (r.clinic_id IS NULL OR r.next_at <= now_at OR r.at <= now_at - interval '30 seconds'
    AND (h.feed_seq <> r.feed_seq OR h.ledger_no <> r.ledger_no OR h.audit_no <> r.audit_no OR n.updated_at > r.at))
  ORDER BY r.at NULLS FIRST, c.clinic_id LIMIT most
$$;
ALTER FUNCTION agenda_due(timestamptz, integer) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION agenda_due(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenda_due(timestamptz, integer) TO patapay_worker;

-- Open entries of all clinics by kind: how many, of how many clinics, and the first that is still due; of no clinic by name.
CREATE FUNCTION deadline_sums(now_at timestamptz) RETURNS TABLE (kind text, open bigint, clinics bigint, amount numeric, next_due timestamptz, late bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT d.kind, count(*), count(DISTINCT d.clinic_id), sum(d.amount), min(d.due_at) FILTER (WHERE d.due_at >= now_at),
    count(*) FILTER (WHERE d.due_at < now_at)
  FROM deadlines d JOIN clinics c USING (clinic_id) WHERE d.closed_at IS NULL AND c.state <> 'deleted' GROUP BY d.kind
$$;
ALTER FUNCTION deadline_sums(timestamptz) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION deadline_sums(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION deadline_sums(timestamptz) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
