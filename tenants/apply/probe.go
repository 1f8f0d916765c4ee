package apply

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// queueProbe brings the clinic's next look forward when an event tells of an API key. The
// event may be about a key that is not ours, so it moves no state: the look asks the
// gateway, and only its 401 does (docs/architecture.md, connection).
func (w *wake) queueProbe(b *pgx.Batch, rows []*dueRow) {
	for _, r := range rows {
		if !r.truth && strings.HasPrefix(r.typ, "ACCESS_TOKEN_") {
			b.Queue(`UPDATE guard_rounds SET next_at = $2 WHERE clinic_id = $1 AND next_at > $2`, w.clinic, w.now)
			return
		}
	}
}
