-- What Asaas sends that no list of ours has, by its form: never a value (docs/gateway.md, the radar).
-- +goose Up
CREATE TABLE gateway_shapes (
  shape_id     uuid PRIMARY KEY,
  kind         text NOT NULL,   -- event, member, type, word, id, address, number, date; 'more': what the limits left out
  path         text NOT NULL,
  form         text NOT NULL,
  count        bigint NOT NULL,
  first_at     timestamptz NOT NULL,
  last_at      timestamptz NOT NULL,
  first_seen_of integer NOT NULL, -- whose delivery showed it first: a share for each clinic and day
  closed_at    timestamptz,     -- a person knows of it; null: new
  closed_by    text NOT NULL DEFAULT '',
  note         text NOT NULL DEFAULT '',
  UNIQUE (kind, path, form)
);
CREATE INDEX gateway_shapes_open ON gateway_shapes (first_at) WHERE closed_at IS NULL;
CREATE INDEX gateway_shapes_share ON gateway_shapes (first_seen_of, first_at);
ALTER TABLE gateway_shapes ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway_shapes FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON gateway_shapes TO patapay_api, patapay_worker USING ((SELECT app_platform())) WITH CHECK ((SELECT app_platform()));
CREATE POLICY definer ON gateway_shapes TO patapay_definer USING (true) WITH CHECK (true);
GRANT SELECT ON gateway_shapes TO patapay_api, patapay_worker;
GRANT UPDATE (closed_at, closed_by, note) ON gateway_shapes TO patapay_api;
GRANT SELECT, INSERT, UPDATE ON gateway_shapes TO patapay_definer;

-- Counts what a clinic's deliveries and answers showed, and returns how many shapes are new. Of new ones no more are
-- kept than most_open that nobody has closed and most_today of a clinic since the beginning of its day; the others are
-- one row of kind 'more'. One at a time, so that the limits hold.
-- +goose StatementBegin
CREATE FUNCTION note_gateway_shapes(clinic integer, at timestamptz, today timestamptz, most_open integer, most_today integer,
  ids uuid[], kinds text[], paths text[], forms text[], counts bigint[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  fresh integer := 0;
  left_out bigint := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7204405);
  FOR i IN 1 .. coalesce(array_length(kinds, 1), 0) LOOP
    UPDATE gateway_shapes s SET count = s.count + counts[i], last_at = greatest(s.last_at, at)
      WHERE s.kind = kinds[i] AND s.path = paths[i] AND s.form = forms[i];
    CONTINUE WHEN FOUND;
    IF (SELECT count(*) FROM gateway_shapes WHERE closed_at IS NULL) >= most_open
      OR (SELECT count(*) FROM gateway_shapes WHERE first_seen_of = clinic AND first_at >= today) >= most_today THEN
      left_out := left_out + counts[i];
      CONTINUE;
    END IF;
    INSERT INTO gateway_shapes (shape_id, kind, path, form, count, first_at, last_at, first_seen_of)
      VALUES (ids[i], kinds[i], paths[i], forms[i], counts[i], at, at, clinic);
    fresh := fresh + 1;
  END LOOP;
  IF left_out > 0 THEN
    IF NOT EXISTS (SELECT FROM gateway_shapes s WHERE s.kind = 'more' AND s.closed_at IS NULL) THEN
      fresh := fresh + 1; -- somebody should hear that not all is shown
    END IF;
    INSERT INTO gateway_shapes AS s (shape_id, kind, path, form, count, first_at, last_at, first_seen_of)
      VALUES (ids[array_length(ids, 1)], 'more', '', '', left_out, at, at, 0)
      ON CONFLICT (kind, path, form) DO UPDATE SET count = s.count + left_out, last_at = greatest(s.last_at, at), closed_at = NULL;
  END IF;
  RETURN fresh;
END $$;
-- +goose StatementEnd
ALTER FUNCTION note_gateway_shapes(integer, timestamptz, timestamptz, integer, integer, uuid[], text[], text[], text[], bigint[]) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION note_gateway_shapes(integer, timestamptz, timestamptz, integer, integer, uuid[], text[], text[], text[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_gateway_shapes(integer, timestamptz, timestamptz, integer, integer, uuid[], text[], text[], text[], bigint[]) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
