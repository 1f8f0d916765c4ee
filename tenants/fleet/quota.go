package fleet

import (
	"context"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// CountQuota keeps, for every clinic whose connection was checked, how many calls of the gateway its
// account has made in the window that is open. Used tells that for accounts, in their order. Without an
// answer of it the figures stay as they were.
func CountQuota(
	db *tenants.DB, ctx context.Context, used func(ctx context.Context, accounts []string) ([]int64, error),
) error {
	rows, err := db.Pool().Query(ctx, `SELECT clinic_id, account FROM quota_accounts()`)
	if err != nil {
		return tenants.Translate(err, "quota")
	}
	var clinics []int32
	var accounts []string
	var clinic domain.ClinicID
	var account string
	if _, err = pgx.ForEachRow(rows, []any{&clinic, &account}, func() error {
		clinics, accounts = append(clinics, int32(clinic)), append(accounts, account)
		return nil
	}); err != nil || len(accounts) == 0 {
		return tenants.Translate(err, "quota")
	}
	calls, err := used(ctx, accounts)
	if err != nil {
		return err
	}
	_, err = db.Pool().Exec(ctx, `SELECT keep_quota($1, $2)`, clinics, calls)
	return tenants.Translate(err, "quota")
}
