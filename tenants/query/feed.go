package query

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// FeedKeep is how long entries of the feed are kept (docs/architecture.md, feed).
const FeedKeep = 30 * 24 * time.Hour

// Entry is one entry of the change feed: a projection as it was after one change.
type Entry struct {
	Clinic  domain.ClinicID
	Tenant  domain.UUID // public id of the clinic
	Seq     int64       // 1, 2 … in its clinic, without a gap
	Kind    domain.Kind
	ID      domain.UUID // of the object
	AsaasID string
	Version int       // of the object
	At      time.Time // when we changed it, UTC
	Status  *string   // of the object, only in a timeline
	Place   string    // in the platform's feed: what a reader hands in to get what follows
	state   []byte
	texts   []byte
	bytes   int // that it was read of
}

// ErrExpired is the refusal of a place whose following entries were dropped for their age:
// the reader must read everything anew.
var ErrExpired = &domain.Error{Code: domain.NotFound, Detail: "cursor_expired"}

// Object returns an entry's object, as the entry's version has it. It fails for an entry
// of another kind.
func Object[T any](e Entry) (s Stored[T], err error) {
	s = Stored[T]{ID: e.ID, Version: e.Version, Texts: e.texts, UpdatedAt: e.At}
	return s, tenants.DecodeState(e.state, &s.Value)
}

// Full reports whether a page of a feed was ended by tenants.PageBytes, and not by its limit or
// its feed's end.
func Full(entries []Entry) bool {
	bytes := 0
	for _, e := range entries {
		bytes += e.bytes
	}
	return bytes >= tenants.PageBytes
}

// Feed returns at most limit entries of the clinic behind seq after, in order, without a
// gap, and the number of the newest; fewer when they are long (Full). ErrExpired: the next one was dropped; ErrCursor: there
// is no such number yet.
func Feed(tx *tenants.Tx, after int64, limit int) (entries []Entry, newest int64, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		// The head first: what is committed between the two statements must not look missing.
		err := c.QueryRow(
			tx.Context(), `SELECT h.feed_seq FROM clinic_heads h WHERE h.clinic_id = $1`, tx.Clinic(),
		).Scan(&newest)
		if err != nil {
			return err
		}
		rows, err := c.Query(
			tx.Context(),
			`SELECT '', c.clinic_id, t.public_id, c.seq, c.kind, c.object_id, c.asaas_id, c.version, c.at, c.state, c.texts
			FROM changes c JOIN clinics t USING (clinic_id) WHERE c.clinic_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`,
			tx.Clinic(), after, limit,
		)
		if err != nil {
			return err
		}
		entries, _, err = tenants.CollectPage(rows, scanEntry)
		return err
	})
	switch {
	case err != nil:
		return nil, 0, tenants.Translate(err, "feed")
	case after > newest:
		return nil, newest, tenants.ErrCursor
	case len(entries) == 0 && after < newest, len(entries) > 0 && entries[0].Seq != after+1:
		return nil, newest, ErrExpired
	}
	return entries, newest, nil
}

func scanEntry(row pgx.CollectableRow) (e Entry, err error) {
	var at string
	err = row.Scan(&at, &e.Clinic, &e.Tenant, &e.Seq, &e.Kind, &e.ID, &e.AsaasID, &e.Version, &e.At, &e.state, &e.texts)
	for _, v := range row.RawValues() {
		e.bytes += len(v)
	}
	e.At = e.At.UTC()
	if at != "" {
		e.Place = feedPlace{at, e.Clinic, e.Seq}.String()
	}
	return e, err
}

// feedPlace is a point of the platform's feed: behind the entry of this transaction,
// clinic and number.
type feedPlace struct {
	tx     string // an xid8, decimal
	clinic domain.ClinicID
	seq    int64
}

// String returns the opaque text of a place. It is no secret: whoever makes one up reads
// nothing that the feed would not show.
func (p feedPlace) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "f1.%s.%d.%d", p.tx, p.clinic, p.seq))
}

func parseFeedPlace(text string) (p feedPlace, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	part := strings.Split(string(raw), ".")
	if err != nil || len(part) != 4 || part[0] != "f1" {
		return p, tenants.ErrCursor
	}
	tx, err := strconv.ParseUint(part[1], 10, 64)
	if err != nil {
		return p, tenants.ErrCursor
	}
	clinic, err := strconv.ParseInt(part[2], 10, 32)
	if err != nil {
		return p, tenants.ErrCursor
	}
	seq, err := strconv.ParseInt(part[3], 10, 64)
	if err != nil {
		return p, tenants.ErrCursor
	}
	return feedPlace{strconv.FormatUint(tx, 10), domain.ClinicID(clinic), seq}, nil
}

// PlatformFeed returns at most limit entries of all clinics behind the place, "" for the
// oldest that are kept, in an order in which nothing is ever added before what was read:
// entries of a transaction are shown once none that began before it can still commit. head
// is a place at the present end. ErrExpired and ErrCursor as Feed has them.
func PlatformFeed(
	db *tenants.DB, ctx context.Context, place string, limit int,
) (entries []Entry, head string, err error) {
	var floor, from feedPlace
	var end string
	err = db.Pool().QueryRow(
		ctx, `SELECT floor_tx::text, floor_clinic, floor_seq, head_tx::text FROM feed_bounds()`,
	).Scan(&floor.tx, &floor.clinic, &floor.seq, &end)
	if err != nil {
		return nil, "", tenants.Translate(err, "feed")
	}
	if from = floor; place != "" {
		if from, err = parseFeedPlace(place); err != nil {
			return nil, "", err
		}
	}
	if from.before(floor) {
		return nil, "", ErrExpired
	}
	rows, err := db.Pool().Query(
		ctx,
		`SELECT place_tx::text, clinic, tenant, seq, kind, object_id, asaas_id, version, at, state, texts FROM feed_after($1::text::xid8, $2, $3, $4)`,
		from.tx, from.clinic, from.seq, limit,
	)
	if err != nil {
		return nil, "", tenants.Translate(err, "feed")
	}
	entries, _, err = tenants.CollectPage(rows, scanEntry)
	return entries, feedPlace{tx: end, clinic: 0, seq: 0}.String(), tenants.Translate(err, "feed")
}

// before reports whether p lies before q. The numbers are decimal without leading zeros.
func (p feedPlace) before(q feedPlace) bool {
	if len(p.tx) != len(q.tx) {
		return len(p.tx) < len(q.tx)
	}
	if p.tx != q.tx {
		return p.tx < q.tx
	}
	return p.clinic < q.clinic || p.clinic == q.clinic && p.seq < q.seq
}

// TrimFeed drops entries from before an instant, some thousands a call; it returns how many.
func TrimFeed(db *tenants.DB, ctx context.Context, before time.Time) (n int, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT trim_feed($1, 5000)`, before).Scan(&n)
	return n, tenants.Translate(err, "feed")
}
