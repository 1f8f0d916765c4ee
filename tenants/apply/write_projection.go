package apply

import (
	"bytes"

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

// queueProjected asks for the projections of the entities as they stand, and which reads
// of them are asked for already. A projection is the first from its name on, for the reason that dueEvents has.
func (list work) queueProjected(b *pgx.Batch) {
	for _, kind := range []domain.Kind{domain.KindPayment, domain.KindCheckout, domain.KindAnticipation} {
		n := list.named(func(k domain.Kind) bool { return k == kind })
		if len(n.ids) == 0 {
			continue
		}
		table, payer := tenants.Table(kind), payerColumn(kind)
		b.Queue(
			`SELECT coalesce(t.clinic_id, u.clinic), u.id, t.id, t.version, t.state,
			  t.texts, `+payer+`, w.reason, w.open, w.answers
			FROM unnest($1::integer[], $2::text[]) u(clinic, id)
			LEFT JOIN LATERAL (SELECT * FROM `+table+` t WHERE t.clinic_id = u.clinic AND t.asaas_id >= u.id
				ORDER BY t.asaas_id LIMIT 1) t ON t.asaas_id = u.id
			LEFT JOIN LATERAL (SELECT reason, due_at < 'infinity' AS open, answers FROM truth_wants w
				WHERE w.clinic_id = u.clinic AND w.kind = '`+string(kind)+`' AND w.entity_id = u.id OFFSET 0) w ON true`,
			n.clinics, n.ids,
		).Query(func(rows pgx.Rows) error {
			return collect(list, rows, scanProjected, func(p *prepared, f projected) { p.keep(kind, f) })
		})
	}
}

// projected is a row of queueProjected.
type projected struct {
	id     string
	stored *storedRow
	want   *want
}

// keep notes what was found of an entity.
func (s *stored) keep(kind domain.Kind, f projected) {
	n := entityName{kind, f.id}
	if f.stored != nil {
		s.projections[n] = f.stored
	}
	if f.want != nil {
		s.wants[n] = *f.want
	}
}

func scanProjected(row pgx.CollectableRow) (f projected, err error) {
	var id *domain.UUID
	var version, answers *int
	var state, texts []byte
	var payer *string
	var reason *domain.ReadReason
	var open *bool
	err = row.Scan(&f.id, &id, &version, &state, &texts, &payer, &reason, &open, &answers)
	if id != nil {
		f.stored = &storedRow{id: *id, version: *version, state: state, texts: texts}
		if payer != nil {
			f.stored.payer = *payer
		}
	}
	if reason != nil {
		f.want = &want{*reason, *open, *answers}
	}
	return f, err
}

// addProjections has the entities written whose state is not what is stored, with the next version.
func (w *run) addProjections(s *saving, entities []*entity) {
	for _, kind := range []domain.Kind{domain.KindPayment, domain.KindCheckout, domain.KindAnticipation} {
		for _, e := range entities {
			if e.name.kind == kind && !e.unchanged() {
				w.change(s, s.rows(kind).add(w.clinic, e), e)
			}
		}
	}
}

func (e *entity) unchanged() bool {
	return e.stored != nil && bytes.Equal(e.stored.state, e.folded.state) && bytes.Equal(e.stored.texts, e.folded.texts)
}

// rowBatch gathers projections of one kind as columns, for one INSERT.
type rowBatch struct {
	clinics          []int32
	ids              [][16]byte
	asaasIDs, states []string
	texts            [][]byte
	versions         []int32
	values           []any // *domain.Invoice …, in the same order
	rawStatus        []string
}

// add notes the entity's next version and returns the change.
func (s *rowBatch) add(clinic domain.ClinicID, e *entity) Change {
	id, version := domain.UUIDOf(
		e.firstSeen(), string(e.name.kind), e.name.id, string(domain.EventKey{Seq: int64(clinic)}.Bytes()),
	), 1
	if e.stored != nil {
		id, version = e.stored.id, e.stored.version+1
	}
	s.clinics, s.ids, s.asaasIDs = append(s.clinics, int32(clinic)), append(s.ids, id), append(s.asaasIDs, e.name.id)
	s.states, s.texts = append(s.states, string(e.folded.state)), append(s.texts, e.folded.texts)
	s.versions = append(s.versions, int32(version))
	s.values, s.rawStatus = append(s.values, e.folded.value), append(s.rawStatus, e.folded.shared.RawStatus)
	return Change{Kind: e.name.kind, ID: id, AsaasID: e.name.id, Version: version}
}

// cents returns the amounts of one column, null where there is none.
func cents[T any](values []any, get func(T) domain.Opt[domain.Money]) []*int64 {
	return columnOf(values, func(v T) *int64 { return (*int64)(get(v).Ptr()) })
}

// days returns the dates of one column, null where there is none.
func days[T any](values []any, get func(T) domain.Day) []*string {
	return columnOf(values, func(v T) *string {
		if d := string(get(v)); d != "" {
			return &d
		}
		return nil
	})
}

// columnOf returns one column of projections of one kind.
func columnOf[T, C any](values []any, get func(T) C) []C {
	return column(values, func(v any) C { return get(v.(T)) })
}

func column[T, C any](values []T, get func(T) C) []C {
	out := make([]C, len(values))
	for i, v := range values {
		out[i] = get(v)
	}
	return out
}
