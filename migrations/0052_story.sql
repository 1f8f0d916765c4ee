-- The ways from an object to all that was ever done about it: quarantined events, changes and people's actions.
-- +goose NO TRANSACTION
-- +goose Up
-- Quarantined events have no record, and events has no index on what they speak of: intake would write a random page for each.
-- These few get a row of their own. Their outcome never changes, so neither does this.
CREATE TABLE quarantined (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  seq bigint NOT NULL,
  id_hash uuid NOT NULL,
  entity_id text NOT NULL,            -- the gateway's id
  PRIMARY KEY (clinic_id, entity_id, environment, seq, id_hash)
);
SELECT guard_tenant_table('quarantined', false);
GRANT SELECT ON quarantined TO patapay_api;
GRANT INSERT ON quarantined TO patapay_definer;
CREATE POLICY definer ON quarantined FOR INSERT TO patapay_definer WITH CHECK (true);

-- +goose StatementBegin
CREATE FUNCTION note_quarantined() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO quarantined (clinic_id, environment, seq, id_hash, entity_id) VALUES (NEW.clinic_id, NEW.environment, NEW.seq, NEW.id_hash, NEW.entity_id);
  RETURN NULL;
END $$;
-- +goose StatementEnd
ALTER FUNCTION note_quarantined() OWNER TO patapay_definer;
CREATE TRIGGER quarantined AFTER INSERT ON events FOR EACH ROW WHEN (NEW.outcome = 'quarantined' AND NEW.entity_id <> '') EXECUTE FUNCTION note_quarantined();

-- Those that are there already: for the length of this statement the tables' owner, which nobody else logs in as, reads all clinics.
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantined NO FORCE ROW LEVEL SECURITY;
INSERT INTO quarantined SELECT clinic_id, environment, seq, id_hash, entity_id FROM events WHERE outcome = 'quarantined' AND entity_id <> '' ON CONFLICT DO NOTHING;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantined FORCE ROW LEVEL SECURITY;

CREATE INDEX CONCURRENTLY changes_object ON changes (clinic_id, object_id); -- ids begin with the time of first sight: it grows near its end
CREATE INDEX CONCURRENTLY audit_subject ON audit (clinic_id, subject);

-- +goose Down
SELECT 'migrations only move forward';
