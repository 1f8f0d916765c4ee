-- The numbers that people read off a bill: the gateway's invoice number and the bank's "nosso número". A clinic's people type
-- them into the search box. A row is written once for each number of an invoice, not for each of its versions, so what is
-- searched for costs apply no index of invoices.
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS invoice_numbers (
  clinic_id integer NOT NULL,
  invoice uuid NOT NULL,              -- id in invoices
  number text NOT NULL CHECK (number <> ''),
  PRIMARY KEY (clinic_id, number, invoice)
);
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'public' AND tablename = 'invoice_numbers') THEN
    PERFORM guard_tenant_table('invoice_numbers', false);
  END IF;
END $$;
-- +goose StatementEnd
GRANT INSERT ON invoice_numbers TO patapay_worker;
GRANT SELECT ON invoice_numbers TO patapay_api;

-- A trigger, so that programs of before this migration write them too. A number that an invoice had once still finds it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION note_invoice_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invoice_numbers (clinic_id, invoice, number)
  SELECT DISTINCT a.clinic_id, a.id, n.number
  FROM added a CROSS JOIN LATERAL (VALUES (a.state ->> 'InvoiceNumber'), (a.state ->> 'NossoNumero')) n(number)
  WHERE n.number <> ''
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS numbers_of_new ON invoices;
DROP TRIGGER IF EXISTS numbers_of_changed ON invoices;
CREATE TRIGGER numbers_of_new AFTER INSERT ON invoices REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_invoice_numbers();
CREATE TRIGGER numbers_of_changed AFTER UPDATE ON invoices REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_invoice_numbers();

-- Those that are there already: for the length of this statement the tables' owner, which nobody else logs in as, reads all clinics.
ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY;
ALTER TABLE invoice_numbers NO FORCE ROW LEVEL SECURITY;
INSERT INTO invoice_numbers (clinic_id, invoice, number)
SELECT DISTINCT i.clinic_id, i.id, n.number
FROM invoices i CROSS JOIN LATERAL (VALUES (i.state ->> 'InvoiceNumber'), (i.state ->> 'NossoNumero')) n(number)
WHERE n.number <> ''
ON CONFLICT DO NOTHING;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
ALTER TABLE invoice_numbers FORCE ROW LEVEL SECURITY;

-- +goose Down
SELECT 'migrations only move forward';
