-- Invoices by what has few values: our status, whether deleted, the gateway's word, the method. A clinic has a few dozen such kinds, which a list finds
-- one after the other and merges, so that one index stands for every filter of them, in the list's own order and in the order of the due date.
-- The second has what sums read beside it. What is in doubt or in dispute is told without reading the state as JSON at each write.
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_kinds ON invoices (clinic_id, status, deleted, asaas_status, method, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_kinds_due ON invoices (clinic_id, status, deleted, asaas_status, method,
  (CASE WHEN due_date IS NULL THEN '0001-01-01'::date ELSE due_date END), id) INCLUDE (due_date, value, net_value, paid_at, available_on, updated_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_in_doubt ON invoices (clinic_id, id) WHERE strpos(state::text, '"Flags":[') > 0
  OR confirmed_by = 'webhook' AND (refunded <> 0 OR status = ANY ('{confirmed,received,received_in_cash,refunding,refunded,disputed,collected}'));
CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_in_dispute ON invoices (clinic_id, id) WHERE strpos(state::text, '"Chargeback":{') > 0;

-- +goose Down
SELECT 'migrations only move forward';
