package app

import (
	"context"
	"errors"
	"fmt"

	"patapay/tenants/vault"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// CheckPostgres refuses a database that would break a promise: a commit that is not on
// disk before the answer, or a runtime role above row security. It returns nil for a
// database that cannot be asked: that one is down, not wrong, and serve waits for it.
func CheckPostgres(ctx context.Context, name string, url vault.Secret) error {
	conn, err := pgx.Connect(ctx, url.Reveal())
	if err != nil {
		return nil
	}
	defer conn.Close(ctx)
	var commit string
	var above bool
	err = conn.QueryRow(ctx, `SELECT current_setting('synchronous_commit'), rolsuper OR rolbypassrls
		FROM pg_roles WHERE rolname = current_user`).Scan(&commit, &above)
	switch {
	case err != nil:
		return nil
	case commit == "off":
		return fmt.Errorf("%s: synchronous_commit is off, so an accepted event could be lost: set it to on", name)
	case above:
		return fmt.Errorf("%s: its role is a superuser or bypasses row security: use the role made for it", name)
	}
	return nil
}

// CheckRedis refuses a Redis that throws keys away when full: it would forget notifications in
// silence. A Redis that is away is no fault, and one that hides CONFIG (managed ones do)
// is believed.
func CheckRedis(ctx context.Context, url vault.Secret) error {
	opt, err := redis.ParseURL(url.Reveal())
	if err != nil {
		return errors.New("REDIS_URL cannot be read")
	}
	client := redis.NewClient(opt)
	defer client.Close()
	policy, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil || policy["maxmemory-policy"] == "" || policy["maxmemory-policy"] == "noeviction" {
		return nil
	}
	return fmt.Errorf("REDIS_URL: its maxmemory-policy is %s: set it to noeviction", policy["maxmemory-policy"])
}
