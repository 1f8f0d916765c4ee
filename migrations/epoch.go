package migrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// BeginEpoch begins a new epoch of the feed in the database at url when another history is told there
// than the one that was noted, or because byHand says so, and returns its number; 0: the old one goes on.
// It needs the migrator's role, and takes as long as the entries of a restored feed need.
func BeginEpoch(ctx context.Context, url string, byHand bool) (no int, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, errors.New("migrate: the database cannot be reached") // pgx's words would repeat the URL
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, `SELECT coalesce(feed_adopt($1), 0)`, byHand).Scan(&no); err != nil {
		return 0, fmt.Errorf("begin an epoch of the feed: %w", err)
	}
	return no, nil
}
