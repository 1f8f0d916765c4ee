-- How much of its quota at the gateway each clinic has used, so that operators find who is near its end before reads are refused.
-- +goose Up
ALTER TABLE connection_checks ADD COLUMN quota_account text NOT NULL DEFAULT ''; -- under which the calls of the clinic's key are counted: a digest of the key
ALTER TABLE fleet ADD COLUMN quota_calls bigint;                                 -- made in the window of 12 h that is open; null: not counted
CREATE INDEX fleet_quota ON fleet ((CASE WHEN quota_calls IS NULL THEN -1 ELSE quota_calls END), clinic_id);
GRANT SELECT ON connection_checks TO patapay_definer;
CREATE POLICY definer_reads ON connection_checks FOR SELECT TO patapay_definer USING (true);

-- Under which accounts the calls of all clinics are counted.
CREATE FUNCTION quota_accounts() RETURNS TABLE (clinic_id integer, account text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT g.clinic_id, g.quota_account FROM connection_checks g JOIN fleet f USING (clinic_id)
    WHERE g.quota_account <> '' ORDER BY g.clinic_id
$$;
ALTER FUNCTION quota_accounts() OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION quota_accounts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION quota_accounts() TO patapay_worker;

-- Keeps what was counted: counted[i] is of clinics[i]. It returns how many rows changed.
-- +goose StatementBegin
CREATE FUNCTION keep_quota(clinics integer[], counted bigint[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  changed bigint;
BEGIN
  UPDATE fleet f SET quota_calls = n.calls FROM unnest(clinics, counted) n (clinic_id, calls)
    WHERE f.clinic_id = n.clinic_id AND f.quota_calls IS DISTINCT FROM n.calls;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;
-- +goose StatementEnd
ALTER FUNCTION keep_quota(integer[], bigint[]) OWNER TO patapay_definer;
REVOKE ALL ON FUNCTION keep_quota(integer[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_quota(integer[], bigint[]) TO patapay_worker;

-- +goose Down
SELECT 'migrations only move forward';
