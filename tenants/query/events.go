package query

import (
	"slices"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

var eventList = tenants.Listing[Event]{
	What:    "events",
	From:    "events t",
	Beside:  withRecord,
	Columns: eventColumns,
	Newest:  "-receivedAt",
	Scan:    scanEvent,
	Sorts: map[string][]tenants.SortKey{
		"receivedAt": {
			tenants.SortBy("t.received_at", "timestamptz"),
			tenants.SortBy("t.environment", "smallint"),
			tenants.SortBy("t.seq", "bigint"),
			tenants.SortBy("t.id_hash", "uuid"),
		},
	},
}

// EventFilter says which events are wanted; what is empty does not matter.
type EventFilter struct {
	Types    []string
	Sources  []string // FromWebhook, FromRead, FromTest
	Kinds    []string // of domain; "" for what is not folded
	Outcomes []string
	Reasons  []string
	Entity   string // the gateway's id of a payment, checkout or anticipation
	AsaasID  string // of the event
	Key      *domain.EventKey
	Received Range[time.Time]
	Tries    int    // failed at least; 0: any
	Tests    string // OnlyTests, WithoutTests; "": all

	Customer  string        // the gateway's id of a payer: events of what they pay
	Named     []string      `json:"-"` // more payers, whose name Reference may be
	Value     *domain.Money // of an invoice, checkout or anticipation as it is now
	Reference string        // any name of an object: an id, a reference, a payer, a number on the bill
	Invoice   *domain.UUID  // our id of an invoice
}

// Where an event came from.
const (
	FromWebhook = "webhook" // the gateway sent it
	FromRead    = "api"     // the gateway answered a read of ours
	FromTest    = "test"    // we tried our own door
)

var sources = map[string]string{
	FromWebhook: "t.type NOT IN ('" + domain.OwnRead + "', '" + domain.SelfCheck + "')",
	FromRead:    "t.type = '" + domain.OwnRead + "'",
	FromTest:    "t.type = '" + domain.SelfCheck + "'",
}

// from narrows w to events of the sources.
func (f EventFilter) from(w *tenants.Where) {
	var either []string
	for _, s := range f.Sources {
		either = append(either, sources[s])
	}
	if len(either) > 0 {
		w.And("(" + strings.Join(either, " OR ") + ")")
	}
}

// tried leaves out, or alone, the tries of our own door and what was told of the throw-away checkouts.
func (f EventFilter) tried(w *tenants.Where, clinic domain.ClinicID) {
	not, wanted := map[string]string{WithoutTests: "NOT ", OnlyTests: ""}[f.Tests]
	if !wanted {
		return
	}
	w.And(
		not+"("+sources[FromTest]+" OR t.kind = ? AND t.entity_id = ANY(ARRAY(SELECT asaas_id FROM checkouts"+
			" WHERE clinic_id = ? AND external_reference = ? AND external_reference <> '')))",
		string(domain.KindCheckout), clinic, domain.RoundTripReference,
	)
}

// Events returns a page of the clinic's events; its one sort is receivedAt.
func Events(tx *tenants.Tx, f EventFilter, p tenants.Page) (tenants.List[Event], error) {
	return eventList.Page(tx, f.where(tx.Clinic()), f, p)
}

func (f EventFilter) where(clinic domain.ClinicID) *tenants.Where {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", clinic)
	w.In("t.type", f.Types)
	f.from(w)
	f.tried(w, clinic)
	w.In("t.kind", f.Kinds)
	w.In("t.outcome", f.Outcomes)
	w.In("t.reason", f.Reasons)
	from, to := texts(f.Received, func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) })
	w.Between("t.received_at", "timestamptz", from, to)
	f.unsettled(w, clinic)
	f.named(w)
	f.about(w, clinic)
	return w
}

// waitingIn is where events are found that are not applied, or never will be: small tables,
// for an index of outcomes would cost every event a second write.
var waitingIn = map[domain.Outcome]string{
	domain.Received:    `SELECT environment, seq, id_hash FROM due WHERE clinic_id = ?`,
	domain.Held:        `SELECT environment, seq, id_hash FROM due WHERE clinic_id = ? AND next_at = 'infinity'`,
	domain.Dead:        `SELECT environment, seq, id_hash FROM due WHERE clinic_id = ? AND next_at = 'infinity'`,
	domain.Quarantined: `SELECT environment, seq, id_hash FROM quarantined WHERE clinic_id = ?`,
}

// unsettled narrows w by those tables when nothing else is asked for.
func (f EventFilter) unsettled(w *tenants.Where, clinic domain.ClinicID) {
	if f.Tries > 0 {
		w.And(
			keyIn(`SELECT environment, seq, id_hash FROM due WHERE clinic_id = ? AND tries > 0 AND tries >= ?`),
			clinic, f.Tries,
		)
	}
	var from []string
	for _, o := range f.Outcomes {
		sql, waits := waitingIn[domain.Outcome(o)]
		if !waits {
			return
		}
		from = append(from, sql)
	}
	if from != nil {
		w.And(keyIn(from...), slices.Repeat([]any{clinic}, len(from))...)
	}
}

// named finds the one event of an id, ours or the gateway's, by the key that is made of it.
func (f EventFilter) named(w *tenants.Where) {
	if f.Key != nil {
		w.And("t.environment = ? AND t.seq = ? AND t.id_hash = ?", f.Key.Environment, f.Key.Seq, f.Key.Hash)
	}
	if f.AsaasID != "" {
		key, _ := asaas.EventKeyOf(0, f.AsaasID, nil)
		w.And(
			"t.environment = ANY ('{0,1,2}') AND t.seq = ? AND t.id_hash = ? AND t.event_id = ?", key.Seq, key.Hash,
			f.AsaasID,
		)
	}
}

// about finds the events of an object, or of every object that something is true of, by
// their records, and those of an id that were not applied yet among what waits or is
// quarantined: no index of events holds an entity's id (docs/architecture.md, accept).
func (f EventFilter) about(w *tenants.Where, clinic domain.ClinicID) {
	var found []string
	var args []any
	if objects, more := f.objects(clinic); objects != nil {
		found = append(
			found,
			`SELECT r.environment, r.seq, r.id_hash FROM (`+strings.Join(objects, " UNION ALL ")+`) o (kind, id)
			JOIN records r ON r.clinic_id = ? AND r.kind = o.kind AND r.entity_id = o.id`,
		)
		args = append(more, clinic)
	}
	ids := []string{f.Entity}
	if !domain.Worded(f.Reference) {
		ids = append(ids, f.Reference)
	}
	for _, id := range ids {
		if id != "" {
			found = append(found, ofEntity)
			args = append(args, clinic, id, clinic, id, clinic, id)
		}
	}
	if f.Reference != "" && !domain.Worded(f.Reference) { // an event's own id has no form of its own either
		key, _ := asaas.EventKeyOf(0, f.Reference, nil)
		found = append(
			found,
			`SELECT environment, seq, id_hash FROM events WHERE clinic_id = ? AND environment = ANY ('{0,1,2}')
			AND seq = ? AND id_hash = ? AND event_id = ?`,
		)
		args = append(args, clinic, key.Seq, key.Hash, f.Reference)
	}
	if found != nil {
		w.And(keyIn(found...), args...)
	}
}

const ofEntity = `SELECT environment, seq, id_hash FROM records
	WHERE clinic_id = ? AND kind IN ('payment', 'checkout', 'anticipation') AND entity_id = ?
	UNION ALL SELECT d.environment, d.seq, d.id_hash FROM due d JOIN events w USING (clinic_id, environment, seq, id_hash)
	WHERE d.clinic_id = ? AND w.entity_id = ?
	UNION ALL SELECT environment, seq, id_hash FROM quarantined WHERE clinic_id = ? AND entity_id = ?`

// objects returns queries for the kind and id of every object that f is about, and their
// arguments.
func (f EventFilter) objects(clinic domain.ClinicID) (queries []string, args []any) {
	add := func(v any, sql ...string) {
		for _, q := range sql {
			queries, args = append(queries, q), append(args, clinic, v)
		}
	}
	if payers := f.payers(); len(payers) > 0 {
		add(
			payers,
			`SELECT 'payment', asaas_id FROM invoices WHERE clinic_id = ? AND customer = ANY(?) AND customer <> ''`,
			`SELECT 'checkout', checkout_session FROM invoices
			WHERE clinic_id = ? AND customer = ANY(?) AND customer <> '' AND checkout_session <> ''`,
			`SELECT 'anticipation', a.asaas_id FROM anticipations a
			JOIN invoices i ON i.clinic_id = a.clinic_id AND i.asaas_id = a.payment
			WHERE a.clinic_id = ? AND i.customer = ANY(?) AND i.customer <> ''`,
		)
	}
	if f.Value != nil {
		add(*f.Value, `SELECT 'payment', asaas_id FROM invoices t WHERE clinic_id = ? AND `+valueOrNone+` = ?`,
			`SELECT 'checkout', asaas_id FROM checkouts WHERE clinic_id = ? AND total = ?`,
			`SELECT 'anticipation', asaas_id FROM anticipations WHERE clinic_id = ? AND value = ?`)
	}
	if f.Reference != "" {
		by, handed := namingOf(f.Reference)
		for _, sql := range by.objects() {
			sql, more := filled(sql, clinic, handed)
			queries, args = append(queries, sql), append(args, more...)
		}
	}
	if f.Invoice != nil {
		add(*f.Invoice, `SELECT 'payment', asaas_id FROM invoices WHERE clinic_id = ? AND id = ?`)
	}
	return queries, args
}

// objects are queries of the kind and id of each object that a typed text names.
func (by naming) objects() []string {
	return []string{
		`SELECT 'payment', p.asaas_id FROM (` + by.payments + `) p`,
		`SELECT 'checkout', k.asaas_id FROM checkouts k WHERE k.clinic_id = $c AND k.id = ANY(ARRAY(` + by.checkout + `))`,
		`SELECT 'anticipation', a.asaas_id FROM anticipations a
		WHERE a.clinic_id = $c AND a.id = ANY(ARRAY(` + by.anticipation + `))`,
	}
}

// payers returns whose events are wanted; none: anybody's.
func (f EventFilter) payers() []string {
	if f.Customer != "" {
		return append([]string{f.Customer}, f.Named...)
	}
	return f.Named
}

// keyIn is the condition that an event's key is among those that queries find.
func keyIn(queries ...string) string {
	return `(t.environment, t.seq, t.id_hash) IN (` + strings.Join(queries, " UNION ALL ") + `)`
}

// EventKeys returns the keys of the clinic's events that a filter leaves, oldest first, at
// most so many, and whether there are more.
func EventKeys(tx *tenants.Tx, f EventFilter, most int) (keys []domain.EventKey, more bool, err error) {
	p := tenants.Page{Limit: tenants.PageMost, Sort: "receivedAt"}
	for len(keys) < most {
		list, err := Events(tx, f, p)
		if err != nil {
			return nil, false, err
		}
		for _, e := range list.Rows {
			keys = append(keys, e.Key)
		}
		if p.Cursor = list.Next; p.Cursor == "" {
			return keys, false, nil
		}
	}
	return keys, true, nil
}
