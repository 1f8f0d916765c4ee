-- Months of bodies: made ahead, dropped when old, by a function, so that no runtime role owns a table.
-- +goose Up
-- Makes the partition of the month of `today` and of the three after it, and drops those that ended more than `keep` days before.
-- Waits at most 100 ms for a lock: intake comes first, tomorrow is another day. Returns how many it made and dropped.
-- +goose StatementBegin
CREATE FUNCTION keep_event_bodies(today date, keep integer, OUT made integer, OUT dropped integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET lock_timeout = '100ms' AS $$
DECLARE m date := date_trunc('month', today)::date; name text; old record;
BEGIN
  made := 0; dropped := 0;
  FOR i IN 0..3 LOOP
    name := 'event_bodies_' || to_char(m, 'YYYYMM');
    IF to_regclass('public.' || name) IS NULL THEN
      EXECUTE format('CREATE TABLE public.%I PARTITION OF public.event_bodies FOR VALUES FROM (%L) TO (%L)', name, m || ' 00:00+00', (m + interval '1 month')::date || ' 00:00+00');
      EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name); -- no policy, no grant: only the parent is a door
      EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
      made := made + 1;
    END IF;
    m := (m + interval '1 month')::date;
  END LOOP;
  FOR old IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.event_bodies'::regclass LOOP
    IF (to_date(right(old.relname, 6), 'YYYYMM') + interval '1 month')::date < today - keep THEN
      EXECUTE format('DROP TABLE public.%I', old.relname);
      dropped := dropped + 1;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION keep_event_bodies(date, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_event_bodies(date, integer) TO patapay_worker;
SELECT keep_event_bodies(current_date, 36500);

-- Whether bodies received at `at` have a partition: what /readyz and doctor ask about next month.
CREATE FUNCTION event_bodies_ready(at date) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public
  AS $$ SELECT to_regclass('public.event_bodies_' || to_char(at, 'YYYYMM')) IS NOT NULL $$;
GRANT EXECUTE ON FUNCTION event_bodies_ready(date) TO patapay_ingest, patapay_worker, patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
