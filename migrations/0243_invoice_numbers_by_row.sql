-- The numbers of an invoice were noted by two statements for every statement that writes invoices, one of them always of no rows. Now a row
-- that brings a number it did not have writes it, and no other does anything.
-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION note_numbers_of_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.invoice_numbers (clinic_id, invoice, number)
  SELECT NEW.clinic_id, NEW.id, n.number
  FROM (VALUES (NEW.state ->> 'InvoiceNumber'), (NEW.state ->> 'NossoNumero')) n(number)
  WHERE n.number <> ''
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER numbers_of_new ON invoices;
DROP TRIGGER numbers_of_changed ON invoices;
CREATE TRIGGER numbers_of_new AFTER INSERT ON invoices FOR EACH ROW
  WHEN (NEW.state ->> 'InvoiceNumber' <> '' OR NEW.state ->> 'NossoNumero' <> '') EXECUTE FUNCTION note_numbers_of_invoice();
CREATE TRIGGER numbers_of_changed AFTER UPDATE OF state ON invoices FOR EACH ROW
  WHEN (NEW.state ->> 'InvoiceNumber' IS DISTINCT FROM OLD.state ->> 'InvoiceNumber' OR NEW.state ->> 'NossoNumero' IS DISTINCT FROM OLD.state ->> 'NossoNumero')
  EXECUTE FUNCTION note_numbers_of_invoice();

-- +goose Down
SELECT 'migrations only move forward';
