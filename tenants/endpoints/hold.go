package endpoints

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/vault"
)

// DueEndpoint is an endpoint that nobody holds and that has something to send.
type DueEndpoint struct {
	Clinic  domain.ClinicID // 0: of the platform
	ID      domain.UUID
	Suspect bool // its last delivery failed
}

// Due returns at most so many endpoints, of every clinic, that something can be sent to at an instant,
// those that waited longest first.
func Due(db *tenants.DB, ctx context.Context, now time.Time, most int) (list []DueEndpoint, err error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic, endpoint, suspect FROM endpoints_due($1, $2)`, now, most)
	if err == nil {
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d DueEndpoint, err error) {
			return d, row.Scan(&d.Clinic, &d.ID, &d.Suspect)
		})
	}
	return list, tenants.Translate(err, "endpoints")
}

// Exist tells whether any clinic or the platform has an endpoint.
func Exist(db *tenants.DB, ctx context.Context) (exist bool, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT endpoints_exist()`).Scan(&exist)
	return exist, tenants.Translate(err, "endpoints")
}

// Hold is an endpoint that one process sends to, until its lease ends.
type Hold struct {
	Endpoint
	Clinic  domain.ClinicID // 0: of the platform
	Secrets []string        // that sign, the newest first
	holder  string
	vault   *vault.Vault
	signing []signing // what the row's secrets say
}

// TestAsked tells whether somebody waits for a test.
func (h *Hold) TestAsked() bool { return !h.testAt.IsZero() }

// Take makes holder the only one who sends to an endpoint of the transaction's clinic, until an
// instant; nil when another one does, or it is gone.
func Take(tx *tenants.Tx, v *vault.Vault, id domain.UUID, holder string, now, until time.Time) (*Hold, error) {
	e, err := one(tx, `UPDATE endpoints t SET holder = $3, lease_until = $4 WHERE t.clinic_id = $1 AND t.endpoint_id = $2
		AND (t.lease_until IS NULL OR t.lease_until <= $5) RETURNING `+columns, tx.Clinic(), id, holder, until, now)
	if domain.CodeOf(err) == domain.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := &Hold{Clinic: tx.Clinic(), holder: holder, vault: v}
	return h, h.open(tx, e, now)
}

// open keeps what the endpoint's row says, and reads the secrets that sign now.
func (h *Hold) open(tx *tenants.Tx, e Endpoint, now time.Time) (err error) {
	if h.signing == nil || !bytes.Equal(h.secrets, e.secrets) {
		o, err := opener(tx, h.vault)
		if err != nil {
			return err
		}
		if h.signing, err = open(o, e); err != nil {
			return err
		}
	}
	h.Endpoint, h.Secrets = e, valid(h.signing, now)
	return nil
}

// Give gives the endpoint back, and notes when the first of its entries may be sent.
func (h *Hold) Give(tx *tenants.Tx, now time.Time) error {
	_, err := run(tx, `UPDATE endpoints SET holder = NULL, lease_until = NULL, turn_at = $4, due_at = (
			SELECT min(first.next_at) FROM (SELECT DISTINCT ON (w.of_clinic, w.object_id) w.next_at FROM endpoint_entries w
				WHERE w.clinic_id = $1 AND w.endpoint_id = $2 ORDER BY w.of_clinic, w.object_id, w.no) first)
		WHERE clinic_id = $1 AND endpoint_id = $2 AND holder = $3`, tx.Clinic(), h.ID, h.holder, now)
	return err
}

// Entry is an entry of the feed that is to be sent.
type Entry struct {
	query.Entry
	Dropped  bool      // what it says is no longer kept
	No       int64     // of the row in which it waits; 0: it comes straight from the feed
	Tries    int       // that failed
	FailedAt time.Time // when it failed first; zero: never
}

// Message returns the name of the message that carries the entry: the same at every try, to every
// endpoint and in every replay.
func (e Entry) Message() string { return e.ID.Public("msg") + "_" + strconv.FormatInt(e.Seq, 10) }
