package tenants_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// manyEvents are 200,000 events of clinic 1 and a tenth as many of others, four of each
// payment, one every 100 seconds; some are late, twins, unknown, dead, refused or of our own reading.
var manyEvents = []string{
	`INSERT INTO clinics (public_id, name, state_since, created_at, updated_at)
	SELECT gen_random_uuid(), 'C', now(), now(), now() FROM generate_series(1, 20)`,
	`SET session_replication_role = replica`,
	`INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, applied_at, event_id, type, kind,
	  entity_id, created_local, outcome, reason, notes, body_hash)
	SELECT c, 2, CASE WHEN n % 50 = 0 THEN 2 ELSE 1 END, n,
	  substr(encode(sha256(('evt_' || n || '&' || n)::bytea), 'hex'), 1, 32)::uuid,
	  '2026-01-01'::timestamptz + n * interval '100 s', '2026-01-02'::timestamptz + n * interval '100 s',
	  'evt_' || n || '&' || n,
	  CASE WHEN n % 5000 = 7 THEN 'PAYMENT_BLESSED' WHEN n % 997 = 0 THEN 'ACCESS_TOKEN_CREATED'
	    ELSE (ARRAY['PAYMENT_CREATED','PAYMENT_CONFIRMED','PAYMENT_RECEIVED','PAYMENT_UPDATED'])[1 + n % 4] END,
	  CASE WHEN n % 997 = 0 THEN '' WHEN n % 101 = 0 THEN 'anticipation' ELSE 'payment' END, 'pay_' || n / 4,
	  to_char('2025-12-31 20:59:58'::timestamp + n * interval '100 s', 'YYYY-MM-DD HH24:MI:SS'),
	  CASE WHEN n % 20011 = 3 THEN 'dead' WHEN n % 20011 = 4 THEN 'quarantined' WHEN n > 199950 AND c = 1 THEN 'received'
	    WHEN n % 7 = 0 THEN 'no_effect' ELSE 'applied' END,
	  CASE WHEN n % 20011 BETWEEN 3 AND 4 THEN 'ambiguous' WHEN n % 4200 = 0 THEN 'late'
	    WHEN n % 7 = 0 THEN 'same_state' ELSE '' END, '', '\x00'
	FROM (SELECT n, CASE WHEN n <= $1::int THEN 1 ELSE 2 + n % 19 END AS c
	  FROM generate_series(1, $1::int * 11 / 10) n) g`,
	`INSERT INTO records (clinic_id, environment, seq, id_hash, received_at, kind,
	  entity_id, event_id, type, at, body_hash, record)
	SELECT clinic_id, environment, seq, id_hash, received_at, kind,
	  entity_id, event_id, type, created_local, body_hash, '{}'
	FROM events WHERE kind <> '' AND outcome IN ('applied', 'no_effect')`,
	`INSERT INTO due (clinic_id, environment, tries, seq, id_hash, next_at)
	SELECT clinic_id, environment, CASE WHEN outcome = 'dead' THEN 5 ELSE 0 END, seq, id_hash,
	  CASE WHEN outcome = 'dead' THEN 'infinity' ELSE received_at END
	FROM events WHERE outcome IN ('dead', 'received')`,
	`INSERT INTO quarantined SELECT clinic_id, environment, seq, id_hash, entity_id FROM events
	WHERE outcome = 'quarantined'`,
	`INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value, external_reference,
	  customer, state, version, created_at, updated_at)
	SELECT CASE WHEN n <= $1::int / 4 THEN 1 ELSE 2 + n % 19 END,
	  (lpad(to_hex(1700000000000 + n::bigint * 20000), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
	  'pay_' || n, 'received', 'RECEIVED', 'PIX', 1000 + n::bigint * 7919 % 50000, 900, 'orc-' || n, 'cus_' || n % 2000,
	  '{}', 1, now(), now()
	FROM generate_series(1, $1::int * 11 / 40) n`,
	`SET session_replication_role = origin`,
	`VACUUM ANALYZE`,
}

func fillEvents(t *testing.T, db *tenantstest.Database, n int) {
	t.Helper()
	owner := pool(t, db, tenantstest.Owner)
	conn, err := owner.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	begun := time.Now()
	for _, sql := range manyEvents {
		var args []any
		if strings.Contains(sql, "$1") {
			args = []any{n}
		}
		_, err = conn.Exec(t.Context(), sql, args...)
		require.NoError(t, err, sql)
	}
	t.Logf("%d events in %s", n*11/10, time.Since(begun).Round(time.Millisecond))
}

// eventSearch is what the page of events asks for, and how many rows of clinic 1 a page of it has.
type eventSearch struct {
	filter query.EventFilter
	rows   int
	all    bool // too few are such: every event of the clinic is looked at, and this clinic has nearly the whole table
}

func eventSearches() map[string]eventSearch {
	value, at := domain.Money(
		1000+7919*3,
	), func(day int) *time.Time { d := time.Date(2026, 3, day, 3, 0, 0, 0, time.UTC); return &d }
	key, _ := asaas.EventKeyOf(domain.Sandbox, "evt_77&77", nil)
	return map[string]eventSearch{
		"all":                  {query.EventFilter{}, 50, false},
		"payment":              {query.EventFilter{Entity: "pay_777"}, 4, false},
		"event":                {query.EventFilter{AsaasID: "evt_77&77"}, 1, false},
		"our event":            {query.EventFilter{Key: &key}, 1, false},
		"customer":             {query.EventFilter{Customer: "cus_7"}, 50, false},
		"a name of 20 payers":  {query.EventFilter{Named: payerIDs(20), Reference: "a name"}, 50, false},
		"value":                {query.EventFilter{Value: &value}, 4, false},
		"reference":            {query.EventFilter{Reference: "orc-777"}, 4, false},
		"date":                 {query.EventFilter{Received: query.Range[time.Time]{From: at(5), To: at(6)}}, 50, false},
		"a common type":        {query.EventFilter{Types: []string{"PAYMENT_RECEIVED"}}, 50, false},
		"a rare type":          {query.EventFilter{Types: []string{"PAYMENT_BLESSED"}}, 40, true},
		"a type that is not":   {query.EventFilter{Types: []string{"PAYMENT_NEVER"}}, 0, true},
		"kind":                 {query.EventFilter{Kinds: []string{"anticipation"}}, 50, false},
		"late":                 {query.EventFilter{Outcomes: []string{"no_effect"}, Reasons: []string{"late"}}, 47, true},
		"dead and quarantined": {query.EventFilter{Outcomes: []string{"dead", "quarantined"}}, 20, false},
		"waiting":              {query.EventFilter{Outcomes: []string{"received", "held"}}, 50, false},
		"tried":                {query.EventFilter{Tries: 3}, 10, false},
	}
}

var byClinic = regexp.MustCompile(`Index Cond: \(+(\w+\.)?clinic_id = `)

func TestTwoHundredThousandEventsOfOneClinicAreListedByItsIndexes(t *testing.T) { eventsByIndex(t) }

// eventsByIndex lists and sums the events of a clinic that has many; where times count, each
// in half a second.
func eventsByIndex(t *testing.T) {
	db := tenantstest.New(t)
	fillEvents(t, db, 200_000)
	api, err := tenants.Open(
		db.URL(tenantstest.API),
		tenants.Options{Name: "events", MaxConns: 1, Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(api.Close)
	for name, row := range eventSearches() {
		p := tenants.Page{Limit: 50, Count: true}
		fastest := time.Hour // of three: other tests run beside this one
		for range 3 {
			var list tenants.List[query.Event]
			begun := time.Now()
			require.NoError(
				t,
				api.In(
					t.Context(),
					1,
					func(tx *tenants.Tx) (err error) { list, err = query.Events(tx, row.filter, p); return err },
				),
			)
			fastest = min(fastest, time.Since(begun))
			if begun = time.Now(); list.Next != "" {
				require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
					_, err := query.Events(tx, row.filter, tenants.Page{Limit: 50, Cursor: list.Next})
					return err
				}))
				inTime(t, begun, 2*time.Second, "the second page of "+name)
			}
			require.Len(t, list.Rows, row.rows, name)
		}
		var plan []string
		require.NoError(
			t,
			api.In(
				t.Context(),
				1,
				func(tx *tenants.Tx) (err error) { plan, err = query.ExplainEvents(tx, row.filter, p); return err },
			),
		)
		text := strings.Join(plan, "\n")
		t.Logf("%-22s %8s", name, fastest.Round(100*time.Microsecond))
		if !row.all {
			require.NotContains(t, text, "Seq Scan on events", name)
			require.Regexp(t, byClinic, text, name)
		}
		if tenantstest.TimesCount {
			require.Less(t, fastest, 500*time.Millisecond, "%s:\n%s", name, text)
		}
	}
	month := query.Range[time.Time]{
		From: ptr(time.Date(2026, 2, 1, 3, 0, 0, 0, time.UTC)),
		To:   ptr(time.Date(2026, 3, 1, 2, 59, 59, 0, time.UTC)),
	}
	var s query.EventSummary
	begun := time.Now()
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) (err error) {
		s, err = query.SummarizeEvents(tx, query.EventFilter{Received: month}, "day")
		return err
	}))
	inTime(t, begun, 500*time.Millisecond, "a month's summary")
	require.Len(t, s.Buckets, 28)
	require.Equal(t, 2*time.Second, *s.Delay)
	sum := 0
	for _, b := range s.Buckets {
		sum += b.All()
	}
	require.Equal(t, s.All(), sum)
	require.InDelta(t, 28*864*49/50, s.All(), 2, "what was asked of the gateway is no delivery")
}

// inTime judges, where times count, how long something took.
func inTime(t *testing.T, begun time.Time, most time.Duration, what string) {
	t.Helper()
	if took := time.Since(begun); tenantstest.TimesCount {
		require.Less(t, took, most, what)
	}
}

func ptr[T any](v T) *T { return &v }
