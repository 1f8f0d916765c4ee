package query

import (
	"context"
	"encoding/base64"
	"errors"
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
	Tx      string    // its transaction there, where it was asked for by place
	state   []byte
	texts   []byte
	bytes   int // that it was read of
}

// ErrExpired is the refusal of a place whose following entries were dropped for their age, or that is of
// another epoch of the feed: the reader must read everything anew.
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

// entriesBehind asks for at most $3 entries of clinic $1 behind number $2, in order, for scanEntry.
const entriesBehind = `
	SELECT '', c.clinic_id, t.public_id, c.seq, c.kind, c.object_id, c.asaas_id, c.version, c.at, c.state, c.texts
	FROM changes c JOIN clinics t USING (clinic_id) WHERE c.clinic_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`

// Feed returns at most limit entries of the clinic behind seq after, in order, without a gap, and the number of the
// newest; fewer when they are long (Full). ErrExpired: the next one was dropped;
// ErrCursor: there is no such number yet.
func Feed(tx *tenants.Tx, after int64, limit int) (entries []Entry, newest int64, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		// The head first: what is committed between the two statements must not look missing.
		if newest, err = clinicEnd(tx.Context(), c, tx.Clinic()); err != nil {
			return err
		}
		rows, err := c.Query(
			tx.Context(), entriesBehind, tx.Clinic(), after, limit,
		)
		if err != nil {
			return err
		}
		entries, _, err = tenants.CollectPage(rows, scanOwn)
		return err
	})
	if err != nil {
		return nil, 0, tenants.Translate(err, "feed")
	}
	if after > newest {
		return nil, newest, tenants.ErrCursor
	}
	next := newest + 1
	if len(entries) > 0 {
		next = entries[0].Seq
	}
	switch follows, err := Follows(tx, after, next); {
	case err != nil:
		return nil, newest, err
	case !follows:
		return nil, newest, ErrExpired
	}
	return entries, newest, nil
}

// scanEntry reads an entry, and its place in the platform's order, "" where none was asked for; before them, what was
// asked for first.
func scanEntry(row pgx.CollectableRow, first ...any) (e Entry, at string, err error) {
	err = row.Scan(append(
		first, &at, &e.Clinic, &e.Tenant, &e.Seq, &e.Kind, &e.ID, &e.AsaasID, &e.Version, &e.At, &e.state, &e.texts,
	)...)
	for _, v := range row.RawValues() {
		e.bytes += len(v)
	}
	e.At = e.At.UTC()
	return e, at, err
}

func scanOwn(row pgx.CollectableRow) (Entry, error) {
	e, _, err := scanEntry(row)
	return e, err
}

// Place is a point of the platform's feed: behind the entry of this transaction, clinic and number.
type Place struct {
	Epoch  string // of the feed; "": of the first one, before there were others
	Tx     string // an xid8, decimal
	Clinic domain.ClinicID
	Seq    int64
}

// String returns the opaque text of a place. It is no secret: whoever makes one up reads nothing that
// the feed would not show.
func (p Place) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "f2.%s.%s.%d.%d", p.Epoch, p.Tx, p.Clinic, p.Seq))
}

// ParsePlace returns the parts of a place of the platform's feed, or ErrCursor for what is none.
func ParsePlace(text string) (p Place, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	part := strings.Split(string(raw), ".")
	switch {
	case err != nil:
		return p, tenants.ErrCursor
	case len(part) == 5 && part[0] == "f2" && part[1] != "":
		p.Epoch, part = part[1], part[2:]
	case len(part) == 4 && part[0] == "f1": // of a release that knew no epochs
		part = part[1:]
	default:
		return p, tenants.ErrCursor
	}
	tx, bad := strconv.ParseUint(part[0], 10, 64)
	clinic, worse := strconv.ParseInt(part[1], 10, 32)
	if p.Seq, err = strconv.ParseInt(part[2], 10, 64); errors.Join(err, bad, worse) != nil {
		return Place{}, tenants.ErrCursor
	}
	p.Tx, p.Clinic = strconv.FormatUint(tx, 10), domain.ClinicID(clinic)
	return p, nil
}

// PlatformFeed returns at most limit entries of all clinics behind the place, "" for the
// oldest that are kept, in an order in which nothing is ever added before what was read:
// entries of a transaction are shown once none that began before it can still commit. head
// is a place at the present end. ErrExpired and ErrCursor as Feed has them.
func PlatformFeed(
	db *tenants.DB, ctx context.Context, place string, limit int,
) (entries []Entry, head string, err error) {
	now, err := feedBounds(ctx, db.Pool())
	if err != nil {
		return nil, "", tenants.Translate(err, "feed")
	}
	from := now.Floor
	if place != "" {
		if from, err = ParsePlace(place); err == nil {
			from, err = now.Of(from)
		}
		if err != nil {
			return nil, "", err
		}
	}
	if from.Before(now.Floor) || now.passed(from) {
		return nil, "", ErrExpired
	}
	rows, err := db.Pool().Query(
		ctx,
		`SELECT place_tx::text, clinic, tenant, seq, kind, object_id, asaas_id, version, at, state, texts
		FROM feed_after($1::text::xid8, $2, $3, $4)`,
		from.Tx, from.Clinic, from.Seq, limit,
	)
	if err != nil {
		return nil, "", tenants.Translate(err, "feed")
	}
	entries, _, err = tenants.CollectPage(rows, func(row pgx.CollectableRow) (Entry, error) {
		e, at, err := scanEntry(row)
		e.Place = Place{now.Epoch, at, e.Clinic, e.Seq}.String()
		return e, err
	})
	return entries, now.Head.String(), tenants.Translate(err, "feed")
}

// Before reports whether p lies before q, both of one epoch. The numbers are decimal without leading
// zeros.
func (p Place) Before(q Place) bool {
	if len(p.Tx) != len(q.Tx) {
		return len(p.Tx) < len(q.Tx)
	}
	if p.Tx != q.Tx {
		return p.Tx < q.Tx
	}
	return p.Clinic < q.Clinic || p.Clinic == q.Clinic && p.Seq < q.Seq
}

// TrimFeed drops entries from before an instant, some thousands a call; it returns how many.
func TrimFeed(db *tenants.DB, ctx context.Context, before time.Time) (n int, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT trim_feed($1, 5000)`, before).Scan(&n)
	return n, tenants.Translate(err, "feed")
}
