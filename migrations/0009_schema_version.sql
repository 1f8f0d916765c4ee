-- The schema's number for those who may not read the migrator's own table: readiness and the doctor.
-- +goose Up
CREATE FUNCTION schema_version() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT coalesce(max(version_id), 0) FROM public.goose_db_version WHERE is_applied $$;
GRANT EXECUTE ON FUNCTION schema_version() TO patapay_ingest, patapay_worker, patapay_api, patapay_sweeper;
-- The feed of billing, orphan checks and pages ask which invoice came of a checkout.
CREATE INDEX invoices_checkout ON invoices (clinic_id, checkout_session) WHERE checkout_session <> '';

-- +goose Down
SELECT 'migrations only move forward';
