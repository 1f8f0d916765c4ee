-- Whether the epoch of the feed is still this history's was asked for each clinic of each run, and the answer stands in a file of the
-- server: half a millisecond each, a twentieth of a drain. A server's history does not change under a connection that writes: a failover,
-- a restore and a rewind each begin with other connections. So each connection asks once for each epoch.
-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION feed_head_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  epoch feed_epoch;
BEGIN
  SELECT e.* INTO epoch FROM feed_epoch e;
  IF epoch.key IS DISTINCT FROM current_setting('patapay.feed_history', true) THEN
    IF epoch.key <> feed_history(epoch.mark) THEN
      RAISE EXCEPTION 'another history of the feed, that is not noted yet' USING ERRCODE = '40EPO';
    END IF;
    PERFORM set_config('patapay.feed_history', epoch.key, false);
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
