-- Work items and connections are told of by the feed: each new version is an entry, whoever wrote it, in its transaction
-- (docs/decisions/0044-the-feed-tells-of-work-items-and-connections.md).
-- +goose Up
GRANT INSERT ON changes TO patapay_definer;

-- The next entry of a clinic's feed, numbered behind the last one under the clinic's lock, as every other is.
-- +goose StatementBegin
CREATE FUNCTION tell_change(clinic integer, of_kind text, object uuid, of_asaas text, of_version integer, changed_at timestamptz, as_of json)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH head AS (UPDATE clinic_heads h SET feed_seq = h.feed_seq + 1 WHERE h.clinic_id = clinic RETURNING h.feed_seq)
  INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state)
    SELECT clinic, head.feed_seq, of_kind, object, of_asaas, of_version, changed_at, as_of FROM head
$$;
-- The members are those of ledger.WorkItem and connection.Connection: of a connection neither its key nor whose account it is.
CREATE FUNCTION tell_work_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  was_open boolean := TG_OP = 'UPDATE' AND OLD.resolved_at IS NULL;
BEGIN
  PERFORM tell_change(NEW.clinic_id,
    CASE WHEN NEW.resolved_at IS NOT NULL AND was_open THEN 'work_item_closed' WHEN NEW.resolved_at IS NULL AND NOT was_open THEN 'work_item_opened'
      ELSE 'work_item_changed' END,
    NEW.id, NEW.payment, NEW.version, NEW.updated_at, json_build_object('Kind', NEW.kind, 'Subject', NEW.subject, 'Amount', NEW.amount,
      'Payment', NEW.payment, 'Detail', NEW.detail, 'Owner', NEW.owner, 'Outcome', NEW.outcome, 'Note', NEW.note, 'ResolvedBy', NEW.resolved_by,
      'OpenedAt', NEW.opened_at, 'UpdatedAt', NEW.updated_at, 'ResolvedAt', NEW.resolved_at, 'Version', NEW.version));
  RETURN NULL;
END $$;
CREATE FUNCTION tell_connection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM tell_change(NEW.clinic_id, 'connection', NEW.public_id, coalesce(NEW.account_id, ''), NEW.version, NEW.updated_at, json_build_object(
    'Environment', NEW.environment, 'Account', coalesce(NEW.account_id, ''), 'State', NEW.state, 'Since', NEW.since, 'Reason', NEW.reason,
    'NextAction', NEW.next_action, 'LossAt', NEW.loss_at, 'FirstEventAt', NEW.first_event_at, 'KeySetAt', NEW.key_set_at,
    'KeyExpiresOn', coalesce(NEW.key_expires_on::text, ''), 'Version', NEW.version, 'UpdatedAt', NEW.updated_at));
  RETURN NULL;
END $$;
-- +goose StatementEnd
ALTER FUNCTION tell_change(integer, text, uuid, text, integer, timestamptz, json) OWNER TO patapay_definer;
ALTER FUNCTION tell_work_item() OWNER TO patapay_definer;
ALTER FUNCTION tell_connection() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION tell_change(integer, text, uuid, text, integer, timestamptz, json) FROM PUBLIC;
CREATE TRIGGER told_first AFTER INSERT ON work_items FOR EACH ROW EXECUTE FUNCTION tell_work_item();
CREATE TRIGGER told AFTER UPDATE ON work_items FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION tell_work_item();
CREATE TRIGGER told_first AFTER INSERT ON connections FOR EACH ROW EXECUTE FUNCTION tell_connection();
CREATE TRIGGER told AFTER UPDATE ON connections FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION tell_connection();

-- +goose Down
SELECT 'migrations only move forward';
