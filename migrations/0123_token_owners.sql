-- token_owner for many digests: what a receiver remembers is asked for again before it lapses, many in one statement.
-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION token_owners(wanted bytea[])
RETURNS TABLE (digest bytea, clinic_id integer, environment smallint, ends_at timestamptz, clinic_state text, clinic_since timestamptz,
               connection_state text, connection_since timestamptz, account_id text, key_no integer, wrapped bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT t.digest, t.clinic_id, t.environment, t.ends_at, c.state, c.state_since, coalesce(n.state, 'disconnected'), coalesce(n.since, c.state_since),
         n.account_id, k.key_no, k.wrapped
  FROM unnest(wanted) w(digest)
  CROSS JOIN LATERAL (SELECT * FROM webhook_tokens t WHERE t.digest = w.digest OFFSET 0) t
  CROSS JOIN LATERAL (SELECT * FROM clinics c WHERE c.clinic_id = t.clinic_id OFFSET 0) c
  LEFT JOIN LATERAL (SELECT * FROM connections n WHERE n.clinic_id = t.clinic_id OFFSET 0) n ON true
  LEFT JOIN LATERAL (SELECT key_no, wrapped FROM clinic_keys k WHERE k.clinic_id = t.clinic_id ORDER BY key_no DESC LIMIT 1) k ON true;
END $$;
-- +goose StatementEnd
ALTER FUNCTION token_owners(bytea[]) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION token_owners(bytea[]) TO patapay_ingest;

-- +goose Down
SELECT 'migrations only move forward';
