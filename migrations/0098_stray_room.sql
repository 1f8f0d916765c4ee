-- The limit of unclaimed deliveries counts what is stored, long bodies beside the table too, and the oldest make room.
-- +goose Up
-- One row: the bytes of all unclaimed deliveries, 200 added for each row, and how many there may be. Of no clinic, as they are.
CREATE TABLE stray_room (bytes bigint NOT NULL, most bigint NOT NULL);
INSERT INTO stray_room SELECT coalesce(sum(octet_length(sealed) + 200), 0), 1024 * 1024 * 1024 FROM strays;
CREATE UNIQUE INDEX stray_room_one ON stray_room ((true));
GRANT SELECT, UPDATE ON stray_room TO patapay_definer;
GRANT UPDATE ON strays TO patapay_definer; -- to lock what it drops
CREATE INDEX strays_oldest ON strays (received_at);

-- +goose StatementBegin
CREATE FUNCTION count_strays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE stray_room SET bytes = bytes + n.all FROM (SELECT coalesce(sum(octet_length(sealed) + 200), 0) AS all FROM added) n WHERE n.all > 0;
  ELSE
    UPDATE stray_room SET bytes = bytes - n.all FROM (SELECT coalesce(sum(octet_length(sealed) + 200), 0) AS all FROM gone) n WHERE n.all > 0;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
ALTER FUNCTION count_strays() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION count_strays() FROM PUBLIC;
CREATE TRIGGER strays_added AFTER INSERT ON strays REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_strays();
CREATE TRIGGER strays_gone AFTER DELETE ON strays REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_strays();

-- As before, but when there are too many in all, the oldest of them go.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION accept_stray(account text, hash bytea, at timestamptz, t text, k text, entity text, ip text, body bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE n bigint; bytes bigint;
BEGIN
  IF EXISTS (SELECT FROM strays WHERE account_id = account AND body_hash = hash) THEN RETURN 'known'; END IF;
  SELECT count(*), coalesce(sum(octet_length(sealed)), 0) INTO n, bytes FROM strays WHERE account_id = account;
  IF n >= 500 OR bytes + octet_length(body) > 10 * 1024 * 1024 THEN RETURN 'full'; END IF;
  INSERT INTO strays VALUES (account, hash, at, t, k, entity, ip, body) ON CONFLICT DO NOTHING;
  WHILE (SELECT r.bytes > r.most FROM stray_room r) LOOP
    DELETE FROM strays s USING (SELECT o.account_id, o.body_hash FROM strays o WHERE (o.account_id, o.body_hash) <> (account, hash)
      ORDER BY o.received_at LIMIT 10 FOR UPDATE SKIP LOCKED) o -- what another transaction drops is not waited for
      WHERE s.account_id = o.account_id AND s.body_hash = o.body_hash;
    EXIT WHEN NOT FOUND;
  END LOOP;
  RETURN 'stored';
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
