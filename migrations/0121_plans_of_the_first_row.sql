-- A plan that was made for a small or empty table is kept while the table grows: these roles read by keys alone, and are planned for that.
-- +goose Up
-- Without this a table of a page is read whole, and still is when it has become a thousand pages, until it is analyzed. No
-- statement of theirs is worth a compiler, which a step that cannot be avoided would call for.
-- +goose StatementBegin
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['patapay_ingest', 'patapay_worker', 'patapay_sweeper'] LOOP
    FOR try IN 1..20 LOOP
      BEGIN
        EXECUTE format('ALTER ROLE %I SET enable_seqscan = off', r);
        EXECUTE format('ALTER ROLE %I SET jit = off', r);
        EXIT;
      EXCEPTION WHEN internal_error THEN -- another database of this cluster does the same at this moment
        IF try = 20 THEN RAISE; END IF;
        PERFORM pg_sleep(0.05);
      END;
    END LOOP;
  END LOOP;
END $$;
-- +goose StatementEnd

-- A booking is the first from its key on: of an empty table that order, not the key, makes the planner take the key's index.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION check_ledger_legs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  SELECT a.no INTO bad FROM (SELECT clinic_id, no, sum(amount) AS total, count(*) AS n, max(leg) AS top FROM added GROUP BY clinic_id, no) a
    LEFT JOIN LATERAL (SELECT no, legs FROM ledger_transactions t WHERE t.clinic_id = a.clinic_id AND t.no >= a.no ORDER BY t.no LIMIT 1) t ON t.no = a.no
    WHERE a.total <> 0 OR a.n <> a.top OR t.legs IS DISTINCT FROM a.n LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transaction % is not whole or does not sum to zero', bad USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
