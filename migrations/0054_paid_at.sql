-- When an invoice was first seen paid, as a column: lists are filtered by it. Expand: programs of before this migration do not write
-- it, so a trigger does for them; a later migration drops the trigger when none of them runs any more.
-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE invoices ADD COLUMN IF NOT EXISTS paid_at text COLLATE "C"; -- the gateway's zone-less time, as state has it; null: not paid

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION fill_paid_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.paid_at := nullif(NEW.state ->> 'PaidAt', '');
  RETURN NEW;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS paid_at ON invoices;
CREATE TRIGGER paid_at BEFORE INSERT OR UPDATE ON invoices FOR EACH ROW WHEN (NEW.paid_at IS NULL) EXECUTE FUNCTION fill_paid_at();

-- What is there already: for the length of this statement the table's owner, which nobody else logs in as, reads all clinics.
ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY;
UPDATE invoices SET paid_at = state ->> 'PaidAt' WHERE paid_at IS NULL AND state ->> 'PaidAt' <> '';
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;

-- +goose Down
SELECT 'migrations only move forward';
