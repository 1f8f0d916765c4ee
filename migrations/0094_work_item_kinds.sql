-- Three more kinds of work items, and the account's fees, by which what the gateway kept is explained.
-- +goose Up
ALTER TABLE work_items DROP CONSTRAINT work_items_kind_check;
ALTER TABLE work_items ADD CONSTRAINT work_items_kind_check CHECK (kind IN ('unexpected_money', 'second_payment', 'cancelled_charge',
  'deleted_charge', 'amount_differs', 'conflict', 'negative_receivable', 'statement_line', 'unbooked_money', 'unclear_discount',
  'unexplained_difference'));
ALTER TABLE clinic_heads ADD COLUMN fees text NOT NULL DEFAULT '', -- what the account pays for a charge, as the gateway told last; '': never read
  ADD COLUMN fees_read_at timestamptz;

-- Debits of advances that name none are matched by kind, day and amount, and may be matched otherwise once more is known.
ALTER TABLE statement_lines ADD COLUMN matched boolean NOT NULL DEFAULT false; -- the subject is ours, not the gateway's
GRANT UPDATE (subject_kind, subject, matched) ON statement_lines TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
