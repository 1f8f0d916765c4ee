-- After a failover a writer may come before any reader: it went on with numbers that readers had seen for entries that are lost. No number
-- is given now until the new epoch is noted (docs/decisions/0039-epochs-of-the-feed.md); programs note it and try again.
-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION feed_head_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM feed_epoch e WHERE e.key <> feed_history(e.mark)) THEN
    RAISE EXCEPTION 'another history of the feed, that is not noted yet' USING ERRCODE = '40EPO';
  END IF;
  RETURN NEW;
END $$;
-- As in 0107, but the epoch is noted before the numbers move.
CREATE OR REPLACE FUNCTION feed_adopt(by_hand boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  was feed_epoch;
  history text;
  first bigint := (extract(epoch FROM clock_timestamp())::bigint) * 1000000;
BEGIN
  SELECT e.* INTO was FROM feed_epoch e FOR UPDATE;
  IF by_hand THEN was.mark := was.mark + 1; END IF;
  history := feed_history(was.mark);
  IF history = was.key THEN RETURN NULL; END IF;
  PERFORM FROM clinic_heads h ORDER BY h.clinic_id FOR UPDATE; -- as runs lock them
  UPDATE feed_epoch SET key = history, no = was.no + 1, mark = was.mark, began_at = clock_timestamp();
  IF split_part(history, '.', 1) <> split_part(was.key, '.', 1) OR split_part(history, '.', 3) <> split_part(was.key, '.', 3) THEN
    UPDATE changes SET tx = '3' WHERE tx <> '3';
    UPDATE feed_floor SET tx = '0', clinic = 0, seq = 0;
  END IF;
  INSERT INTO feed_gaps (clinic_id, after, upto) SELECT h.clinic_id, h.feed_seq, greatest(first, h.feed_seq + 1) FROM clinic_heads h WHERE h.clinic_id > 0;
  UPDATE clinic_heads h SET feed_seq = g.upto FROM feed_gaps g
    WHERE g.clinic_id = h.clinic_id AND g.after = h.feed_seq AND g.upto >= first;
  RETURN was.no + 1;
END $$;
-- +goose StatementEnd
ALTER FUNCTION feed_head_guard() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION feed_head_guard() FROM PUBLIC;
CREATE TRIGGER one_history BEFORE UPDATE OF feed_seq ON clinic_heads FOR EACH ROW WHEN (NEW.feed_seq <> OLD.feed_seq)
  EXECUTE FUNCTION feed_head_guard();

-- +goose Down
SELECT 'migrations only move forward';
