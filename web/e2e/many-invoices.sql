-- 100,000 invoices of the clinic with the name :'clinic', one an hour until now.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value, due_date, paid_on, paid_at, confirmed_by, external_reference, state, version, created_at, updated_at)
  SELECT clinic_id, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, 'pay_muitas' || n, s, upper(s), m,
    1000 + n, 900 + n, day, CASE WHEN s = 'received' THEN day END, CASE WHEN s = 'received' THEN day || ' 12:00:00' END, 'api', 'orc-muitas' || n,
    json_build_object('ID', 'pay_muitas' || n, 'RawStatus', upper(s), 'Status', s, 'Method', m, 'Value', 1000 + n, 'NetValue', 900 + n, 'DueDate', day, 'ConfirmedBy', 'api', 'ExternalReference', 'orc-muitas' || n,
      'PaidAt', CASE WHEN s = 'received' THEN day || ' 12:00:00' ELSE '' END), 1, at, at
  FROM (SELECT c.clinic_id, n, now() - (100000 - n) * interval '1 hour' AS at, (now() - (100000 - n) * interval '1 hour')::date AS day,
      (ARRAY['PIX','BOLETO','CREDIT_CARD'])[1 + n % 3] AS m, (ARRAY['received','received','received','overdue','pending'])[1 + n % 5] AS s
    FROM clinics c, generate_series(1, 100000) n WHERE c.name = :'clinic') g;
COMMIT;
ANALYZE invoices;
