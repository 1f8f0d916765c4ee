package fleet

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// ActionKind is what is done to many clinics at once.
type ActionKind string

// The kinds of actions.
const (
	CheckConnection ActionKind = "check_connection" // one health check
	ReactivateQueue ActionKind = "reactivate_queue" // of a queue that stands still at the gateway
	ReplayDead      ActionKind = "replay_dead"      // events whose applying was given up
	RepairWebhook   ActionKind = "repair_webhook"   // our configuration at the gateway
)

// ActionMost is how many clinics one action may have.
const ActionMost = 500

// PreviewLife is how long after its preview an action may be begun: an older set is no longer what people see.
const PreviewLife = 30 * time.Minute

const previewKept = 24 * time.Hour // of one that was never begun

// Action is something that is done to a frozen set of clinics, one after the other.
type Action struct {
	ID                            domain.UUID // `act_…` outside
	Kind                          ActionKind
	State                         string // preview, running, stopped, done; failed: its operation ended badly
	Reason                        string // "" before it is begun
	Actor, Role, Source           string
	CreatedAt, StartedAt, EndedAt time.Time // UTC; zero: not yet
	Tally
}

// Tally is how many clinics of an action are in each state.
type Tally struct {
	Clinics, Waiting, Skipped, Running, Done, Failed, Left int
}

// Item is one clinic of an action.
type Item struct {
	ClinicID domain.ClinicID
	Clinic   domain.UUID // `ten_…` outside
	Name     string
	State    string    // waiting, skipped, running, done, failed, left
	Code     string    // why it was skipped or failed; "" neither
	Events   []string  // of ReplayDead, `rev_…`
	EndedAt  time.Time // UTC; zero: not yet
}

// Skipped returns why an action of the kind has nothing to do in a clinic, "" when it has: disconnected, suspended,
// queue_runs or nothing_dead.
func (k ActionKind) Skipped(c Clinic) string {
	switch {
	case c.State != "active":
		return "suspended"
	case k == ReplayDead && c.Dead == 0:
		return "nothing_dead"
	case k == ReplayDead:
		return ""
	case c.Connection == string(domain.ConnectionDisconnected):
		return "disconnected"
	case k == ReactivateQueue && c.Connection != string(domain.ConnectionPaused):
		return "queue_runs"
	}
	return ""
}

// CreateAction stores a preview with its clinics in their order, in Platform, and drops previews that nobody began for
// a day.
func CreateAction(tx *tenants.Tx, a Action, items []Item) error {
	return tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(), `DELETE FROM fleet_actions WHERE state = 'preview' AND created_at < $1`,
			a.CreatedAt.Add(-previewKept),
		)
		if err == nil {
			_, err = c.Exec(tx.Context(), `INSERT INTO fleet_actions (id, kind, state, actor, role, source, created_at)
				VALUES ($1, $2, 'preview', $3, $4, $5, $6)`, a.ID, string(a.Kind), a.Actor, a.Role, a.Source, a.CreatedAt)
		}
		if err != nil {
			return tenants.Translate(err, "action")
		}
		frozen := make([]frozenItem, len(items))
		for i, it := range items {
			frozen[i] = frozenItem{
				it.ClinicID, i + 1, hex.EncodeToString(it.Clinic[:]), it.Name, it.State, it.Code, append([]string{}, it.Events...),
			}
		}
		rows, err := json.Marshal(frozen)
		if err == nil {
			_, err = c.Exec(tx.Context(), `INSERT INTO fleet_action_items
				(clinic_id, action_id, no, public_id, name, state, code, events)
				SELECT r.clinic, $1, r.no, r.id, r.name, r.state, r.code, r.events FROM jsonb_to_recordset($2::text::jsonb)
				r (clinic integer, no integer, id uuid, name text, state text, code text, events text[])`, a.ID, string(rows))
		}
		return tenants.Translate(err, "action")
	})
}

// frozenItem is an item on its way into the table: one statement takes them all.
type frozenItem struct {
	Clinic domain.ClinicID `json:"clinic"`
	No     int             `json:"no"`
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	State  string          `json:"state"`
	Code   string          `json:"code"`
	Events []string        `json:"events"`
}

const actionColumns = `a.id, a.kind,
	CASE WHEN a.state = 'running' AND o.state = 'failed' THEN 'failed' ELSE a.state END,
	a.reason, a.actor, a.role, a.source, a.created_at, a.started_at, a.ended_at, t.clinics, t.waiting, t.skipped,
	t.running, t.done, t.failed, t.left_over
	FROM fleet_actions a LEFT JOIN operations o ON o.clinic_id = 0 AND o.id = a.id, LATERAL (SELECT count(*) AS clinics,
		count(*) FILTER (WHERE i.state = 'waiting') AS waiting, count(*) FILTER (WHERE i.state = 'skipped') AS skipped,
		count(*) FILTER (WHERE i.state = 'running') AS running, count(*) FILTER (WHERE i.state = 'done') AS done,
		count(*) FILTER (WHERE i.state = 'failed') AS failed, count(*) FILTER (WHERE i.state = 'left') AS left_over
		FROM fleet_action_items i WHERE i.action_id = a.id) t`

func scanAction(row pgx.CollectableRow) (a Action, err error) {
	var started, ended *time.Time
	err = row.Scan(
		&a.ID, &a.Kind, &a.State, &a.Reason, &a.Actor, &a.Role, &a.Source, &a.CreatedAt, &started, &ended, &a.Clinics,
		&a.Waiting, &a.Skipped, &a.Running, &a.Done, &a.Failed, &a.Left,
	)
	a.CreatedAt, a.StartedAt, a.EndedAt = a.CreatedAt.UTC(), tenants.OrZero(started), tenants.OrZero(ended)
	return a, err
}

// Actions returns the newest actions, at most so many, in Platform.
func Actions(tx *tenants.Tx, most int) (list []Action, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT `+actionColumns+` ORDER BY a.id DESC LIMIT $1`, most)
		if err == nil {
			list, err = pgx.CollectRows(rows, scanAction)
		}
		return err
	})
	return list, tenants.Translate(err, "actions")
}

// ReadAction returns an action with its clinics in their order, in Platform. It fails with NotFound.
func ReadAction(tx *tenants.Tx, id domain.UUID) (a Action, items []Item, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT `+actionColumns+` WHERE a.id = $1`, id)
		if err == nil {
			a, err = pgx.CollectExactlyOneRow(rows, scanAction)
		}
		if err == nil {
			rows, err = c.Query(tx.Context(), `SELECT `+itemColumns+` WHERE i.action_id = $1 ORDER BY i.no`, id)
		}
		if err == nil {
			items, err = pgx.CollectRows(rows, scanItem)
		}
		return err
	})
	return a, items, tenants.Translate(err, "action")
}

const itemColumns = `i.clinic_id, i.public_id, i.name, i.state, i.code, i.events, i.ended_at FROM fleet_action_items i`

func scanItem(row pgx.CollectableRow) (i Item, err error) {
	var ended *time.Time
	err = row.Scan(&i.ClinicID, &i.Clinic, &i.Name, &i.State, &i.Code, &i.Events, &ended)
	i.EndedAt = tenants.OrZero(ended)
	return i, err
}

// Begin makes a preview run, in Platform, for who began it. It fails with NotFound, and with Conflict when it was begun
// before, when its preview is too old, and while another action runs.
func Begin(tx *tenants.Tx, a Action, now time.Time) error {
	var left int64
	err := tx.Conn(func(c *pgx.Conn) error {
		done, err := c.Exec(
			tx.Context(), `UPDATE fleet_actions SET state = 'running', reason = $2, actor = $3, role = $4, source = $5,
			started_at = $6 WHERE id = $1 AND state = 'preview' AND created_at > $7`,
			a.ID, a.Reason, a.Actor, a.Role, a.Source, now, now.Add(-PreviewLife),
		)
		left = done.RowsAffected()
		return err
	})
	if err != nil {
		return tenants.Translate(err, "action")
	}
	if left == 0 {
		if _, _, err := ReadAction(tx, a.ID); err != nil {
			return err
		}
		return domain.Errorf(domain.Conflict, "action")
	}
	return tx.StartOperation(tenants.Operation{ID: a.ID, Kind: domain.OperationFleetAction, CreatedAt: now})
}

// Stop leaves alone every clinic of the action that is not begun, in Platform: at most the one that is under way is
// still done. It fails with NotFound; an action that has ended stays as it is.
func Stop(tx *tenants.Tx, id domain.UUID, now time.Time) error {
	a, _, err := ReadAction(tx, id)
	if err != nil || a.State != "running" && a.State != "failed" {
		return err
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(), `UPDATE fleet_action_items SET state = 'left' WHERE action_id = $1 AND state = 'waiting'`, id,
		)
		if err == nil {
			_, err = c.Exec(
				tx.Context(), `UPDATE fleet_actions SET state = 'stopped', ended_at = $2 WHERE id = $1 AND state = 'running'`,
				id, now,
			)
		}
		return err
	}), "action")
}

// Next returns the clinic that comes next, in Platform: one that a process which ended had begun, else the first that
// waits; nil: none is left.
func Next(tx *tenants.Tx, id domain.UUID) (next *Item, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT `+itemColumns+` WHERE i.action_id = $1 AND i.state IN ('running', 'waiting')
			ORDER BY i.state, i.no LIMIT 1`, id,
		)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, scanItem)
		if len(list) > 0 {
			next = &list[0]
		}
		return err
	})
	return next, tenants.Translate(err, "action")
}

// Take begins the work on the transaction's clinic and tells whether it did: false when the action was stopped.
func Take(tx *tenants.Tx, id domain.UUID) (taken bool, err error) {
	done := tx.Gorm().Exec(
		`UPDATE fleet_action_items SET state = 'running' WHERE clinic_id = $1 AND action_id = $2 AND state = 'waiting'`,
		tx.Clinic(), tenants.DBUUID(id),
	)
	return done.RowsAffected > 0, tenants.Translate(done.Error, "action")
}

// EndItem notes what became of a clinic, in Platform: done without a code, failed with one.
func EndItem(tx *tenants.Tx, id domain.UUID, clinic domain.ClinicID, code string, now time.Time) error {
	return tenants.Translate(tx.Gorm().Exec(
		`UPDATE fleet_action_items SET state = CASE WHEN $3 = '' THEN 'done' ELSE 'failed' END, code = $3, ended_at = $4
		WHERE clinic_id = $1 AND action_id = $2 AND state = 'running'`, clinic, tenants.DBUUID(id), code, now,
	).Error, "action")
}

// End notes that no clinic is left, in Platform, unless the action was stopped.
func End(tx *tenants.Tx, id domain.UUID, now time.Time) error {
	return tenants.Translate(tx.Gorm().Exec(
		`UPDATE fleet_actions SET state = 'done', ended_at = $2 WHERE id = $1 AND state = 'running'`, tenants.DBUUID(id), now,
	).Error, "action")
}
