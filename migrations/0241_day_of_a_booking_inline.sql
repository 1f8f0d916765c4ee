-- The day of a booking was a function of its own for each row, since to_char depends on settings of the session and such a body is never
-- taken into the statement around it. The same day from parts that depend on none: one eighth of what storing a booking cost.
-- +goose Up
CREATE OR REPLACE FUNCTION ledger_day(at text, booked_at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN at <> '' THEN "left"(at, 10) ELSE
    lpad(extract(year FROM booked_at AT TIME ZONE 'America/Sao_Paulo')::integer::text, 4, '0')
    || '-' || lpad(extract(month FROM booked_at AT TIME ZONE 'America/Sao_Paulo')::integer::text, 2, '0')
    || '-' || lpad(extract(day FROM booked_at AT TIME ZONE 'America/Sao_Paulo')::integer::text, 2, '0') END
$$;

-- What a clinic's people read off a bill: a number that stands twice among the rows is refused by the key, as one that is known is.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION note_invoice_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.invoice_numbers (clinic_id, invoice, number)
  SELECT a.clinic_id, a.id, n.number
  FROM added a CROSS JOIN LATERAL (VALUES (a.state ->> 'InvoiceNumber'), (a.state ->> 'NossoNumero')) n(number)
  WHERE n.number <> ''
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- Asked many times a second: in this language its plan is kept.
CREATE OR REPLACE FUNCTION endpoints_due(now_at timestamptz, most integer) RETURNS TABLE (clinic integer, endpoint uuid, suspect boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN QUERY SELECT e.clinic_id, e.endpoint_id, e.failures > 0
  FROM endpoints e LEFT JOIN clinic_heads h ON h.clinic_id = e.clinic_id LEFT JOIN clinics c ON c.clinic_id = e.clinic_id
  WHERE (e.lease_until IS NULL OR e.lease_until <= now_at) AND (e.clinic_id = 0 OR c.state <> 'deleted')
    AND (e.test_at IS NOT NULL OR e.state = 'active' AND e.next_at <= now_at AND (e.due_at <= now_at OR e.holder IS NOT NULL OR e.waiting < 1000 AND CASE
      WHEN e.clinic_id > 0 THEN h.feed_seq > e.place_seq
      ELSE EXISTS (SELECT FROM changes g WHERE (g.tx, g.clinic_id, g.seq) > (e.place_tx, e.place_clinic, e.place_seq)
        AND g.tx < pg_snapshot_xmin(pg_current_snapshot())) END))
  ORDER BY e.turn_at LIMIT most;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
