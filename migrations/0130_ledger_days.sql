-- The statement of an account in the order of its days: the day that a booking belongs to, as a column of its own. An index over an expression would
-- not serve: behind row security only operators that leak nothing reach an index, and an expression of ours is not known to be such.
-- +goose Up
-- ledger_day is the day a booking belongs to: the gateway's where it told one, else the one it was booked on, in São Paulo.
CREATE FUNCTION ledger_day(at text, booked_at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN at <> '' THEN left(at, 10) ELSE to_char(booked_at AT TIME ZONE 'America/Sao_Paulo', 'YYYY-MM-DD') END
$$;
REVOKE ALL ON FUNCTION ledger_day(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_day(text, timestamptz) TO patapay_api, patapay_worker;
-- The table is written anew, once: what waits meanwhile are runs and pages, never the receiver.
ALTER TABLE ledger_transactions ADD COLUMN day text GENERATED ALWAYS AS (ledger_day(at, booked_at)) STORED;
CREATE INDEX ledger_transactions_day ON ledger_transactions (clinic_id, day, no);

-- +goose Down
SELECT 'migrations only move forward';
