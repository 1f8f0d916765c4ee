package v1_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain/asaas"
	"patapay/domain/glance"
	"patapay/tenants"
	"patapay/tenants/payers"
)

// statements counts what a connection asks Postgres to execute, by the messages of the protocol.
type statements struct {
	count *atomic.Int64
	rest  []byte
	begun bool // the first message of a connection has no type
}

// Write looks at the next piece of what a client says.
func (s *statements) Write(piece []byte) (int, error) {
	s.rest = append(s.rest, piece...)
	for {
		head := 5
		if !s.begun {
			head = 4
		}
		if len(s.rest) < head {
			return len(piece), nil
		}
		size := int(binary.BigEndian.Uint32(s.rest[head-4:])) + head - 4
		if len(s.rest) < size {
			return len(piece), nil
		}
		if kind := s.rest[0]; s.begun && (kind == 'B' || kind == 'Q') { // bind, simple query
			s.count.Add(1)
		}
		s.begun, s.rest = true, s.rest[size:]
	}
}

// counted returns the URL of a role's connections whose statements are counted.
func counted(t *testing.T, direct string) (*atomic.Int64, string) {
	t.Helper()
	target, err := pgx.ParseConfig(direct)
	require.NoError(t, err)
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listen.Close() })
	network, address := "tcp", net.JoinHostPort(target.Host, strconv.Itoa(int(target.Port)))
	if strings.HasPrefix(target.Host, "/") {
		network, address = "unix", filepath.Join(target.Host, ".s.PGSQL."+strconv.Itoa(int(target.Port)))
	}
	count := &atomic.Int64{}
	go func() {
		for {
			client, err := listen.Accept()
			if err != nil {
				return
			}
			go relayed(client, network, address, &statements{count: count})
		}
	}()
	host, port, err := net.SplitHostPort(listen.Addr().String())
	require.NoError(t, err)
	u, err := url.Parse(direct)
	require.NoError(t, err)
	u.RawQuery = url.Values{"host": {host}, "port": {port}, "sslmode": {"disable"}}.Encode()
	return count, u.String()
}

// relayed carries a connection to Postgres until either end is done with it.
func relayed(client net.Conn, network, address string, s *statements) {
	defer client.Close()
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
	_, _ = io.Copy(server, io.TeeReader(client, s))
}

// glanced is a connected clinic of which everything is known and right.
func glanced(t *testing.T, w *readWorld, name string) tenants.Clinic {
	t.Helper()
	c := w.clinic(t, name)
	w.exec(t, `UPDATE clinic_heads SET ledger_from = '2026-11-01' WHERE clinic_id = $1`, c.ID)
	w.exec(
		t,
		`INSERT INTO statement_checks (clinic_id, through, balance, available, checked_at)
		VALUES ($1, '2026-11-22', 31000, 31000, $2)`,
		c.ID,
		w.now.Add(-6*time.Hour),
	)
	w.exec(
		t,
		`INSERT INTO connection_checks (clinic_id, checked_at, checks)
		VALUES ($1, $2, '[{"name":"queue","status":"ok","since":"2026-11-01T00:00:00Z"}]')`,
		c.ID,
		w.now.Add(-time.Minute),
	)
	w.exec(
		t,
		`INSERT INTO agenda_rounds (clinic_id, feed_seq, ledger_no, audit_no, at, next_at) VALUES ($1, 0, 0, 0, $2, $2)`,
		c.ID,
		w.now.Add(-time.Hour),
	)
	return c
}

const plantedInvoice = `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value,
	  confirmed_by, customer, paid_at, available_on, state, version, created_at, updated_at)
	VALUES ($1, gen_random_uuid(), 'pay_' || $2::text, $2, upper($2), 'PIX', 12990, 12891,
	  $3, 'cus_1', '2026-11-22 08:00:00', '2026-11-24',
	  json_build_object('ID', 'pay_' || $2::text, 'Status', $2::text, 'Method', 'PIX', 'Customer', 'cus_1',
	    'ConfirmedBy', $3::text, 'PaidAt', '2026-11-22 08:00:00', 'Flags', $4::json,
	    'Chargeback', json_build_object('Deadline', '2026-12-01')), 1, $5, $5)`

// unwell is what makes each kind of condition true in the tables; $1 is the clinic, $2 the instant.
var unwell = map[glance.Kind]string{
	glance.KindClinic: `UPDATE clinics SET state = 'suspended'
		WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	glance.KindConnection: `UPDATE connections SET state = 'paused', loss_at = $2::timestamptz + interval '14 days'
		WHERE clinic_id = $1`,
	glance.KindCheck: `UPDATE connection_checks
		SET checks = '[{"name":"webhook","status":"failed","since":"2026-11-01T00:00:00Z","action":"ensure_webhook"}]'
		WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	glance.KindUnchecked: `UPDATE connection_checks SET checked_at = $2::timestamptz - interval '3 hours'
		WHERE clinic_id = $1`,
	glance.KindAlarm: `INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action)
		VALUES ($1, 'event_variant', $2, $2, '')`,
	glance.KindUnopened: `UPDATE clinic_heads SET ledger_from = ''
		WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	glance.KindDifference: `UPDATE statement_checks SET balance = 30900
		WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	glance.KindNotCompared: `UPDATE statement_checks SET checked_at = $2::timestamptz - interval '37 hours'
		WHERE clinic_id = $1`,
	glance.KindUnexplained: `INSERT INTO certificates (clinic_id, id, from_day, to_day, read,
		  equal, repaired, unexplained, ended_at)
		VALUES ($1, gen_random_uuid(), '2026-11-20', '2026-11-22', 2, 1, 0, 1, $2::timestamptz - interval '7 hours')`,
	glance.KindWorkItem: `INSERT INTO work_items (clinic_id, id, kind, subject, amount,
		  payment, detail, opened_at, updated_at)
		VALUES ($1, gen_random_uuid(), 'unexpected_money', 'pay_1', 500, '', '', $2, $2)`,
	glance.KindFlag: `INSERT INTO checkouts (clinic_id, id, asaas_id, status, asaas_status, total,
		  state, version, created_at, updated_at)
		VALUES ($1, gen_random_uuid(), 'chk', 'active', 'ACTIVE', 700, '{"ID":"chk","Flags":["amounts"]}', 1, $2, $2)`,
	glance.KindDeadline: `INSERT INTO deadlines (clinic_id, id, kind, subject, due_at, amount, count,
		  actor, action, ends, opened_at, updated_at)
		VALUES ($1, gen_random_uuid(), 'advance_overdue', 'ant_1', $2, 500, 1, 'clinic',
		  'add_balance', 'advance_debited', $2, $2)`,
	glance.KindAgendaUnknown: `UPDATE agenda_rounds SET at = $2::timestamptz - interval '4 hours' WHERE clinic_id = $1`,
	glance.KindEventsWaiting: `INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id,
		  type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
		SELECT $1, 1, 1, 1, gen_random_uuid(), $2::timestamptz - interval '2 minutes', 'e', 'PAYMENT_CREATED', 'payment',
		  'pay_1', '', 'received', '', '', '\x00';
		INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
		SELECT clinic_id, environment, seq, id_hash, received_at FROM events`,
	glance.KindEventsFailed: `INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id,
		  type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
		SELECT $1, 1, 1, 1, gen_random_uuid(), $2::timestamptz - interval '2 minutes', 'e', 'PAYMENT_CREATED',
		  'payment', 'pay_1', '', 'dead', '', '', '\x00';
		INSERT INTO due (clinic_id, environment, seq, id_hash, next_at, tries)
		SELECT clinic_id, environment, seq, id_hash, 'infinity', 9 FROM events`,
	glance.KindUnconfirmed: "",
	glance.KindNotAtAsaas:  "",
	glance.KindDispute:     "", // invoices
}

// conditionsOf returns the kinds of what a glance says, and whether all is well.
func conditionsOf(r *reader) (kinds []string, well bool) {
	body := r.ok("/glance").body
	for _, c := range body["conditions"].([]any) {
		kinds = append(kinds, c.(map[string]any)["kind"].(string))
	}
	return kinds, body["allWell"].(bool)
}

// Each condition of the rule stands in the tables in some form: planted there alone, it is told, and
// nothing is well any more.
func TestEachConditionInTheTablesIsToldByTheGlance(t *testing.T) {
	w := newReadWorld(t)
	for _, kind := range glance.Kind("").Values() {
		c := glanced(t, w, string(kind))
		r := w.as(t, c, auth.RoleAdmin)
		kinds, well := conditionsOf(r)
		require.Empty(t, kinds, kind)
		require.True(t, well)
		sql, known := unwell[kind]
		require.True(t, known, "%s is planted nowhere", kind)
		switch kind {
		case glance.KindUnconfirmed:
			w.exec(t, plantedInvoice, c.ID, "received", "webhook", nil, w.now)
		case glance.KindNotAtAsaas:
			w.exec(t, plantedInvoice, c.ID, "not_at_asaas", "webhook", `["not_found_at_asaas"]`, w.now)
		case glance.KindDispute:
			w.exec(t, plantedInvoice, c.ID, "disputed", "api", nil, w.now)
		default:
			for part := range strings.SplitSeq(sql, ";") {
				args := []any{c.ID, w.now}
				w.exec(t, part, args[:strings.Count(part, "$1")+strings.Count(part, "$2")-max(0, strings.Count(part, "$2")-1)]...)
			}
		}
		kinds, well = conditionsOf(r)
		require.Equal(t, []string{string(kind)}, kinds)
		require.False(t, well, kind)
	}
}

func TestAGlanceTakesAtMostTwelveStatements(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	w.exec(t, plantedInvoice, c.ID, "received", "api", nil, w.now)
	took := countedReads(t, w, c)("/glance")
	t.Logf("%d statements, %d of them of any request", took, frame)
	require.LessOrEqual(t, took, int64(12+frame))
	require.Greater(t, took, int64(frame), "the counter counts")
}

func TestAReadersGlanceNamesNoPayer(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	w.exec(t, plantedInvoice, c.ID, "received", "api", nil, w.now)
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		_, err := payers.KeepPayers(tx, w.vault, []payers.Payer{{ID: "cus_1", Name: "Maria Tutora"}}, w.now)
		return err
	}))
	receipt := func(role string) map[string]any {
		return w.as(t, c, role).ok("/glance").body["receipts"].([]any)[0].(map[string]any)
	}
	require.Equal(t, "Maria Tutora", receipt(auth.RoleAdmin)["customerName"])
	require.Nil(t, receipt(auth.RoleReader)["customerName"])
	require.NotContains(t, w.as(t, c, auth.RoleReader).ok("/glance").text, "Maria")
}

func TestAGlanceShowsNoZeroThatNobodyKnows(t *testing.T) {
	w := newReadWorld(t)
	c, _, err := w.api.AddClinic(t.Context(), tenants.Clinic{Name: "Nova", ExternalID: "Nova"}, w.vault, w.now)
	require.NoError(t, err)
	body := w.as(t, c, auth.RoleAdmin).ok("/glance").body
	require.Nil(t, body["balances"], "the ledger is not opened")
	require.Nil(t, body["asOf"], "nothing ever came")
	require.Equal(t, "disconnected", body["connection"])
	require.Equal(t, false, body["allWell"])
	check := body["balanceCheck"].(map[string]any)
	require.Equal(t, "never", check["state"])
	require.Nil(t, check["difference"])
}

func TestAGlanceSumsWhatIsOnItsWayAndWhatCame(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	w.exec(t, plantedInvoice, c.ID, "confirmed", "api", nil, w.now)
	w.exec(t, plantedInvoice, c.ID, "received", "api", nil, w.now)
	w.exec(t, plantedInvoice, c.ID, "overdue", "api", nil, w.now)
	w.exec(t, plantedInvoice, c.ID, "not_at_asaas", "webhook", nil, w.now)
	body := w.as(t, c, auth.RoleAdmin).ok("/glance").body
	cents := func(v any) int { return int(v.(map[string]any)["amountCents"].(float64)) }
	release := body["balances"].(map[string]any)["release"].(map[string]any)
	require.Equal(t, 12891, cents(release["total"]), "net, of what is paid and not credited")
	week := release["weeks"].([]any)[0].(map[string]any)
	require.Equal(t, "2026-11-22", week["from"], "a Sunday")
	require.Equal(t, "2026-11-28", week["to"])
	received := body["received"].(map[string]any)
	require.Equal(
		t,
		2*12990,
		cents(received["thisMonth"].(map[string]any)["value"]),
		"what Asaas does not know is in no sum",
	)
	require.EqualValues(t, 2, received["today"].(map[string]any)["count"])
	require.Equal(t, 12990, cents(body["overdue"].(map[string]any)["value"]))
	require.Len(t, body["receipts"], 2)
	require.Equal(t, w.now.In(asaas.SaoPaulo).Format(time.DateOnly), body["today"])
}

func TestAGlanceNeedsTheScopeOfEachThingThatItTells(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	for _, scopes := range [][]string{{"ledger:read"}, {"ledger:read", "invoices:read", "connection:read"}} {
		r := &reader{t, w, "/v1/tenants/" + c.PublicID.Public("ten"), w.token(t, &c, auth.RoleService, scopes...)}
		require.Equal(t, http.StatusForbidden, r.get("/glance").status, scopes)
	}
}
