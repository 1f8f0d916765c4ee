package endpoints

import (
	"cmp"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/query"
)

// ErrLost says that the endpoint is gone, or another process holds it.
var ErrLost = errors.New("the endpoint's lease is lost")

const (
	lookMost  = 256 // entries of the feed that are looked at for those of wanted types, before others have a turn
	fillBelow = 128 // entries that wait: with fewer, more are handed out
)

// Batch is what is to be sent next. While nothing of the endpoint waits it comes straight from the feed, and the cursor
// passes it when it was sent: entries that arrive are never rows.
type Batch struct {
	Entries  []Entry
	straight bool
	full     bool // the feed may have more behind it
	from, to cursor
}

// Full tells whether the feed may have more behind the batch.
func (b Batch) Full() bool { return b.full }

// cursor is how far an endpoint has got. The number moves also when a replay leads to the place where it stands.
type cursor struct {
	place  query.Place
	handed int64
	epoch  int
}

// at returns the endpoint's cursor, as its row has it.
func (e Endpoint) at() cursor {
	e.Place.Epoch = ""
	return cursor{e.Place, e.handed, e.epoch}
}

// Next prolongs the hold, and returns at most so many entries that may be sent now, in order: what the feed has behind
// the cursor while nothing waits, else of each object the first that waits. It returns none for a paused endpoint, and
// pauses one whose next entry is no longer kept. ErrLost: somebody else sends.
func (h *Hold) Next(tx *tenants.Tx, now, until time.Time, most int) (b Batch, err error) {
	bounds, ready, err := h.prolong(tx, now, until)
	if err != nil || !ready {
		return b, err
	}
	if h.epoch != bounds.No {
		return b, h.beginEpoch(tx, bounds, now)
	}
	h.Place.Epoch = bounds.Epoch
	if h.Failures > 0 {
		most = 1 // whether it is well again, one delivery tells
	}
	switch {
	case h.Waiting == 0:
		b, err = h.straight(tx, most)
	case h.Waiting < fillBelow:
		if err = h.fill(tx, now); err == nil {
			b, err = h.waiting(tx, now, most)
		}
	default:
		b, err = h.waiting(tx, now, most)
	}
	if errors.Is(err, query.ErrExpired) {
		h.State = endpoint.Paused
		return Batch{}, Pause(tx, h.ID, endpoint.CursorExpired, now)
	}
	return b, err
}

// After prolongs the hold, and returns what follows a batch that is under way, for when all of it has arrived; none
// unless both come straight from the feed. ErrLost: somebody else sends.
func (h *Hold) After(tx *tenants.Tx, b Batch, now, until time.Time, most int) (next Batch, err error) {
	bounds, ready, err := h.prolong(tx, now, until)
	if err != nil || !ready || !b.full || h.Waiting > 0 || h.at() != b.from || h.epoch != bounds.No {
		return next, err
	}
	beyond := *h
	beyond.Place, beyond.handed = b.to.place, b.to.handed
	beyond.Place.Epoch = bounds.Epoch
	next, err = beyond.look(tx, most)
	if len(next.Entries) == 0 || errors.Is(err, query.ErrExpired) {
		return Batch{}, nil // it is looked at again when this one has arrived
	}
	return next, err
}

// prolong prolongs the hold and reads the endpoint's row; ready: something may be sent now. ErrLost: somebody else
// sends.
func (h *Hold) prolong(tx *tenants.Tx, now, until time.Time) (bounds query.FeedBounds, ready bool, err error) {
	e, err := one(tx, `UPDATE endpoints t SET lease_until = $4
		WHERE t.clinic_id = $1 AND t.endpoint_id = $2 AND t.holder = $3
		RETURNING `+columns, tx.Clinic(), h.ID, h.holder, until)
	if domain.CodeOf(err) == domain.NotFound {
		return bounds, false, ErrLost
	}
	if err != nil {
		return bounds, false, err
	}
	if err := h.open(tx, e, now); err != nil || e.State != endpoint.Active || e.NextAt.After(now) {
		return bounds, false, err
	}
	bounds, err = query.BoundsIn(tx)
	return bounds, err == nil, err
}

// beginEpoch pauses an endpoint whose receiver may have read what is gone: it is to read everything anew
// before it goes on. Of the platform's feed everything that is kept comes again, since a place of another
// history means nothing in this one.
func (h *Hold) beginEpoch(tx *tenants.Tx, now query.FeedBounds, at time.Time) error {
	h.State = endpoint.Paused
	_, err := run(tx, `UPDATE endpoints
		SET epoch = $3, place_tx = CASE WHEN clinic_id = 0 THEN $4::text::xid8 ELSE place_tx END,
			place_clinic = CASE WHEN clinic_id = 0 THEN $5 ELSE place_clinic END,
			place_seq = CASE WHEN clinic_id = 0 THEN $6 ELSE place_seq END
		WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), h.ID, now.No, now.Floor.Tx, now.Floor.Clinic, now.Floor.Seq)
	if err != nil {
		return err
	}
	return Pause(tx, h.ID, endpoint.NewEpoch, at)
}

// straight returns entries behind the cursor, which does not move unless nobody wants what is there.
func (h *Hold) straight(tx *tenants.Tx, most int) (Batch, error) {
	b, err := h.look(tx, most)
	if err != nil || len(b.Entries) > 0 || b.to == b.from {
		return b, err
	}
	return Batch{}, h.move(tx, b.to, waitingRows{})
}

// look returns the entries behind the cursor that are wanted.
func (h *Hold) look(tx *tenants.Tx, most int) (b Batch, err error) {
	look := most
	if len(h.Types) > 0 {
		look = lookMost
	}
	b = Batch{straight: true, from: h.at()}
	b.Entries, b.to, b.full, err = h.behind(tx, most, look)
	return b, err
}

// behind looks at entries of the feed behind the cursor, and returns at most so many that are wanted, with the cursor
// behind those that it passed. full: there may be more.
func (h *Hold) behind(tx *tenants.Tx, most, look int) (wanted []Entry, to cursor, full bool, err error) {
	to = h.at()
	entries, err := query.Behind(tx, h.Place, look)
	if err != nil {
		return nil, to, false, err
	}
	full = len(entries) == look || query.Full(entries)
	for _, e := range entries {
		if len(wanted) == most {
			return wanted, to, true, nil
		}
		to.place = query.Place{Seq: e.Seq, Tx: "0"}
		if tx.Clinic() == 0 {
			to.place.Tx, to.place.Clinic = e.Tx, e.Clinic
		}
		if endpoint.Wants(h.Types, endpoint.TypeOf(e.Kind)) {
			wanted = append(wanted, Entry{Entry: e})
			to.handed++
		}
	}
	return wanted, to, full, nil
}

// moveTo is the statement that lets the cursor pass entries, of which so many begin to wait.
const moveTo = `UPDATE endpoints
	SET place_tx = $3::text::xid8, place_clinic = $4, place_seq = $5, handed = $6, waiting = waiting + $7
	WHERE clinic_id = $1 AND endpoint_id = $2`

// fill moves the cursor over entries of the feed, and lets those that are wanted wait behind what waits already.
func (h *Hold) fill(tx *tenants.Tx, now time.Time) error {
	wanted, to, _, err := h.behind(tx, min(lookMost, endpoint.MostWaiting-h.Waiting), lookMost)
	if err != nil || to == h.at() {
		return err
	}
	rows := waitingRows{}
	for _, e := range wanted {
		rows.add(e, 0, nil, now)
	}
	return h.move(tx, to, rows)
}

// move lets the cursor pass entries, and those of rows wait.
func (h *Hold) move(tx *tenants.Tx, to cursor, rows waitingRows) error {
	b := &pgx.Batch{}
	rows.queue(b, tx, h.ID, h.handed)
	b.Queue(moveTo, tx.Clinic(), h.ID, to.place.Tx, to.place.Clinic, to.place.Seq, to.handed, len(rows.seqs))
	return send(tx, b)
}

// send sends statements in one round trip.
func send(tx *tenants.Tx, b *pgx.Batch) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error { return c.SendBatch(tx.Context(), b).Close() }), "endpoint")
}

// waitingRows are entries that begin to wait, by column.
type waitingRows struct {
	clinics []int32
	seqs    []int64
	txs     []string
	kinds   []string
	objects []domain.UUID
	tries   []int32
	failed  []*time.Time
	nextAt  []time.Time
}

func (r *waitingRows) add(e Entry, tries int, failed *time.Time, next time.Time) {
	r.clinics, r.seqs, r.txs = append(r.clinics, int32(e.Clinic)), append(r.seqs, e.Seq), append(r.txs, cmp.Or(e.Tx, "0"))
	r.kinds, r.objects = append(r.kinds, string(e.Kind)), append(r.objects, e.ID)
	r.tries, r.failed, r.nextAt = append(r.tries, int32(tries)), append(r.failed, failed), append(r.nextAt, next)
}

// queue lets the rows wait, in their order, numbered from behind a number on.
func (r *waitingRows) queue(b *pgx.Batch, tx *tenants.Tx, id domain.UUID, behind int64) {
	if len(r.seqs) == 0 {
		return
	}
	b.Queue(`INSERT INTO endpoint_entries (clinic_id, endpoint_id, no, of_clinic, seq, tx,
		  kind, object_id, tries, failed_at, next_at)
		SELECT $1, $2, $3 + u.n, u.clinic, u.seq, u.tx::xid8, u.kind, u.object, u.tries, u.failed, u.next
		FROM unnest($4::integer[], $5::bigint[], $6::text[], $7::text[], $8::uuid[], $9::integer[],
			$10::timestamptz[], $11::timestamptz[])
			WITH ORDINALITY u(clinic, seq, tx, kind, object, tries, failed, next, n)`,
		tx.Clinic(), id, behind, r.clinics, r.seqs, r.txs, r.kinds, r.objects, r.tries, r.failed, r.nextAt)
}

// waiting returns the first entry of each object that waits, unless it waits for another try.
func (h *Hold) waiting(tx *tenants.Tx, now time.Time, most int) (b Batch, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT f.no, f.of_clinic, f.seq, f.tx::text,
			  f.kind, f.object_id, f.tries, f.failed_at
			FROM (SELECT DISTINCT ON (w.of_clinic, w.object_id) w.* FROM endpoint_entries w
				WHERE w.clinic_id = $1 AND w.endpoint_id = $2 ORDER BY w.of_clinic, w.object_id, w.no) f
			WHERE f.next_at <= $3 ORDER BY f.no LIMIT $4`, tx.Clinic(), h.ID, now, most)
		if err != nil {
			return err
		}
		b.Entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Entry, err error) {
			var failed *time.Time
			err = row.Scan(&e.No, &e.Clinic, &e.Seq, &e.Tx, &e.Kind, &e.ID, &e.Tries, &failed)
			e.FailedAt = tenants.OrZero(failed)
			return e, err
		})
		return err
	})
	if err != nil {
		return b, tenants.Translate(err, "endpoint")
	}
	return b, h.tell(tx, &b)
}

// tell reads what the entries of a batch say; those that would be too much at once are left for the next.
func (h *Hold) tell(tx *tenants.Tx, b *Batch) error {
	places := make([]query.Place, len(b.Entries))
	for i, e := range b.Entries {
		places[i] = query.Place{Epoch: h.Place.Epoch, Tx: e.Tx, Clinic: e.Clinic, Seq: e.Seq}
		if tx.Clinic() > 0 {
			places[i].Tx = ""
		}
	}
	told, err := query.EntriesAt(tx, places)
	if err != nil {
		return err
	}
	b.Entries = b.Entries[:len(told)]
	for i, e := range told {
		if b.Entries[i].Dropped = e.Seq == 0; !b.Entries[i].Dropped {
			b.Entries[i].Entry = e
		}
	}
	return nil
}
