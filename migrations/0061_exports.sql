-- Files that a person asked for, kept a day: what was true when they were made, sealed, in pieces that fit in memory.
-- +goose Up
CREATE TABLE exports (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                  -- UUIDv7, its operation's too; `exp_…` outside
  kind text NOT NULL CHECK (kind IN ('invoices', 'checkouts', 'anticipations', 'ledger', 'events')),
  filter json NOT NULL,              -- the list's own parameters, by name
  rows integer NOT NULL DEFAULT 0,   -- in the file so far, without its heading
  parts integer NOT NULL DEFAULT 0,
  done boolean NOT NULL DEFAULT false,
  created_by text NOT NULL,          -- subject of the principal
  created_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,      -- from then on it is not there; upkeep removes it
  PRIMARY KEY (clinic_id, id)
);
SELECT guard_tenant_table('exports', false);
CREATE TABLE export_parts (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                  -- of the export
  part integer NOT NULL,             -- 1, 2 …
  body bytea NOT NULL,               -- gzip, sealed
  PRIMARY KEY (clinic_id, id, part),
  FOREIGN KEY (clinic_id, id) REFERENCES exports ON DELETE CASCADE
);
SELECT guard_tenant_table('export_parts', false);
GRANT SELECT, INSERT, UPDATE ON exports TO patapay_api;
GRANT SELECT, INSERT ON export_parts TO patapay_api;
CREATE INDEX exports_ends ON exports (clinic_id, ends_at);

-- expire_exports removes what ended before an instant, of every clinic, with its parts; returns how many.
CREATE POLICY definer ON exports TO patapay_definer USING (true);
GRANT SELECT, DELETE ON exports TO patapay_definer;
CREATE FUNCTION expire_exports(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH gone AS (DELETE FROM exports WHERE ends_at <= before RETURNING 1) SELECT count(*) FROM gone
$$;
ALTER FUNCTION expire_exports(timestamptz) OWNER TO patapay_definer;
GRANT EXECUTE ON FUNCTION expire_exports(timestamptz) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
