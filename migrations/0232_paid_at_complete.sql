-- Programs of before 0054 that went on while 0058 was applied left invoices without paid_at; what their state says is written once.
-- +goose Up
ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY; -- as in 0054: for the length of this statement the owner reads all clinics
UPDATE invoices SET paid_at = state ->> 'PaidAt' WHERE paid_at IS NULL AND state ->> 'PaidAt' <> '';
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;

-- +goose Down
SELECT 'migrations only move forward';
