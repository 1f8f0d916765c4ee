-- The double-entry ledger: what the events prove of a clinic's money, added only, chained, each fact once (docs/architecture.md, ledger).
-- +goose Up
ALTER TABLE clinic_heads ADD COLUMN ledger_no bigint NOT NULL DEFAULT 0; -- of the last ledger transaction

-- One row a booking. A fact is booked once whatever carried it; corrections and voids are facts of their own.
CREATE TABLE ledger_transactions (
  clinic_id integer NOT NULL,
  no bigint NOT NULL CHECK (no > 0),     -- 1, 2 … without a gap
  booked_at timestamptz NOT NULL,
  cycle integer NOT NULL CHECK (cycle > 0),
  legs smallint NOT NULL CHECK (legs >= 2),
  conflict boolean NOT NULL,             -- puts an earlier booking right
  kind text NOT NULL CHECK (kind IN ('payment', 'anticipation')),
  subject text NOT NULL CHECK (subject <> ''), -- the gateway's id
  fact text NOT NULL CHECK (fact <> ''),
  at text NOT NULL,                      -- when it was true: the gateway's zone-less time, '' unknown
  source bytea NOT NULL,                 -- key of the event that first proved it, 26 bytes
  hash bytea NOT NULL,                   -- HMAC-SHA-256 over the hash before and this booking with its legs
  PRIMARY KEY (clinic_id, no),
  UNIQUE (clinic_id, subject, fact, cycle)
);
SELECT guard_tenant_table('ledger_transactions', false);

CREATE TABLE ledger_entries (
  clinic_id integer NOT NULL,
  no bigint NOT NULL,
  amount bigint NOT NULL CHECK (amount <> 0), -- centavos: debit above zero, credit below
  leg smallint NOT NULL CHECK (leg > 0),
  account text NOT NULL CHECK (account <> ''),
  PRIMARY KEY (clinic_id, no, leg)
);
SELECT guard_tenant_table('ledger_entries', false);

-- Other events that carry a fact: a second webhook configuration, an earlier event that came later, an answer.
CREATE TABLE fact_sources (
  clinic_id integer NOT NULL,
  no bigint NOT NULL,
  source bytea NOT NULL,
  PRIMARY KEY (clinic_id, no, source)
);
SELECT guard_tenant_table('fact_sources', false);

GRANT SELECT, INSERT ON ledger_transactions, ledger_entries, fact_sources TO patapay_worker;
GRANT SELECT ON ledger_transactions, ledger_entries, fact_sources TO patapay_api;

-- The legs of a booking come in one statement, all of them, and sum to zero.
-- +goose StatementBegin
CREATE FUNCTION check_ledger_legs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad bigint;
BEGIN
  SELECT a.no INTO bad FROM (SELECT clinic_id, no, sum(amount) AS total, count(*) AS n, max(leg) AS top FROM added GROUP BY clinic_id, no) a
    LEFT JOIN LATERAL (SELECT legs FROM ledger_transactions t WHERE t.clinic_id = a.clinic_id AND t.no = a.no OFFSET 0) t ON true
    WHERE a.total <> 0 OR a.n <> a.top OR t.legs IS DISTINCT FROM a.n LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transaction % is not whole or does not sum to zero', bad USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER whole AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_legs();

-- Nobody changes or removes what is booked, the owner of the tables neither.
-- +goose StatementBegin
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER added_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER added_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER added_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact_sources FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- +goose Down
SELECT 'migrations only move forward';
