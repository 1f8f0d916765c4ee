-- The history that the feed tells of. After a restore or a failover, places that readers keep may name entries that are gone, and
-- numbers would be given a second time: a new epoch begins (docs/decisions/0039-epochs-of-the-feed.md).
-- +goose Up
CREATE TABLE feed_epoch (
  key text NOT NULL,             -- what feed_history() said when it began
  no integer NOT NULL,           -- 1, 2 …
  mark integer NOT NULL DEFAULT 0, -- raised by hand after a restore that nothing else tells of
  began_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX feed_epoch_one ON feed_epoch ((true));
GRANT SELECT, UPDATE ON feed_epoch TO patapay_definer;

-- Numbers that a clinic's feed leaves out: behind `after` the next one is `upto` + 1. Whoever stands between them read what is gone.
CREATE TABLE feed_gaps (
  clinic_id integer NOT NULL,
  after bigint NOT NULL,
  upto bigint NOT NULL,
  PRIMARY KEY (clinic_id, upto)
);
SELECT guard_tenant_table('feed_gaps', false);
GRANT SELECT ON feed_gaps TO patapay_api;
GRANT SELECT, INSERT ON feed_gaps TO patapay_definer;
CREATE POLICY definer ON feed_gaps TO patapay_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_moves ON clinic_heads FOR UPDATE TO patapay_definer USING (true) WITH CHECK (true);
GRANT UPDATE ON clinic_heads, changes TO patapay_definer;
ALTER TABLE endpoints ADD COLUMN epoch integer NOT NULL DEFAULT 1; -- of the feed, that its place is of

-- What tells this history from every other: a dump restored makes the table anew, a copy of the cluster that is promoted has another
-- timeline, and what neither shows is marked by hand.
CREATE FUNCTION feed_history(mark integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT s.system_identifier || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '.' || to_regclass('public.changes')::oid || '.' || mark
  FROM pg_control_system() s
$$;
GRANT EXECUTE ON FUNCTION feed_history(integer) TO patapay_definer;
INSERT INTO feed_epoch SELECT feed_history(0), 1, 0, now();

-- Where the platform's feed begins and ends now, and its epoch; stands is false when another has begun that nobody noted yet.
CREATE FUNCTION feed_standing(OUT stands boolean, OUT epoch text, OUT epoch_no integer, OUT floor_tx xid8, OUT floor_clinic integer, OUT floor_seq bigint,
  OUT head_tx xid8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT e.key = feed_history(e.mark), left(md5(e.key || extract(epoch FROM e.began_at)), 12), e.no, f.tx, f.clinic, f.seq, pg_snapshot_xmin(pg_current_snapshot())
  FROM feed_floor f, feed_epoch e
$$;
ALTER FUNCTION feed_standing() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION feed_standing() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_standing() TO patapay_api, patapay_worker;

-- Notes that another history is told now, and returns the number of the new epoch; null when this one is known. Of a dump the
-- transactions are another cluster's: all its entries stand before what comes. Numbers go on where no clinic has been before,
-- for they count microseconds: nobody writes a million entries a second.
-- +goose StatementBegin
CREATE FUNCTION feed_adopt(by_hand boolean) RETURNS integer
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
  IF split_part(history, '.', 1) <> split_part(was.key, '.', 1) OR split_part(history, '.', 3) <> split_part(was.key, '.', 3) THEN
    UPDATE changes SET tx = '3' WHERE tx <> '3';
    UPDATE feed_floor SET tx = '0', clinic = 0, seq = 0;
  END IF;
  INSERT INTO feed_gaps (clinic_id, after, upto) SELECT h.clinic_id, h.feed_seq, greatest(first, h.feed_seq + 1) FROM clinic_heads h WHERE h.clinic_id > 0;
  UPDATE clinic_heads h SET feed_seq = g.upto FROM feed_gaps g
    WHERE g.clinic_id = h.clinic_id AND g.after = h.feed_seq AND g.upto >= first;
  UPDATE feed_epoch SET key = history, no = was.no + 1, mark = was.mark, began_at = clock_timestamp();
  RETURN was.no + 1;
END $$;
-- +goose StatementEnd
ALTER FUNCTION feed_adopt(boolean) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION feed_adopt(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_adopt(boolean) TO patapay_api, patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
