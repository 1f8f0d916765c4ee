-- Keys that can be retired: what the digests of webhook tokens are keyed by has a name, and the sealed chains have keys of their own.
-- +goose Up
-- The peppers that digests may be made with, by a MAC under each, the oldest first. While a token is kept under one, it cannot go.
CREATE TABLE peppers (
  id bytea PRIMARY KEY,                      -- vault.PepperID; tells nothing of the pepper
  no integer GENERATED ALWAYS AS IDENTITY,   -- in the order in which they came
  noted_at timestamptz NOT NULL
);
ALTER TABLE peppers ENABLE ROW LEVEL SECURITY;
ALTER TABLE peppers FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON peppers TO patapay_api USING ((SELECT app_platform())) WITH CHECK ((SELECT app_platform()));
-- A clinic's transaction that makes a token asks whether its pepper still counts.
CREATE POLICY tenant ON peppers FOR SELECT TO patapay_api USING ((SELECT app_clinic()) > 0);
CREATE POLICY definer ON peppers FOR SELECT TO patapay_definer USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON peppers TO patapay_api;
GRANT SELECT ON peppers TO patapay_definer;

ALTER TABLE webhook_tokens ADD COLUMN pepper bytea REFERENCES peppers; -- of digest; null: before this was noted
ALTER TABLE webhook_tokens ADD COLUMN old_digest bytea;                -- under the pepper before, for processes that have no other
CREATE UNIQUE INDEX webhook_tokens_old ON webhook_tokens (old_digest) WHERE old_digest IS NOT NULL;

-- Keys of the chains of audit log and ledgers: derived once from the pepper of then, sealed by the master key, never rotated.
CREATE TABLE chain_keys (
  name text PRIMARY KEY,  -- audit, ledger
  sealed bytea NOT NULL
);
ALTER TABLE chain_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE chain_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON chain_keys TO patapay_api USING ((SELECT app_platform())) WITH CHECK ((SELECT app_platform()));
GRANT SELECT, INSERT, UPDATE ON chain_keys TO patapay_api;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION token_owner(wanted bytea)
RETURNS TABLE (clinic_id integer, environment smallint, ends_at timestamptz, clinic_state text, clinic_since timestamptz,
               connection_state text, connection_since timestamptz, account_id text, key_no integer, wrapped bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT t.clinic_id, t.environment, t.ends_at, c.state, c.state_since, coalesce(n.state, 'disconnected'), coalesce(n.since, c.state_since),
         n.account_id, k.key_no, k.wrapped
  FROM (SELECT a.clinic_id, a.environment, a.ends_at FROM webhook_tokens a WHERE a.digest = wanted UNION ALL SELECT b.clinic_id, b.environment, b.ends_at FROM webhook_tokens b WHERE b.old_digest = wanted) t
  CROSS JOIN LATERAL (SELECT c.state, c.state_since FROM clinics c WHERE c.clinic_id = t.clinic_id OFFSET 0) c
  LEFT JOIN LATERAL (SELECT n.state, n.since, n.account_id FROM connections n WHERE n.clinic_id = t.clinic_id OFFSET 0) n ON true
  LEFT JOIN LATERAL (SELECT key_no, wrapped FROM clinic_keys k WHERE k.clinic_id = t.clinic_id ORDER BY key_no DESC LIMIT 1) k ON true;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION token_owners(wanted bytea[])
RETURNS TABLE (digest bytea, clinic_id integer, environment smallint, ends_at timestamptz, clinic_state text, clinic_since timestamptz,
               connection_state text, connection_since timestamptz, account_id text, key_no integer, wrapped bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT w.digest, t.clinic_id, t.environment, t.ends_at, c.state, c.state_since, coalesce(n.state, 'disconnected'), coalesce(n.since, c.state_since),
         n.account_id, k.key_no, k.wrapped
  FROM unnest(wanted) w(digest)
  CROSS JOIN LATERAL (SELECT a.clinic_id, a.environment, a.ends_at FROM webhook_tokens a WHERE a.digest = w.digest
    UNION ALL SELECT b.clinic_id, b.environment, b.ends_at FROM webhook_tokens b WHERE b.old_digest = w.digest OFFSET 0) t
  CROSS JOIN LATERAL (SELECT c.state, c.state_since FROM clinics c WHERE c.clinic_id = t.clinic_id OFFSET 0) c
  LEFT JOIN LATERAL (SELECT n.state, n.since, n.account_id FROM connections n WHERE n.clinic_id = t.clinic_id OFFSET 0) n ON true
  LEFT JOIN LATERAL (SELECT key_no, wrapped FROM clinic_keys k WHERE k.clinic_id = t.clinic_id ORDER BY key_no DESC LIMIT 1) k ON true;
END $$;
-- +goose StatementEnd

-- Moves a token that was shown under an older pepper to a newer one. What it was found by goes on finding it, until the older one is retired.
-- +goose StatementBegin
CREATE FUNCTION redigest_token(was bytea, fresh bytea, fresh_pepper bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE webhook_tokens t SET digest = fresh, pepper = fresh_pepper, old_digest = was
    WHERE (t.digest = was OR t.old_digest = was) AND t.pepper IS DISTINCT FROM fresh_pepper
      AND EXISTS (SELECT FROM peppers p WHERE p.id = fresh_pepper);
END $$;
-- +goose StatementEnd
ALTER FUNCTION redigest_token(bytea, bytea, bytea) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION redigest_token(bytea, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redigest_token(bytea, bytea, bytea) TO patapay_ingest;
GRANT UPDATE (digest, pepper, old_digest) ON webhook_tokens TO patapay_definer;
CREATE POLICY definer_moves ON webhook_tokens FOR UPDATE TO patapay_definer USING (true) WITH CHECK (true);

-- +goose Down
SELECT 'migrations only move forward';
