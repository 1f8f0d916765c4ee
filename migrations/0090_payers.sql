-- Who pays, by name: Asaas's events of payments carry an id alone, and the people of a clinic know their payers by name.
-- +goose Up
-- Instants are handed in: SQL's clock decides nothing.
CREATE TABLE payers (
  clinic_id integer NOT NULL,
  asaas_id text NOT NULL CHECK (asaas_id <> ''),
  name bytea,                                     -- sealed with the clinic's key; null: not read yet, or none
  version integer NOT NULL DEFAULT 0,             -- names it had so far
  fetched_at timestamptz,                         -- Asaas was last asked; null: never
  due_at timestamptz NOT NULL DEFAULT 'infinity', -- of the read that a page asked for; infinity: none
  PRIMARY KEY (clinic_id, asaas_id)
);
CREATE INDEX payers_due ON payers (clinic_id, due_at) WHERE due_at < 'infinity';
SELECT guard_tenant_table('payers', false);
GRANT SELECT, INSERT, UPDATE ON payers TO patapay_api;

-- How a payer is found: a keyed hash of each word of the name and of each beginning of it. Nobody reads a name out of them
-- without the clinic's key, and equal names of two clinics have nothing in common.
CREATE TABLE payer_words (
  clinic_id integer NOT NULL,
  word bigint NOT NULL,                           -- 8 bytes of HMAC-SHA-256
  asaas_id text NOT NULL,
  PRIMARY KEY (clinic_id, word, asaas_id),
  FOREIGN KEY (clinic_id, asaas_id) REFERENCES payers ON DELETE CASCADE
);
CREATE INDEX payer_words_payer ON payer_words (clinic_id, asaas_id);
SELECT guard_tenant_table('payer_words', false);
GRANT SELECT, INSERT, DELETE ON payer_words TO patapay_api;

-- One row a clinic: the key of its hashes, and when its payers are read next. Platform: whose turn it is must be seen.
CREATE TABLE payer_lists (
  clinic_id integer PRIMARY KEY,
  word_key bytea NOT NULL,                        -- of the hashes, sealed with the clinic's key: without that they are noise
  due_at timestamptz NOT NULL DEFAULT 'infinity', -- of the next reads; infinity: nobody asks
  wait_until timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00Z', -- no read before: Asaas refused
  tries integer NOT NULL DEFAULT 0                -- refusals in a row
);
SELECT guard_tenant_table('payer_lists', true);
GRANT SELECT, INSERT, UPDATE ON payer_lists TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
