-- What became of a run's events, each by its key: joined to a list, a table of which the planner knows little is read whole for its clinic.
-- +goose Up
-- Its caller's rights and row security hold. A dead or held event stays in due, never due by itself. Many events of a
-- table that the planner knows to be large are marked in one statement, which costs a third of one each; what waits grows from nothing
-- to a backlog within one plan, so its rows are always taken one by one.
-- +goose StatementBegin
CREATE FUNCTION mark_events(clinic integer, environments smallint[], seqs bigint[], hashes uuid[], nexts timestamptz[],
  outcomes text[], reasons text[], at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE together boolean := false; place tid;
BEGIN
  IF cardinality(seqs) > 2 THEN
    together := (SELECT reltuples >= 10000 FROM pg_catalog.pg_class WHERE oid = 'public.events'::regclass);
  END IF;
  IF together THEN
    UPDATE public.events e SET outcome = u.outcome, reason = u.reason, applied_at = mark_events.at
      FROM unnest(environments, seqs, hashes, outcomes, reasons) u(environment, seq, id_hash, outcome, reason)
      WHERE e.clinic_id = clinic AND e.environment = u.environment AND e.seq = u.seq AND e.id_hash = u.id_hash;
  END IF;
  FOR i IN 1 .. cardinality(seqs) LOOP
    WHILE NOT together LOOP -- the first row from the key on: in that order only the key's index has them
      SELECT e.ctid INTO place FROM (SELECT ctid, id_hash FROM public.events
        WHERE clinic_id = clinic AND environment = environments[i] AND seq = seqs[i] AND id_hash >= hashes[i] ORDER BY id_hash LIMIT 1) e WHERE e.id_hash = hashes[i];
      EXIT WHEN NOT FOUND;
      UPDATE public.events SET outcome = outcomes[i], reason = reasons[i], applied_at = at
        WHERE ctid = place AND clinic_id = clinic AND environment = environments[i] AND seq = seqs[i] AND id_hash = hashes[i];
      EXIT WHEN FOUND; -- else somebody has written a note on it in between, and it stands elsewhere
    END LOOP;
    IF outcomes[i] IN ('dead', 'held') THEN
      UPDATE public.due SET next_at = 'infinity', last_error = reasons[i]
        WHERE clinic_id = clinic AND next_at = nexts[i] AND environment = environments[i] AND seq = seqs[i] AND id_hash = hashes[i];
    ELSE
      DELETE FROM public.due
        WHERE clinic_id = clinic AND next_at = nexts[i] AND environment = environments[i] AND seq = seqs[i] AND id_hash = hashes[i];
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION mark_events(integer, smallint[], bigint[], uuid[], timestamptz[], text[], text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mark_events(integer, smallint[], bigint[], uuid[], timestamptz[], text[], text[], timestamptz) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
