-- Reads of one entity end: an answer about it uses one up, an answer about the account pauses the account's reads.
-- +goose Up
ALTER TABLE truth_wants ADD COLUMN answers smallint NOT NULL DEFAULT 0; -- about the entity, since its last event

-- Accounts that answer no reads now: the gateway refused the key, asked to be left alone, or was away.
CREATE TABLE read_pauses (
  clinic_id integer PRIMARY KEY,
  paused_until timestamptz NOT NULL,
  reason text NOT NULL
);
SELECT guard_tenant_table('read_pauses', false);
GRANT SELECT, INSERT, UPDATE, DELETE ON read_pauses TO patapay_worker;
GRANT SELECT, DELETE ON read_pauses TO patapay_api;
GRANT SELECT ON read_pauses TO patapay_definer;
CREATE POLICY definer ON read_pauses TO patapay_definer USING (true);

-- want_truth for what asks again by itself: nothing happens once the entity's reads are used up; anew forgets that, for
-- an event or a person.
-- +goose StatementBegin
CREATE FUNCTION request_read(clinic integer, k text, entity text, why text, at timestamptz, most smallint, anew boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO truth_wants AS w (clinic_id, kind, entity_id, reason, due_at) VALUES (clinic, k, entity, why, at)
  ON CONFLICT (clinic_id, kind, entity_id) DO UPDATE SET reason = excluded.reason, tries = 0,
    answers = CASE WHEN anew THEN 0 ELSE w.answers END,
    due_at = least(w.due_at, greatest(excluded.due_at, w.fetched_at + interval '1 minute')) -- one read an entity and minute
  WHERE anew OR w.answers < most;
END $$;
-- +goose StatementEnd
ALTER FUNCTION request_read(integer, text, text, text, timestamptz, smallint, boolean) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION request_read(integer, text, text, text, timestamptz, smallint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION request_read(integer, text, text, text, timestamptz, smallint, boolean) TO patapay_worker, patapay_api;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION want_truth(clinic integer, k text, entity text, why text, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO truth_wants AS w (clinic_id, kind, entity_id, reason, due_at) VALUES (clinic, k, entity, why, at)
  ON CONFLICT (clinic_id, kind, entity_id) DO UPDATE SET reason = excluded.reason, tries = 0, answers = 0,
    due_at = least(w.due_at, greatest(excluded.due_at, w.fetched_at + interval '1 minute')); -- one read an entity and minute
END $$;
-- +goose StatementEnd

-- Which clinics have entities to read from the gateway now, and an account that answers.
CREATE OR REPLACE FUNCTION truth_clinics(at timestamptz, most integer) RETURNS TABLE (clinic_id integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH RECURSIVE c AS (
    (SELECT w.clinic_id, w.due_at FROM truth_wants w WHERE w.due_at < 'infinity' ORDER BY w.clinic_id, w.due_at LIMIT 1)
    UNION ALL
    SELECT n.clinic_id, n.due_at FROM c, LATERAL (SELECT w.clinic_id, w.due_at FROM truth_wants w
      WHERE w.due_at < 'infinity' AND w.clinic_id > c.clinic_id ORDER BY w.clinic_id, w.due_at LIMIT 1) n
  )
  SELECT c.clinic_id FROM c WHERE c.due_at <= at
    AND NOT EXISTS (SELECT FROM read_pauses p WHERE p.clinic_id = c.clinic_id AND p.paused_until > at)
  ORDER BY c.due_at LIMIT most
$$;

-- +goose Down
SELECT 'migrations only move forward';
