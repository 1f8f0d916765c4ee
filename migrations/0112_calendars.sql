-- Calendars: addresses at which a person's calendar program reads the days of their clinic's agenda.
-- +goose Up
CREATE TABLE calendars (
  clinic_id integer NOT NULL,
  calendar_id uuid NOT NULL,   -- UUIDv7; `cal_…` outside
  user_id uuid NOT NULL,
  role text NOT NULL,          -- of the person when it was made: it ends with that
  digest bytea NOT NULL,       -- of the address's secret, which is kept nowhere
  created_at timestamptz NOT NULL,
  used_at timestamptz,         -- to a day; null: never
  PRIMARY KEY (clinic_id, calendar_id)
);
CREATE UNIQUE INDEX calendars_digest ON calendars (digest);
SELECT guard_tenant_table('calendars', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON calendars TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
