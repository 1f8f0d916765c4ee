package people

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// ServiceToken is the registration of a program's token: without it, or once it is
// revoked, the token opens nothing.
type ServiceToken struct {
	ID        string // jti
	Name      string // of the program
	Scopes    []string
	By        string     // who made it: subject of the principal
	Owner     string     // usr_… who took it over; "" whoever made it answers for it
	Parent    string     // jti of the token that it was made with; "" by a person. Its end ends this one
	CreatedAt time.Time  // UTC
	EndsAt    time.Time  // UTC
	LastUsed  *time.Time // UTC, to the minute; nil: never
	RevokedAt *time.Time // UTC; nil: it counts
	Key       string     // kid of what signed it; "" before this was noted
}

// AddServiceToken registers a token for the transaction's clinic, or for the platform.
func AddServiceToken(tx *tenants.Tx, t ServiceToken, now time.Time) error {
	err := tx.Gorm().Exec(
		`INSERT INTO service_tokens (clinic_id, token_id, name, scopes, created_by, parent, created_at, ends_at, kid)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tx.Clinic(), t.ID, t.Name, strings.Join(t.Scopes, " "), t.By, t.Parent, now, t.EndsAt, t.Key,
	).Error
	return tenants.Translate(err, "service token")
}

var serviceTokenList = tenants.Listing[ServiceToken]{
	What:   "service tokens",
	From:   "service_tokens t",
	Newest: "-createdAt",
	Scan:   scanServiceToken,
	Columns: "t.token_id, t.name, t.scopes, t.created_by, t.owner, t.parent, " +
		"t.created_at, t.ends_at, t.last_used_at, t.revoked_at",
	Sorts: map[string][]tenants.SortKey{
		"createdAt": {tenants.SortBy("t.created_at", "timestamptz"), tenants.SortBy("t.token_id", "text")},
	},
}

func scanServiceToken(row pgx.CollectableRow, more ...any) (t ServiceToken, err error) {
	var scopes string
	err = row.Scan(
		append([]any{&t.ID, &t.Name, &scopes, &t.By, &t.Owner, &t.Parent, &t.CreatedAt, &t.EndsAt, &t.LastUsed, &t.RevokedAt},
			more...)...)
	t.Scopes, t.CreatedAt, t.EndsAt = strings.Fields(scopes), t.CreatedAt.UTC(), t.EndsAt.UTC()
	for _, at := range []*time.Time{t.LastUsed, t.RevokedAt} {
		if at != nil {
			*at = at.UTC()
		}
	}
	return t, err
}

// ServiceTokens returns a page of the tokens of the transaction's clinic, or of the
// platform's own, those that ended too.
func ServiceTokens(tx *tenants.Tx, p tenants.Page) (tenants.List[ServiceToken], error) {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	return serviceTokenList.Page(tx, w, "", p)
}

// EndServiceToken revokes a token of the transaction's clinic, or of the platform's own,
// and returns it; NotFound for any other. What was made with it ends too. One that was revoked before stays as it is.
func EndServiceToken(tx *tenants.Tx, id string, now time.Time) (t ServiceToken, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`UPDATE service_tokens t SET revoked_at = coalesce(t.revoked_at, $3) WHERE t.clinic_id = $1 AND t.token_id = $2
			RETURNING `+serviceTokenList.Columns,
			tx.Clinic(),
			id,
			now,
		)
		if err != nil {
			return err
		}
		t, err = pgx.CollectExactlyOneRow(
			rows, func(row pgx.CollectableRow) (ServiceToken, error) { return scanServiceToken(row) },
		)
		return err
	})
	if err == nil {
		_, err = EndTokens(tx, []string{id}, now)
	}
	return t, tenants.Translate(err, "service token")
}

// UsedServiceTokens notes when tokens, whoever they are for, were last used: used and at
// are of one length. An older instant than the one that stands changes nothing.
func UsedServiceTokens(db *tenants.DB, ctx context.Context, used []string, at []time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		return tx.Conn(func(c *pgx.Conn) error {
			_, err := c.Exec(
				tx.Context(),
				`UPDATE service_tokens t SET last_used_at = u.at FROM unnest($1::text[], $2::timestamptz[]) u(id, at)
				WHERE t.token_id = u.id AND (t.last_used_at IS NULL OR t.last_used_at < u.at)`,
				used, at,
			)
			return tenants.Translate(err, "service tokens")
		})
	})
}

// RevokeServiceToken ends a token, whoever it is for, and what was made with it; NotFound when it is not registered.
func RevokeServiceToken(db *tenants.DB, ctx context.Context, id string, now time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		done := tx.Gorm().Exec(`UPDATE service_tokens SET revoked_at = coalesce(revoked_at, $1) WHERE token_id = $2`, now, id)
		if done.Error == nil && done.RowsAffected == 0 {
			return domain.Errorf(domain.NotFound, "service token")
		}
		if done.Error != nil {
			return tenants.Translate(done.Error, "service token")
		}
		_, err := EndTokens(tx, []string{id}, now)
		return err
	})
}

// FindServiceToken returns nil for a token that is registered, neither revoked nor made with one that was, and
// not of a deleted clinic, NotFound for any other. It asks the whole line, so that a token which was made at the
// instant of its maker's end lives no longer.
func FindServiceToken(db *tenants.DB, ctx context.Context, id string) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		var row struct{ TokenID string }
		err := tx.Gorm().Raw(`WITH RECURSIVE line AS (
				SELECT token_id, parent, revoked_at FROM service_tokens WHERE token_id = $1
				UNION SELECT t.token_id, t.parent, t.revoked_at FROM service_tokens t JOIN line ON t.token_id = line.parent)
			SELECT t.token_id FROM service_tokens t LEFT JOIN clinics c ON c.clinic_id = t.clinic_id
			WHERE t.token_id = $2 AND (t.clinic_id = 0 OR c.state <> 'deleted')
				AND NOT EXISTS (SELECT FROM line WHERE revoked_at IS NOT NULL)`, id, id).Take(&row).Error
		return tenants.Translate(err, "service token")
	})
}

// SignedByOther returns the tokens, whoever they are for, that count at now and were signed by another key than kid,
// the one that ends last first, at most most of them, and how many there are.
func SignedByOther(tx *tenants.Tx, kid string, now time.Time, most int) (list []ServiceToken, n int, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT `+serviceTokenList.Columns+`, count(*) OVER () FROM service_tokens t
			WHERE t.kid <> $1 AND t.revoked_at IS NULL AND t.ends_at > $2 ORDER BY t.ends_at DESC, t.token_id LIMIT $3`,
			kid, now, most,
		)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(
			rows, func(row pgx.CollectableRow) (ServiceToken, error) { return scanServiceToken(row, &n) },
		)
		return err
	})
	return list, n, tenants.Translate(err, "service tokens")
}
