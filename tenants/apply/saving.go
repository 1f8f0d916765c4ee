package apply

import (
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/ledger"
	"patapay/tenants/payers"
)

// saving gathers what the clinics of a transaction write, table by table: each statement stands once for all of them.
type saving struct {
	records                            newRecords
	invoices, checkouts, anticipations rowBatch
	payers                             payers.NameRequests
	feed                               feedRows
	ledger                             ledger.Rows
	sources                            sourceRows
	heads                              headRows
	items                              workItems
	reads                              readRows
	alarms                             alarmRows
	firstEvents                        firstEvents
	probes                             []int32 // clinics whose next check is brought forward
	marks                              markRows
}

// saved returns the statements that write everything: records, projections with their feed entries, requests for the
// names of their payers, bookings, read requests, the clinics' heads, and the rows' marks.
func (list work) saved() (*pgx.Batch, error) {
	var s saving
	for _, p := range list {
		if err := p.gather(&s); err != nil {
			return nil, err
		}
	}
	var b pgx.Batch
	s.queue(&b, list[0].now, list[0].Now().UTC())
	if w := list[0].run; w.replay != nil {
		w.queueAlarmsEnd(&b)
	}
	return &b, nil
}

// gather gathers what the clinic's part writes.
func (p *prepared) gather(s *saving) error {
	was := p.head
	s.records.add(p.clinic, p.fresh)
	p.addProjections(s, p.entities)
	if err := p.addNameRequests(s, p.entities); err != nil {
		return err
	}
	if err := p.addBooked(s, was, append(slices.Clone(p.entities), p.rivals...)); err != nil {
		return err
	}
	p.addReadRequests(s)
	p.addForged(s)
	p.addFirstEvent(s)
	p.addProbe(s)
	p.mark(s, p.rows)
	return nil
}

// queue writes all that was gathered, of one instant; the rows are marked as applied at another, when all is computed.
func (s *saving) queue(b *pgx.Batch, now, applied time.Time) {
	s.records.queue(b)
	s.invoices.queueInvoices(b, now)
	s.checkouts.queueCheckouts(b, now)
	s.anticipations.queueAnticipations(b, now)
	s.payers.Queue(b, now)
	s.feed.queue(b, now)
	s.ledger.Queue(b)
	s.sources.queue(b)
	s.heads.queue(b)
	s.items.queue(b, now) // entries of the feed too: behind the heads
	s.reads.queue(b)
	s.firstEvents.queue(b, now)
	queueProbes(b, append(s.firstEvents.clinics, s.probes...), now)
	s.marks.queue(b, applied)
	s.alarms.queue(b, now)
}

// rows returns the batch of projections of a kind.
func (s *saving) rows(kind domain.Kind) *rowBatch {
	switch kind {
	case domain.KindPayment:
		return &s.invoices
	case domain.KindCheckout:
		return &s.checkouts
	}
	return &s.anticipations
}

// firstEvents gathers connections that the first delivery with their token and account makes active: a saved key proves
// nothing, a delivery does.
type firstEvents struct {
	clinics  []int32
	received []time.Time
}

func (p *prepared) addFirstEvent(s *saving) {
	if !p.settings.awaiting {
		return
	}
	for _, r := range p.rows {
		if !r.gatewaySnapshot && r.typ != domain.SelfCheck && r.outcome != domain.Held {
			f := &s.firstEvents
			f.clinics, f.received = append(f.clinics, int32(p.clinic)), append(f.received, r.receivedAt)
			return
		}
	}
}

func (f *firstEvents) queue(b *pgx.Batch, now time.Time) {
	if len(f.clinics) > 0 {
		b.Queue(
			`UPDATE connections n SET state = 'active', since = $3, reason = '', next_action = '',
			  first_event_at = u.received, version = version + 1, updated_at = $3
			FROM unnest($1::integer[], $2::timestamptz[]) u(clinic, received)
			WHERE n.clinic_id = u.clinic AND n.state = 'awaiting_first_event'`,
			f.clinics, f.received, now,
		)
	}
}

// queueProbes brings the next look at the clinics' connections forward: to import what was there before a connection's
// first event, or to ask the gateway about a key.
func queueProbes(b *pgx.Batch, clinics []int32, now time.Time) {
	if len(clinics) > 0 {
		b.Queue(
			`UPDATE guard_rounds g SET next_at = $2 FROM (SELECT DISTINCT clinic FROM unnest($1::integer[]) u(clinic)) u
			WHERE g.clinic_id = u.clinic AND g.next_at > $2`, clinics, now,
		)
	}
}

// alarmRows gathers alarms to raise.
type alarmRows struct {
	clinics        []int32
	kinds, actions []string
}

func (a *alarmRows) add(clinic domain.ClinicID, kind domain.AlarmKind) {
	a.clinics, a.kinds = append(a.clinics, int32(clinic)), append(a.kinds, string(kind))
	a.actions = append(a.actions, kind.NextAction())
}

func (a *alarmRows) queue(b *pgx.Batch, now time.Time) {
	if len(a.clinics) > 0 {
		b.Queue(
			`SELECT raise_alarm(u.clinic, u.kind, $1, u.action)
			FROM unnest($2::integer[], $3::text[], $4::text[]) u(clinic, kind, action)`,
			now, a.clinics, a.kinds, a.actions,
		)
	}
}

// workItems gathers the concerns of the entities that a transaction has folded.
type workItems struct {
	clinics    []int32  // of the subjects
	subjects   []string // the gateway's ids, by which the items are found
	here, keep []string // the same, and what there is cause for, behind their clinics' numbers
	open       ledger.Items
}

// add notes what the entities give cause for. It follows from their state now, whatever has just been booked, or by
// which way it became so.
func (i *workItems) add(clinic domain.ClinicID, now time.Time, entities []*entity) {
	for _, e := range entities {
		if !hasFacts(e.name.kind) {
			continue
		}
		number := strconv.Itoa(int(clinic))
		i.clinics, i.subjects = append(i.clinics, int32(clinic)), append(i.subjects, e.name.id)
		i.here = append(i.here, number+" "+e.name.id)
		for _, c := range e.concerns {
			i.keep = append(i.keep, number+" "+c.Kind+" "+c.Subject)
			i.open.Add(clinic, now, c)
		}
	}
}

// queue opens what there is cause for and closes what there no longer is.
func (i *workItems) queue(b *pgx.Batch, now time.Time) {
	if len(i.subjects) > 0 {
		b.Queue(`UPDATE work_items SET outcome = 'gone', resolved_at = $1, updated_at = $1, version = version + 1
			WHERE clinic_id = ANY($2) AND outcome = '' AND resolved_at IS NULL AND subject = ANY($3) AND kind = ANY($4)
			AND clinic_id || ' ' || subject = ANY($5) AND clinic_id || ' ' || kind || ' ' || subject <> ALL($6)`,
			now, slices.Compact(i.clinics), i.subjects, domain.EntityConcerns(), i.here, append([]string{""}, i.keep...))
	}
	i.open.Queue(b, now)
}
