package v1_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants"
)

// planted are faults of a fleet; each is planted in a clinic that has its name, or in none ("unclaimed").
var planted = map[string]string{
	"paused queue": `UPDATE connections SET state = 'paused', loss_at = $2::timestamptz + interval '6 days'
		WHERE clinic_id = $1`,
	"loss countdown": `UPDATE connections SET state = 'attention', loss_at = $2::timestamptz + interval '3 hours'
		WHERE clinic_id = $1`,
	"refused key": `UPDATE connections SET state = 'key_refused'
		WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	"silent clinic": `UPDATE connections SET state = 'silent' WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	"dead letters": `UPDATE due SET next_at = 'infinity', last_error = 'poison', tries = 5
		WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	"waiting event": `UPDATE due SET tries = tries WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL`,
	"quarantine": `INSERT INTO quarantined (clinic_id, environment, seq, id_hash, entity_id)
		SELECT $1, 2, 1, gen_random_uuid(), 'pay_1' WHERE $2::timestamptz IS NOT NULL`,
	"paused endpoint": `INSERT INTO endpoints (clinic_id, endpoint_id, url, payload, personal, secrets, state,
		  state_since, place_seq, next_at, turn_at, created_by, created_at)
		VALUES ($1, gen_random_uuid(), 'https://example.com', 'thin', false, '\x01', 'paused', $2, 0, $2, $2, 'x', $2)`,
	"stuck operation": `INSERT INTO operations (clinic_id, id, kind, state, steps, created_at, updated_at)
		VALUES ($1, gen_random_uuid(), 'export', 'running', '[]', $2::timestamptz - interval '3 hours',
		  $2::timestamptz - interval '2 hours')`,
	"unsent mail": `INSERT INTO mails (clinic_id, kind, incident, phase, subject, body, created_at, next_at, tries)
		VALUES ($1, 'silent', $2, 'opened', 'x', 'x', $2, $2, 4)`,
	"comparison fails": `INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action)
		VALUES ($1, 'differences', $2, $2, 'x')`,
}

// TestTwelvePlantedFaultsAmongTwoHundredClinicsAreFoundInTwelveReads follows the links of the console's first page,
// each of which is a number that is not zero, to the rows behind it. What a page reads is one request here.
func TestTwelvePlantedFaultsAmongTwoHundredClinicsAreFoundInTwelveReads(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	w.exec(t, `WITH made AS (INSERT INTO clinics (public_id, name, state_since, created_at, updated_at)
		SELECT gen_random_uuid(), 'Calma ' || n, $1, $1, $1 FROM generate_series(1, 189) n RETURNING clinic_id)
		INSERT INTO connections (clinic_id, public_id, environment, state, since, updated_at)
		SELECT clinic_id, gen_random_uuid(), 2, 'active', $1, $1 FROM made`, w.now)
	at := map[string]tenants.Clinic{}
	for name := range planted {
		at[name] = w.clinic(t, name)
		if name == "dead letters" || name == "waiting event" {
			w.store(t, at[name], samples.Event("payment_received_pix.real"))
		}
		w.exec(t, planted[name], at[name].ID, w.now)
	}
	w.exec(t, `UPDATE events SET outcome = 'dead' WHERE clinic_id = $1`, at["dead letters"].ID)
	w.exec(
		t,
		`INSERT INTO strays (account_id, body_hash, received_at, type, kind, entity_id, source_ip, sealed)
		VALUES ('a', '\x01', $1, 'PAYMENT_RECEIVED', 'payment', 'pay_1', '203.0.113.7', '\x02')`,
		w.now,
	)
	w.now = w.now.Add(time.Minute)
	w.countFleet(t)

	r := w.console(t)
	reads, found := 0, map[string]bool{}
	read := func(path string) reply {
		reads++
		a := r.ok(path)
		if path == "/overview" {
			return a
		}
		require.LessOrEqual(t, len(a.data()), 3, "a link that leads to many rows finds nothing: %s", path)
		for _, row := range a.data() {
			for _, member := range []string{"name", "tenantName"} {
				if name, is := row[member].(string); is {
					found[name] = true
				}
			}
			if row["source"] != nil {
				found["unclaimed"] = true
			}
		}
		return a
	}
	o := read("/overview").body
	counts := o["counts"].(map[string]any)
	links := []struct {
		number any
		path   string
	}{
		{o["losing"], "/fleet?concern=loss"},
		{o["waiting"], "/fleet?concern=waiting"},
		{counts["deadEvents"], "/fleet?concern=dead"},
		{counts["quarantinedEvents"], "/fleet?concern=quarantined"},
		{counts["troubledEndpoints"], "/fleet?concern=endpoints"},
		{counts["unsentMails"], "/fleet?concern=mails"},
		{counts["openAlarms"], "/alarms?state=open"},
		{counts["runningOperations"], "/operations?state=running"},
		{o["unclaimedDeliveries"], "/unclaimed"},
	}
	for _, link := range links {
		require.NotZero(t, link.number, link.path)
		read(link.path)
	}
	for _, c := range o["connections"].([]any) {
		if state := c.(map[string]any)["connection"].(string); state == "key_refused" || state == "silent" {
			read("/fleet?connection=" + state) // the loss shows those that are paused
		}
	}
	for name := range planted {
		require.True(t, found[name], "%s was not found", name)
	}
	require.True(t, found["unclaimed"])
	require.Len(t, found, 12, "and nothing else")
	require.LessOrEqual(t, reads, 12)
}
