-- Numbers of an epoch begin at its second. Of two that began within one the second left out a single number: a reader of the
-- first who stood further among entries that are lost was not told so. At least a million are left out now
-- (docs/decisions/0039-epochs-of-the-feed.md).
-- +goose Up
-- +goose StatementBegin
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
  INSERT INTO feed_gaps (clinic_id, after, upto) SELECT h.clinic_id, h.feed_seq, greatest(first, h.feed_seq + 1000000) FROM clinic_heads h WHERE h.clinic_id > 0;
  UPDATE clinic_heads h SET feed_seq = g.upto FROM feed_gaps g
    WHERE g.clinic_id = h.clinic_id AND g.after = h.feed_seq AND g.upto >= first;
  RETURN was.no + 1;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
