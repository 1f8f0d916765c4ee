-- 200,000 events of the clinic with the name :'clinic', four of each payment, one every 38 seconds until now.
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE told ON COMMIT DROP AS SELECT c.clinic_id, n, n / 4 AS p, substr(encode(sha256(('evt_' || n)::bytea), 'hex'), 1, 32) AS hex, now() - (200001 - n) * interval '38 s' AS at
  FROM clinics c, generate_series(1, 200000) n WHERE c.name = :'clinic';
INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, applied_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
  SELECT clinic_id, 2, 1, n, hex::uuid, at, at + interval '30 ms', 'evt_' || hex || '&' || n, (ARRAY['PAYMENT_CREATED','PAYMENT_CONFIRMED','PAYMENT_RECEIVED','PAYMENT_UPDATED'])[1 + n % 4], 'payment', 'pay_muitos' || p,
    to_char((at - interval '2 s') AT TIME ZONE 'America/Sao_Paulo', 'YYYY-MM-DD HH24:MI:SS'), CASE WHEN n % 7 = 0 THEN 'no_effect' ELSE 'applied' END, CASE WHEN n % 7 = 0 THEN 'same_state' ELSE '' END, '', '\x00' FROM told;
INSERT INTO records (clinic_id, environment, seq, id_hash, received_at, kind, entity_id, event_id, type, at, body_hash, record)
  SELECT t.clinic_id, 2, n, hex::uuid, at, 'payment', 'pay_muitos' || p, 'evt_' || hex || '&' || n, e.type, e.created_local, '\x00', json_build_object('status', 'RECEIVED', 'value', (1000 + p) / 100.0, 'externalReference', 'orc-muitos' || p)
  FROM told t JOIN events e ON e.clinic_id = t.clinic_id AND e.environment = 2 AND e.seq = t.n AND e.id_hash = t.hex::uuid;
INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value, external_reference, customer, state, version, created_at, updated_at)
  SELECT clinic_id, gen_random_uuid(), 'pay_muitos' || p, 'received', 'RECEIVED', 'PIX', 1000 + p, 900 + p, 'orc-muitos' || p, 'cus_muitos' || p % 2000, '{}', 1, max(at), max(at) FROM told GROUP BY clinic_id, p;
COMMIT;
ANALYZE events, records, invoices;
