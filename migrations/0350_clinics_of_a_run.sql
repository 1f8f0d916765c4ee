-- A run works for several clinics at once, and each of its statements stands once for all: the worker sees the set of clinics that its
-- transaction holds (docs/decisions/0055-statements-over-the-clinics-of-a-run.md). No other role has such a policy, and no other table.
-- +goose Up
-- The clinics of this transaction's run; null where it is not set, or was by an earlier transaction of the connection.
CREATE FUNCTION app_clinics() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.clinics', true), '')::integer[] $$;
REVOKE ALL ON FUNCTION app_clinics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_clinics() TO patapay_worker;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['clinics', 'clinic_keys', 'clinic_heads', 'connections', 'guard_rounds', 'due', 'events', 'event_bodies', 'records',
    'invoices', 'invoice_numbers', 'checkouts', 'anticipations', 'changes', 'ledger_transactions', 'ledger_entries', 'fact_sources', 'work_items',
    'expected_payments', 'truth_wants', 'payers', 'payer_lists'] LOOP
    EXECUTE format('CREATE POLICY run ON %I TO patapay_worker USING (clinic_id = ANY ((SELECT app_clinics())::integer[]))
      WITH CHECK (clinic_id = ANY ((SELECT app_clinics())::integer[]))', t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- mark_events_at for the events of several clinics.
-- +goose StatementBegin
CREATE FUNCTION mark_events_of(clinics integer[], waiting tid[], stored tid[], environments smallint[], seqs bigint[], hashes uuid[],
  nexts timestamptz[], outcomes text[], reasons text[], at timestamptz) RETURNS void
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_indexscan = off SET enable_bitmapscan = off AS $$
DECLARE found_events bigint; found_waiting bigint; kept bigint := 0;
BEGIN
  UPDATE public.events e SET outcome = u.outcome, reason = u.reason, applied_at = mark_events_of.at
    FROM unnest(clinics, stored, environments, seqs, hashes, outcomes, reasons) u(clinic, place, environment, seq, id_hash, outcome, reason)
    WHERE e.ctid = u.place AND e.clinic_id = u.clinic AND e.environment = u.environment AND e.seq = u.seq AND e.id_hash = u.id_hash;
  GET DIAGNOSTICS found_events = ROW_COUNT;
  DELETE FROM public.due d
    USING unnest(clinics, waiting, environments, seqs, hashes, nexts, outcomes) u(clinic, place, environment, seq, id_hash, next_at, outcome)
    WHERE d.ctid = u.place AND d.clinic_id = u.clinic AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash
      AND d.next_at = u.next_at AND u.outcome NOT IN ('dead', 'held');
  GET DIAGNOSTICS found_waiting = ROW_COUNT;
  IF outcomes && ARRAY['dead', 'held'] THEN
    UPDATE public.due d SET next_at = 'infinity', last_error = u.reason
      FROM unnest(clinics, waiting, environments, seqs, hashes, nexts, outcomes, reasons)
        u(clinic, place, environment, seq, id_hash, next_at, outcome, reason)
      WHERE d.ctid = u.place AND d.clinic_id = u.clinic AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash
        AND d.next_at = u.next_at AND u.outcome IN ('dead', 'held');
    GET DIAGNOSTICS kept = ROW_COUNT;
  END IF;
  IF found_events < cardinality(seqs) OR found_waiting + kept < cardinality(seqs) THEN
    PERFORM public.mark_events(u.clinic, array_agg(u.environment), array_agg(u.seq), array_agg(u.id_hash), array_agg(u.next_at),
        array_agg(u.outcome), array_agg(u.reason), mark_events_of.at)
      FROM unnest(clinics, environments, seqs, hashes, nexts, outcomes, reasons) u(clinic, environment, seq, id_hash, next_at, outcome, reason)
      GROUP BY u.clinic;
  END IF;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION mark_events_of(integer[], tid[], tid[], smallint[], bigint[], uuid[], timestamptz[], text[], text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mark_events_of(integer[], tid[], tid[], smallint[], bigint[], uuid[], timestamptz[], text[], text[], timestamptz) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
