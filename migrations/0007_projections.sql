-- What the events tell: the records that are folded, and the three projections.
-- +goose Up
-- One row an event that is folded: an allow-list of the gateway's own members, no names, no free text, kept for ever. Its key is
-- the way from an entity to its events; apply writes it, so intake never touches a random page.
CREATE TABLE records (
  clinic_id integer NOT NULL,
  environment smallint NOT NULL,
  truth_found boolean,                -- of a TRUTH: false, the gateway answered 404
  seq bigint NOT NULL,
  id_hash uuid NOT NULL,
  received_at timestamptz NOT NULL,
  kind text NOT NULL,
  entity_id text NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  at text NOT NULL,                   -- canonical order: zone-less, '' lowest
  truth_clock text,                   -- not null: a TRUTH, by the gateway's clock, São Paulo
  body_hash bytea NOT NULL,
  supersedes bytea,                   -- of a TRUTH: 26 bytes a key stored before the read was sent
  record json NOT NULL,
  texts bytea,                        -- free text of the snapshot, sealed with the clinic's key; null: none
  PRIMARY KEY (clinic_id, kind, entity_id, environment, seq, id_hash)
);
SELECT guard_tenant_table('records', false);
GRANT SELECT, INSERT ON records TO patapay_worker;
GRANT SELECT ON records TO patapay_api;

CREATE TABLE invoices (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                   -- UUIDv7 of first sight; `ivc_…` outside
  asaas_id text NOT NULL,
  status text NOT NULL,               -- ours: docs/architecture.md, status
  asaas_status text NOT NULL,         -- the gateway's word
  method text NOT NULL,               -- pix, boleto, credit_card …
  value bigint,                       -- centavos; null: no event said it
  net_value bigint,                   -- centavos
  refunded bigint NOT NULL DEFAULT 0, -- centavos
  due_date date,
  paid_on date,                       -- day the payer paid
  available_on date,                  -- day the money is or will be in the balance
  deleted boolean NOT NULL DEFAULT false,
  confirmed_by text NOT NULL DEFAULT '', -- webhook, api or '' (no money fact yet)
  external_reference text NOT NULL DEFAULT '',
  customer text NOT NULL DEFAULT '',
  checkout_session text NOT NULL DEFAULT '',
  installment text NOT NULL DEFAULT '',
  subscription text NOT NULL DEFAULT '',
  state json NOT NULL,                -- the whole folded value
  texts bytea,                        -- its free text, sealed
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, asaas_id)
) WITH (fillfactor = 85);
SELECT guard_tenant_table('invoices', false);

CREATE TABLE checkouts (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                   -- `chk_…` outside
  asaas_id text NOT NULL,
  status text NOT NULL,
  asaas_status text NOT NULL,
  total bigint,                       -- centavos: sum of items; null: no items said
  external_reference text NOT NULL DEFAULT '',
  state json NOT NULL,
  texts bytea,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, asaas_id)
) WITH (fillfactor = 85);
SELECT guard_tenant_table('checkouts', false);

CREATE TABLE anticipations (
  clinic_id integer NOT NULL,
  id uuid NOT NULL,                   -- `ant_…` outside
  asaas_id text NOT NULL,
  status text NOT NULL,
  asaas_status text NOT NULL,
  payment text NOT NULL DEFAULT '',   -- gateway id of the anticipated payment, or
  installment text NOT NULL DEFAULT '', -- of the anticipated plan
  total_value bigint,                 -- centavos, gross of the charge
  value bigint,                       -- centavos, net of the charge's own fee
  fee bigint,                         -- centavos, cost of the advance
  net_value bigint,                   -- centavos, what is credited
  due_date date,
  confirmed_by text NOT NULL DEFAULT '',
  state json NOT NULL,
  texts bytea,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, asaas_id)
) WITH (fillfactor = 85);
SELECT guard_tenant_table('anticipations', false);

GRANT SELECT, INSERT, UPDATE ON invoices, checkouts, anticipations TO patapay_worker;
GRANT SELECT ON invoices, checkouts, anticipations TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
