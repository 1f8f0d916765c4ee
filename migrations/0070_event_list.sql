-- The list of a clinic's events, newest first, at any length: by receipt, by failed tries, and by what is quarantined.
-- +goose NO TRANSACTION
-- +goose Up
-- Written before the 200, so it has no random key: a clinic's receipts only grow. Outcome and type are not in it: they would
-- make apply's one change of the row write an index.
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_received ON events (clinic_id, received_at);

-- Tries begin at none, so intake writes nothing here.
CREATE INDEX CONCURRENTLY IF NOT EXISTS due_tried ON due (clinic_id, environment, seq, id_hash) INCLUDE (tries) WHERE tries > 0;

-- The quarantined without an entity too: the few refused ones are found without reading all others.
CREATE OR REPLACE TRIGGER quarantined AFTER INSERT ON events FOR EACH ROW WHEN (NEW.outcome = 'quarantined') EXECUTE FUNCTION note_quarantined();

-- Those that are there already: for the length of this statement the tables' owner, which nobody else logs in as, reads all clinics.
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantined NO FORCE ROW LEVEL SECURITY;
INSERT INTO quarantined (clinic_id, environment, seq, id_hash, entity_id)
  SELECT clinic_id, environment, seq, id_hash, entity_id FROM events WHERE outcome = 'quarantined' AND entity_id = '' ON CONFLICT DO NOTHING;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE quarantined FORCE ROW LEVEL SECURITY;

-- +goose Down
SELECT 'migrations only move forward';
