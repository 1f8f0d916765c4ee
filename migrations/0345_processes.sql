-- Which keys each running process has: a rotation moved what a process with the old keyset alone needs out of its reach.
-- +goose Up
CREATE TABLE processes (
  process_id uuid PRIMARY KEY,
  name text NOT NULL,            -- what it runs, and the host it calls its own
  marks text NOT NULL,           -- of the newest keys that it has, with blanks between: they tell nothing of the keys
  seen_at timestamptz NOT NULL   -- written each half minute while it runs
);
ALTER TABLE processes ENABLE ROW LEVEL SECURITY;
ALTER TABLE processes FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON processes TO patapay_api USING ((SELECT app_platform())) WITH CHECK ((SELECT app_platform()));
GRANT SELECT, INSERT, UPDATE, DELETE ON processes TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
