-- The ledger begins on a day, and books more than what events tell: openings, lines of the statement, what people decide.
-- +goose Up
ALTER TABLE clinic_heads ADD COLUMN ledger_from text NOT NULL DEFAULT '', -- day, São Paulo; money of before books nothing; '': it has no opening yet
  ADD COLUMN expects boolean NOT NULL DEFAULT false;                      -- there are expected payments to look at
ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_kind_check;
ALTER TABLE ledger_transactions ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('payment', 'anticipation', 'opening', 'statement', 'work_item'));

-- The comparison with the statement and people's decisions run in the api; they add, as apply does.
GRANT INSERT ON ledger_transactions, ledger_entries, fact_sources TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
