-- Asked before every look at the feed, and by every run that writes to it: in this language their plans are kept.
-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION feed_history(mark integer) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN (SELECT s.system_identifier || '.' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '.' || to_regclass('public.changes')::oid || '.' || mark
    FROM pg_control_system() s);
END $$;
CREATE OR REPLACE FUNCTION feed_standing(OUT stands boolean, OUT epoch text, OUT epoch_no integer, OUT floor_tx xid8, OUT floor_clinic integer,
  OUT floor_seq bigint, OUT head_tx xid8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  SELECT e.key = feed_history(e.mark), left(md5(e.key || extract(epoch FROM e.began_at)), 12), e.no, f.tx, f.clinic, f.seq,
      pg_snapshot_xmin(pg_current_snapshot())
    INTO stands, epoch, epoch_no, floor_tx, floor_clinic, floor_seq, head_tx
    FROM feed_floor f, feed_epoch e;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
