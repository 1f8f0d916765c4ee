-- A clinic's side of Asaas: its sealed key, its account, and the tokens that prove its deliveries.
-- +goose Up
CREATE TABLE connections (
  clinic_id integer PRIMARY KEY,
  public_id uuid NOT NULL UNIQUE,
  environment smallint NOT NULL CHECK (environment IN (1, 2)), -- 1 production, 2 sandbox; fixed by the first key
  account_id text,                 -- the gateway's account id, bound: proved by the clinic's own key
  wallet_id text NOT NULL DEFAULT '',
  owner_name text NOT NULL DEFAULT '',
  owner_tax_id text NOT NULL DEFAULT '',
  key_sealed bytea,                -- null after disconnection
  key_hint text NOT NULL DEFAULT '', -- prefix and last four, for people
  key_set_at timestamptz,
  notification_email text NOT NULL DEFAULT '',
  webhook_id text NOT NULL DEFAULT '', -- configuration at the gateway; '' when set up by hand
  state text NOT NULL CHECK (state IN ('disconnected', 'verifying', 'awaiting_first_event', 'active', 'attention', 'paused', 'key_refused', 'silent')),
  since timestamptz NOT NULL,
  reason text NOT NULL DEFAULT '',
  next_action text NOT NULL DEFAULT '',
  loss_at timestamptz,
  first_event_at timestamptz,
  confirm boolean NOT NULL DEFAULT true, -- money facts are confirmed by a read; false on bulk development clinics
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX connections_account ON connections (environment, account_id); -- one clinic an account
SELECT guard_tenant_table('connections', true);
GRANT SELECT, INSERT, UPDATE ON connections TO patapay_api;
GRANT SELECT, UPDATE ON connections TO patapay_worker;
GRANT SELECT ON connections TO patapay_definer;
CREATE POLICY definer ON connections FOR SELECT TO patapay_definer USING (true);

CREATE TABLE webhook_tokens (
  clinic_id integer NOT NULL,
  digest bytea NOT NULL UNIQUE,   -- HMAC-SHA-256 of the token under a key outside the database
  environment smallint NOT NULL,
  hint text NOT NULL,             -- last four characters
  created_at timestamptz NOT NULL,
  ends_at timestamptz,            -- after rotation or disconnection: until then it still counts
  PRIMARY KEY (clinic_id, digest)
);
SELECT guard_tenant_table('webhook_tokens', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_tokens TO patapay_api;
GRANT SELECT ON webhook_tokens TO patapay_definer;
CREATE POLICY definer ON webhook_tokens FOR SELECT TO patapay_definer USING (true);

-- Who a token's digest speaks for; no row: nobody. The receiver's first question (docs/architecture.md, accept).
CREATE FUNCTION token_owner(wanted bytea)
RETURNS TABLE (clinic_id integer, environment smallint, ends_at timestamptz, clinic_state text, clinic_since timestamptz,
               connection_state text, connection_since timestamptz, account_id text, key_no integer, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT t.clinic_id, t.environment, t.ends_at, c.state, c.state_since, coalesce(n.state, 'disconnected'), coalesce(n.since, c.state_since),
         n.account_id, k.key_no, k.wrapped
  FROM webhook_tokens t
  JOIN clinics c ON c.clinic_id = t.clinic_id
  LEFT JOIN connections n ON n.clinic_id = t.clinic_id
  LEFT JOIN LATERAL (SELECT key_no, wrapped FROM clinic_keys k WHERE k.clinic_id = t.clinic_id ORDER BY key_no DESC LIMIT 1) k ON true
  WHERE t.digest = wanted
$$;
ALTER FUNCTION token_owner(bytea) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION token_owner(bytea) TO patapay_ingest;

-- Which clinics an account is bound to: at most one an environment.
CREATE FUNCTION account_owner(wanted text)
RETURNS TABLE (clinic_id integer, environment smallint, clinic_state text, key_no integer, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT n.clinic_id, n.environment, c.state, k.key_no, k.wrapped
  FROM connections n
  JOIN clinics c ON c.clinic_id = n.clinic_id
  LEFT JOIN LATERAL (SELECT key_no, wrapped FROM clinic_keys k WHERE k.clinic_id = n.clinic_id ORDER BY key_no DESC LIMIT 1) k ON true
  WHERE n.environment IN (1, 2) AND n.account_id = wanted AND n.state <> 'disconnected'
$$;
ALTER FUNCTION account_owner(text) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION account_owner(text) TO patapay_ingest;

-- +goose Down
SELECT 'migrations only move forward';
