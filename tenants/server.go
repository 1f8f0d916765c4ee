package tenants

import "context"

// SyncCommit returns Postgres's synchronous_commit as this role has it: anything but "off"
// keeps what was answered 200.
func (db *DB) SyncCommit(ctx context.Context) (setting string, err error) {
	err = db.pool.QueryRow(ctx, `SHOW synchronous_commit`).Scan(&setting)
	return setting, Translate(err, "synchronous_commit")
}

// SchemaVersion returns the number of the newest migration the database has.
func (db *DB) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = db.pool.QueryRow(ctx, `SELECT schema_version()`).Scan(&version)
	return version, Translate(err, "schema version")
}
