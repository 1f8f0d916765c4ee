-- What became of a run's events, each at the place where the run has read it: no index is asked, and no plan can read a clinic's table.
-- +goose Up
-- Its caller's rights and row security hold. The keys are compared as well, for a note that is written on an event in between moves
-- it; what is not found at its place is left to mark_events, which finds it by its key. Of the ways to find a row only its place is
-- allowed here, whatever the planner knows of the tables. A dead or held event stays in due, never due by itself.
-- +goose StatementBegin
CREATE FUNCTION mark_events_at(clinic integer, waiting tid[], stored tid[], environments smallint[], seqs bigint[], hashes uuid[],
  nexts timestamptz[], outcomes text[], reasons text[], at timestamptz) RETURNS void
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_indexscan = off SET enable_bitmapscan = off AS $$
DECLARE found_events bigint; found_waiting bigint; kept bigint := 0;
BEGIN
  UPDATE public.events e SET outcome = u.outcome, reason = u.reason, applied_at = mark_events_at.at
    FROM unnest(stored, environments, seqs, hashes, outcomes, reasons) u(place, environment, seq, id_hash, outcome, reason)
    WHERE e.ctid = u.place AND e.clinic_id = clinic AND e.environment = u.environment AND e.seq = u.seq AND e.id_hash = u.id_hash;
  GET DIAGNOSTICS found_events = ROW_COUNT;
  DELETE FROM public.due d
    USING unnest(waiting, environments, seqs, hashes, nexts, outcomes) u(place, environment, seq, id_hash, next_at, outcome)
    WHERE d.ctid = u.place AND d.clinic_id = clinic AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash
      AND d.next_at = u.next_at AND u.outcome NOT IN ('dead', 'held');
  GET DIAGNOSTICS found_waiting = ROW_COUNT;
  IF outcomes && ARRAY['dead', 'held'] THEN
    UPDATE public.due d SET next_at = 'infinity', last_error = u.reason
      FROM unnest(waiting, environments, seqs, hashes, nexts, outcomes, reasons) u(place, environment, seq, id_hash, next_at, outcome, reason)
      WHERE d.ctid = u.place AND d.clinic_id = clinic AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash
        AND d.next_at = u.next_at AND u.outcome IN ('dead', 'held');
    GET DIAGNOSTICS kept = ROW_COUNT;
  END IF;
  IF found_events < cardinality(seqs) OR found_waiting + kept < cardinality(seqs) THEN
    PERFORM public.mark_events(clinic, environments, seqs, hashes, nexts, outcomes, reasons, at);
  END IF;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION mark_events_at(integer, tid[], tid[], smallint[], bigint[], uuid[], timestamptz[], text[], text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mark_events_at(integer, tid[], tid[], smallint[], bigint[], uuid[], timestamptz[], text[], text[], timestamptz) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
