#!/bin/sh
# Makes the runtime roles with their password, once, when the Postgres container makes its
# data directory. The first migration makes the same roles where they are missing, but
# without a password, because a schema should hold none.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$RUNTIME_DB_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE patapay_ingest  LOGIN NOBYPASSRLS PASSWORD :'password';
CREATE ROLE patapay_worker  LOGIN NOBYPASSRLS PASSWORD :'password';
CREATE ROLE patapay_api     LOGIN NOBYPASSRLS PASSWORD :'password';
CREATE ROLE patapay_sweeper LOGIN NOBYPASSRLS PASSWORD :'password';
SQL
