-- Apply asks for the names of those who pay what it stores, so that no page has to: it notes the payer and whose turn it is.
-- It reads no name: the names stay sealed, and payer_words stays the API's alone.
-- +goose Up
GRANT SELECT, INSERT ON payers TO patapay_worker;
GRANT SELECT, INSERT, UPDATE ON payer_lists TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
