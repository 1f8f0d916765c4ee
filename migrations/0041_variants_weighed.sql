-- Which second bodies matter is weighed by the worker, who can open them (docs/architecture.md, accept).
-- +goose Up
GRANT SELECT ON event_variants TO patapay_worker;

-- As before, but five seconds later, when the first body has been applied and can be compared.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION accept_variant(clinic integer, env smallint, s bigint, h uuid, hash bytea, at timestamptz, body bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO event_variants VALUES (clinic, env, s, h, hash, at, body) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE events SET notes = btrim(notes || ' variant')
    WHERE clinic_id = clinic AND environment = env AND seq = s AND id_hash = h AND position('variant' in notes) = 0;
  PERFORM want_truth(clinic, e.kind, e.entity_id, 'variant', at + interval '5 seconds')
    FROM events e WHERE e.clinic_id = clinic AND e.environment = env AND e.seq = s AND e.id_hash = h AND e.kind <> '' AND e.entity_id <> '';
  RETURN true;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
