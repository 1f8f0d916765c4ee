-- Actions on many clinics at once: the exact set is frozen when it is previewed, and each clinic has a row with what became of it.
-- +goose Up
CREATE TABLE fleet_actions (
  id uuid PRIMARY KEY,                 -- UUIDv7; `act_…` outside; also the id of the operation that does it
  kind text NOT NULL,                  -- check_connection, reactivate_queue, replay_dead, repair_webhook
  state text NOT NULL CHECK (state IN ('preview', 'running', 'stopped', 'done')),
  reason text NOT NULL DEFAULT '',     -- why it was begun; the clinics read it in their audit logs
  actor text NOT NULL,                 -- who looked at the preview, then who began it
  role text NOT NULL,
  source text NOT NULL,                -- address
  created_at timestamptz NOT NULL,     -- the set is frozen since
  started_at timestamptz,              -- null: only looked at
  ended_at timestamptz                 -- done, or stopped
);
ALTER TABLE fleet_actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE fleet_actions FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON fleet_actions TO patapay_api USING ((SELECT app_platform())) WITH CHECK ((SELECT app_platform()));
GRANT SELECT, INSERT, UPDATE, DELETE ON fleet_actions TO patapay_api;
CREATE INDEX fleet_actions_previews ON fleet_actions (created_at) WHERE state = 'preview';

CREATE TABLE fleet_action_items (
  clinic_id integer NOT NULL,
  action_id uuid NOT NULL REFERENCES fleet_actions (id) ON DELETE CASCADE,
  no integer NOT NULL,                 -- 1, 2 … the order in which they are done
  public_id uuid NOT NULL,
  name text NOT NULL,                  -- as it was when the set was frozen
  state text NOT NULL CHECK (state IN ('waiting', 'skipped', 'running', 'done', 'failed', 'left')),
  code text NOT NULL DEFAULT '',       -- why it was skipped or failed
  events text[] NOT NULL DEFAULT '{}', -- replay_dead: the events, `rev_…`
  ended_at timestamptz,
  PRIMARY KEY (clinic_id, action_id)
);
SELECT guard_tenant_table('fleet_action_items', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON fleet_action_items TO patapay_api;
CREATE UNIQUE INDEX fleet_action_items_order ON fleet_action_items (action_id, no);

-- +goose Down
SELECT 'migrations only move forward';
