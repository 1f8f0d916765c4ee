-- Long work belongs to whichever process holds its lease, so that work whose process ended goes on in another one.
-- +goose Up
-- A lease ends by itself. Its instants are handed in: SQL's clock decides nothing.
ALTER TABLE operations ADD COLUMN input jsonb;               -- what was asked for; what is personal in it is sealed; null: nothing but the kind
ALTER TABLE operations ADD COLUMN progress jsonb;            -- where the work goes on; null: at its beginning. For the work alone, never shown
ALTER TABLE operations ADD COLUMN holder text;               -- one taker; another process, or a later try, has another name; null: nobody works on it
ALTER TABLE operations ADD COLUMN lease_until timestamptz;   -- free from then on; null: made by a version that knew no leases, free once it was silent for five minutes
ALTER TABLE operations ADD COLUMN attempts integer NOT NULL DEFAULT 0; -- times it was taken since it last got on

-- Which work waits is asked each second, over all clinics.
CREATE INDEX operations_running ON operations (created_at) WHERE state = 'running';

-- A bulk replay stores how far it is in the transaction that applies the events, which is the worker's.
GRANT SELECT, UPDATE ON operations TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
