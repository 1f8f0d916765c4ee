-- What the health check last saw of a clinic at Asaas, so that what it cannot see today is not forgotten.
-- +goose Up
-- Instants are handed in: SQL's clock decides nothing.
ALTER TABLE connection_checks ADD COLUMN seen_at timestamptz;                         -- the webhooks at Asaas were last read; null: never
ALTER TABLE connection_checks ADD COLUMN right_at timestamptz;                        -- the webhook was last seen as it should be; null: never
ALTER TABLE connection_checks ADD COLUMN webhook_seen text NOT NULL DEFAULT '';       -- the configuration that was seen; another one since then means that events may be lost
ALTER TABLE connection_checks ADD COLUMN probed_at timestamptz;                       -- the key's permissions were asked for; null: never
ALTER TABLE connection_checks ADD COLUMN lacking text[] NOT NULL DEFAULT '{}';        -- permissions that the key had not, in the words of Asaas's panel
ALTER TABLE connection_checks ADD COLUMN commercial_ends date;                        -- commercial data are to be confirmed by this day; null: not known
ALTER TABLE connection_checks ADD COLUMN commercial_expired boolean NOT NULL DEFAULT false;
ALTER TABLE connections ADD COLUMN key_expires_on date;                               -- typed by a person: Asaas tells nobody; null: not known

-- +goose Down
SELECT 'migrations only move forward';
