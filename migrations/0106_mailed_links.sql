-- Links that were mailed to people: to choose a password, or to log in with a browser that nobody knows.
-- +goose Up
CREATE TABLE mailed_links (
  clinic_id integer NOT NULL,
  digest bytea NOT NULL,       -- of the link's secret, which is kept nowhere
  user_id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('password', 'login')),
  created_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  used_at timestamptz,         -- null: it may be used once
  PRIMARY KEY (clinic_id, digest)
);
CREATE INDEX mailed_links_user ON mailed_links (clinic_id, user_id);
SELECT guard_tenant_table('mailed_links', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON mailed_links TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
