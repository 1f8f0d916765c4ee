-- Whether there is any endpoint: where there is none, no process looks for those that are due each time that a feed has grown, fifty times a second.
-- +goose Up
CREATE FUNCTION endpoints_exist() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
  AS $$ SELECT EXISTS (SELECT FROM endpoints) $$;
ALTER FUNCTION endpoints_exist() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION endpoints_exist() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION endpoints_exist() TO patapay_api;

-- +goose Down
SELECT 'migrations only move forward';
