-- Reminders of the first page that the clinic put off: until a day, or until there is more of what they are about.
-- +goose Up
CREATE TABLE put_off_reminders (
  clinic_id integer NOT NULL,
  kind text NOT NULL,          -- overdue, denied
  until date NOT NULL,         -- the last day on which it stays away, São Paulo's
  seen bigint NOT NULL,        -- of how many it told then: one more brings it back
  PRIMARY KEY (clinic_id, kind)
);
SELECT guard_tenant_table('put_off_reminders', true);
GRANT SELECT, INSERT, UPDATE, DELETE ON put_off_reminders TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
