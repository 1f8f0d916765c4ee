-- Each role's own time-outs and zone: a pooler in transaction mode takes no parameters of a connection, and drops them in silence where it is told to.
-- +goose Up
-- +goose StatementBegin
DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM (VALUES ('patapay_ingest', '3s'), ('patapay_api', '10s'), ('patapay_worker', '30s'), ('patapay_sweeper', '10s')) v(role, statement) LOOP
    FOR try IN 1..20 LOOP
      BEGIN
        EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', r.role, r.statement);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', r.role, '60s');
        EXECUTE format('ALTER ROLE %I SET timezone = %L', r.role, 'UTC');
        EXIT;
      EXCEPTION WHEN internal_error THEN -- another database of this cluster does the same at this moment
        IF try = 20 THEN RAISE; END IF;
        PERFORM pg_sleep(0.05);
      END;
    END LOOP;
  END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
SELECT 'migrations only move forward';
