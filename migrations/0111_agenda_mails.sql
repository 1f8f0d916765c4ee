-- E-mails about the agenda: one a person and day, besides those of disputes, and what each person was told of.
-- +goose Up
-- What is written stands in no row: it is made of the entries that still stand when the e-mail leaves.
CREATE TABLE agenda_mails (
  clinic_id integer NOT NULL,
  user_id uuid NOT NULL,
  key text NOT NULL,               -- the day of a digest, or a dispute's deadline and step: there is one of each
  deadlines uuid[] NOT NULL,       -- the entries that it tells of
  created_at timestamptz NOT NULL,
  next_at timestamptz NOT NULL,    -- of the next try
  tries smallint NOT NULL DEFAULT 0,
  sent_at timestamptz,             -- null: not yet
  given_up_at timestamptz,         -- nothing of it stands any more, or it is too old to be news
  last_error text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, user_id, key)
);
CREATE INDEX agenda_mails_waiting ON agenda_mails (clinic_id, next_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
SELECT guard_tenant_table('agenda_mails', false);
GRANT SELECT, INSERT, UPDATE ON agenda_mails TO patapay_api;

CREATE TABLE agenda_told (
  clinic_id integer NOT NULL,
  user_id uuid NOT NULL,
  deadline_id uuid NOT NULL,
  step text NOT NULL,              -- opened, 5d, 24h …: each is told once
  at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, deadline_id, user_id, step)
);
SELECT guard_tenant_table('agenda_told', false);
GRANT SELECT, INSERT ON agenda_told TO patapay_api;

-- When each clinic's people are to be looked at again.
CREATE TABLE agenda_reminders (
  clinic_id integer PRIMARY KEY,
  at timestamptz NOT NULL,
  next_at timestamptz NOT NULL
);
SELECT guard_tenant_table('agenda_reminders', false);
GRANT SELECT, INSERT, UPDATE ON agenda_reminders TO patapay_api;
GRANT SELECT ON agenda_reminders TO patapay_definer;
CREATE POLICY definer ON agenda_reminders FOR SELECT TO patapay_definer USING (true);

-- Clinics whose people may have to be written to: an entry was written since, or a step is reached, or an e-mail waits.
CREATE FUNCTION reminders_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT c.clinic_id FROM clinics c LEFT JOIN agenda_reminders r USING (clinic_id) JOIN agenda_rounds g USING (clinic_id)
  WHERE c.state <> 'deleted' AND (r.clinic_id IS NULL OR r.next_at <= now_at OR g.at > r.at)
  ORDER BY r.at NULLS FIRST, c.clinic_id LIMIT most
$$;
ALTER FUNCTION reminders_due(timestamptz, integer) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION reminders_due(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reminders_due(timestamptz, integer) TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
