-- Entries of the feed of many clinics at once, for the platform's endpoints: a statement for each clinic cost more than the deliveries.
-- +goose Up
-- In the order in which they are asked for, n from 1; those that are no longer kept are left out.
-- +goose StatementBegin
CREATE FUNCTION feed_entries_of(clinics integer[], seqs bigint[])
RETURNS TABLE (n bigint, clinic integer, tenant uuid, seq bigint, kind text, object_id uuid, asaas_id text, version integer, at timestamptz, state json, texts bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT u.n, c.clinic_id, t.public_id, c.seq, c.kind, c.object_id, c.asaas_id, c.version, c.at, c.state, c.texts
  FROM unnest(clinics, seqs) WITH ORDINALITY u(clinic, seq, n)
  JOIN changes c ON c.clinic_id = u.clinic AND c.seq = u.seq JOIN clinics t ON t.clinic_id = c.clinic_id
  ORDER BY u.n;
END $$;
-- +goose StatementEnd
ALTER FUNCTION feed_entries_of(integer[], bigint[]) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION feed_entries_of(integer[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_entries_of(integer[], bigint[]) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
