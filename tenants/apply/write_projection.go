package apply

import (
	"bytes"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// storedRow is what apply needs of a projection as it stands.
type storedRow struct {
	id      domain.UUID
	version int
	state   []byte
	texts   []byte
	payer   string // the gateway's id of who pays; "": nobody, as it is stored
}

// queueProjected asks for the projections of the named entities as they stand, and which reads
// of them are asked for already. A projection is the first from its name on, for the reason that dueEvents has.
func (w *run) queueProjected(
	b *pgx.Batch, names []entityName, stored map[entityName]*storedRow, wants map[entityName]want,
) {
	byKind := map[domain.Kind][]string{}
	for _, n := range names {
		byKind[n.kind] = append(byKind[n.kind], n.id)
	}
	for kind, ids := range byKind {
		b.Queue(`SELECT u.id, t.id IS NOT NULL, t.id, t.version, t.state, t.texts, `+payerColumn(kind)+`, w.reason, w.open, w.answers
			FROM unnest($2::text[]) u(id)
			LEFT JOIN LATERAL (SELECT * FROM `+tenants.Table(kind)+` t WHERE t.clinic_id = $1 AND t.asaas_id >= u.id
				ORDER BY t.asaas_id LIMIT 1) t ON t.asaas_id = u.id
			LEFT JOIN LATERAL (SELECT reason, due_at < 'infinity' AS open, answers FROM truth_wants w
				WHERE w.clinic_id = $1 AND w.kind = '`+string(kind)+`' AND w.entity_id = u.id OFFSET 0) w ON true`,
			w.clinic, ids).Query(func(rows pgx.Rows) error { return scanHeads(rows, kind, stored, wants) })
	}
}

func scanHeads(rows pgx.Rows, kind domain.Kind, stored map[entityName]*storedRow, wants map[entityName]want) error {
	n := entityName{kind: kind}
	var there bool
	var id *domain.UUID
	var version *int
	var state, texts []byte
	var payer *string
	var reason *domain.ReadReason
	var open *bool
	var answers *int
	_, err := pgx.ForEachRow(
		rows, []any{&n.id, &there, &id, &version, &state, &texts, &payer, &reason, &open, &answers},
		func() error {
			if there {
				stored[n] = &storedRow{id: *id, version: *version, state: state, texts: texts}
				if payer != nil {
					stored[n].payer = *payer
				}
			}
			if reason != nil {
				wants[n] = want{*reason, *open, *answers}
			}
			return nil
		},
	)
	return err
}

// queueProjections writes the entities whose state is not what is stored, with the next version.
func (w *run) queueProjections(b *pgx.Batch, entities []*entity) error {
	for _, kind := range []domain.Kind{domain.KindPayment, domain.KindCheckout, domain.KindAnticipation} {
		s := rowBatch{clinic: w.clinic, now: w.now}
		for _, e := range entities {
			if e.name.kind == kind && !e.unchanged() {
				w.change(s.add(e), e)
			}
		}
		s.queue(b, kind)
	}
	return nil
}

func (e *entity) unchanged() bool {
	return e.stored != nil && bytes.Equal(e.stored.state, e.folded.state) && bytes.Equal(e.stored.texts, e.folded.texts)
}

// rowBatch gathers projections of one kind as columns, for one INSERT.
type rowBatch struct {
	clinic           domain.ClinicID
	now              time.Time
	ids              [][16]byte
	asaasIDs, states []string
	texts            [][]byte
	versions         []int32
	values           []any // *domain.Invoice …, in the same order
	rawStatus        []string
	created          []time.Time
}

// add notes the entity's next version and returns the change.
func (s *rowBatch) add(e *entity) Change {
	id, version, created := domain.UUIDOf(
		e.firstSeen(), string(e.name.kind), e.name.id, string(domain.EventKey{Seq: int64(s.clinic)}.Bytes()),
	), 1, s.now
	if e.stored != nil {
		id, version = e.stored.id, e.stored.version+1
	}
	s.ids, s.asaasIDs = append(s.ids, id), append(s.asaasIDs, e.name.id)
	s.states, s.texts = append(s.states, string(e.folded.state)), append(s.texts, e.folded.texts)
	s.versions, s.created = append(s.versions, int32(version)), append(s.created, created)
	s.values, s.rawStatus = append(s.values, e.folded.value), append(s.rawStatus, e.folded.shared.RawStatus)
	return Change{Kind: e.name.kind, ID: id, AsaasID: e.name.id, Version: version}
}

func (s *rowBatch) queue(b *pgx.Batch, kind domain.Kind) {
	if len(s.ids) == 0 {
		return
	}
	switch kind {
	case domain.KindPayment:
		s.queueInvoices(b)
	case domain.KindCheckout:
		s.queueCheckouts(b)
	default:
		s.queueAnticipations(b)
	}
}

// cents returns the amounts of one column, null where there is none.
func cents[T any](values []any, get func(T) domain.Opt[domain.Money]) []*int64 {
	return column(values, func(v T) *int64 { return (*int64)(get(v).Ptr()) })
}

// days returns the dates of one column, null where there is none.
func days[T any](values []any, get func(T) domain.Day) []*string {
	return column(values, func(v T) *string {
		if d := string(get(v)); d != "" {
			return &d
		}
		return nil
	})
}

func column[T, C any](values []any, get func(T) C) []C {
	out := make([]C, len(values))
	for i, v := range values {
		out[i] = get(v.(T))
	}
	return out
}
