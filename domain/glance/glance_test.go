package glance_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/domain/glance"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// well is a clinic of which everything is known and right.
func well() glance.Facts {
	return glance.Facts{
		Now: now, ClinicState: "active", ClinicSince: now.Add(-900 * time.Hour),
		Connection: domain.ConnectionActive, ConnectionSince: now.Add(-900 * time.Hour),
		CheckedAt:  now.Add(-20 * time.Minute),
		Checks:     []glance.Check{{Name: "queue", Status: "ok"}, {Name: "key_accepted", Status: "ok"}},
		LedgerFrom: "2026-10-01", ReportAt: now.Add(-9 * time.Hour),
		Balance:  glance.BalanceComparison{Gateway: 31000, Ledger: 31000, CheckedAt: now.Add(-9 * time.Hour)},
		AgendaAt: now.Add(-time.Hour),
	}
}

func one(subject string) []glance.Pile {
	return []glance.Pile{
		{
			Subject:  subject,
			Count:    2,
			Amount:   domain.Some(domain.Money(500)),
			Since:    now.Add(-time.Hour),
			Deadline: "2026-11-30",
		},
	}
}

// planted is what makes each kind of condition true, alone.
var planted = map[glance.Kind]func(*glance.Facts){
	glance.KindClinic:        func(f *glance.Facts) { f.ClinicState = "suspended" },
	glance.KindConnection:    func(f *glance.Facts) { f.Connection = domain.ConnectionPaused },
	glance.KindCheck:         func(f *glance.Facts) { f.Checks[0].Status = "failed" },
	glance.KindUnchecked:     func(f *glance.Facts) { f.Checks[0].Status = "unknown" },
	glance.KindAlarm:         func(f *glance.Facts) { f.Alarms = one("forged_or_contradicted") },
	glance.KindUnopened:      func(f *glance.Facts) { f.LedgerFrom = "" },
	glance.KindDifference:    func(f *glance.Facts) { f.Balance.Gateway++ },
	glance.KindNotCompared:   func(f *glance.Facts) { f.Balance.CheckedAt = now.Add(-36*time.Hour - time.Second) },
	glance.KindUnexplained:   func(f *glance.Facts) { f.Unexplained = 1 },
	glance.KindWorkItem:      func(f *glance.Facts) { f.WorkItems = one("unexpected_money") },
	glance.KindFlag:          func(f *glance.Facts) { f.Flags = one("contradiction") },
	glance.KindUnconfirmed:   func(f *glance.Facts) { f.Unconfirmed = one("webhook") },
	glance.KindNotAtAsaas:    func(f *glance.Facts) { f.NotAtAsaas = one("")[0] },
	glance.KindDispute:       func(f *glance.Facts) { f.Disputes = one("")[0] },
	glance.KindDeadline:      func(f *glance.Facts) { f.Deadlines = one("advance_overdue") },
	glance.KindAgendaUnknown: func(f *glance.Facts) { f.AgendaAt = now.Add(-3*time.Hour - time.Second) },
	glance.KindEventsWaiting: func(f *glance.Facts) { f.WaitingSince = now.Add(-61 * time.Second) },
	glance.KindEventsFailed:  func(f *glance.Facts) { f.EventsFailed = one("")[0] },
}

func TestEachConditionAloneSpeaksAgainstAllBeingWell(t *testing.T) {
	f := well()
	require.Empty(t, f.Conditions(), "a clinic of which everything is known and right")
	require.Len(t, planted, len(glance.Kind("").Values()), "every kind is planted")
	for _, kind := range glance.Kind("").Values() {
		f := well()
		planted[kind](&f)
		found := f.Conditions()
		require.Len(t, found, 1, kind)
		require.Equal(t, kind, found[0].Kind)
		require.NotEmpty(t, found[0].Action, kind)
		require.Positive(t, found[0].Count, kind)
	}
	empty := glance.Facts{Now: now}
	require.NotEmpty(t, empty.Conditions(), "what is unknown is never well")
}

func TestAConditionTellsAmountDeadlineAndSince(t *testing.T) {
	f := well()
	f.Disputes = one("")[0]
	require.Equal(t, []glance.Condition{{
		Kind: glance.KindDispute, Count: 2, Amount: domain.Some(domain.Money(500)), Since: now.Add(-time.Hour),
		Deadline: "2026-11-30", Action: glance.ActionAnswerDispute,
	}}, f.Conditions())
	f = well()
	f.Connection, f.LossOn = domain.ConnectionPaused, "2026-12-06"
	require.Equal(t, domain.Day("2026-12-06"), f.Conditions()[0].Deadline, "when events are lost")
	f = well()
	f.Balance.Gateway -= 700
	require.Equal(t, domain.Some(domain.Money(-700)), f.Conditions()[0].Amount)
}

// constants returns the values of the string constants of a file of the domain whose names begin so.
func constants(t *testing.T, file, prefix string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if is && strings.HasPrefix(spec.Names[0].Name, prefix) && len(spec.Values) == 1 {
			if lit, text := spec.Values[0].(*ast.BasicLit); text {
				value, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				values = append(values, value)
			}
		}
		return true
	})
	require.NotEmpty(t, values, "%s has no %s…", file, prefix)
	return values
}

// enumerated returns the values that the contract lists for an attribute.
func enumerated(t *testing.T, schema, attribute string) []string {
	t.Helper()
	raw, err := os.ReadFile("../../api/v1/openapi.json")
	require.NoError(t, err)
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &doc))
	list := doc.Components.Schemas[schema].Properties[attribute].Enum
	require.NotEmpty(t, list, "%s.%s", schema, attribute)
	return list
}

// plant is something that the code's own tables, which know nothing of a glance, say may stand.
type plant struct {
	name string
	in   func(*glance.Facts)
}

func everythingThatMayStand(t *testing.T) (list []plant) {
	t.Helper()
	add := func(name string, in func(*glance.Facts)) { list = append(list, plant{name, in}) }
	for _, k := range domain.AlarmKinds() {
		add("alarm:"+string(k), func(f *glance.Facts) { f.Alarms = one(string(k)) })
	}
	for _, s := range domain.ConnectionState("").Values() {
		add("connection:"+string(s), func(f *glance.Facts) { f.Connection = s })
	}
	for _, k := range domain.ConcernKinds() {
		add("work_item:"+k, func(f *glance.Facts) { f.WorkItems = one(k) })
	}
	for _, k := range agenda.Kind("").Values() {
		add("deadline:"+string(k), func(f *glance.Facts) { f.Deadlines = one(string(k)) })
	}
	for _, code := range append(constants(t, "../anomaly.go", "Anomaly"), domain.FlagNotFound) {
		add("flag:"+code, func(f *glance.Facts) { f.Flags = one(code) })
	}
	for _, who := range constants(t, "../projection.go", "ConfirmedBy") {
		add("unconfirmed:"+who, func(f *glance.Facts) { f.Unconfirmed = one(who) })
	}
	for _, name := range enumerated(t, "CheckView", "name") {
		for _, status := range enumerated(t, "CheckView", "status") {
			kind := map[string]string{"unknown": "unchecked:"}[status]
			if kind == "" {
				kind = "check:"
			}
			if status != "ok" {
				add(kind+name, func(f *glance.Facts) { f.Checks = []glance.Check{{Name: name, Status: status, Since: now}} })
			}
		}
	}
	return list
}

// The list is seeded from outside: what is neither a condition nor excused, by name and with a
// reason, fails here; and so does an excuse that excuses nothing.
func TestWhateverMayStandIsAConditionOrExcused(t *testing.T) {
	excused := glance.SilentConditions()
	require.LessOrEqual(t, len(excused), 10)
	used := map[glance.Kind]bool{}
	for _, p := range everythingThatMayStand(t) {
		f := well()
		p.in(&f)
		found := f.Conditions()
		if excused[glance.Kind(p.name)] != "" {
			used[glance.Kind(p.name)] = true
			require.Empty(t, found, "%s is excused", p.name)
			continue
		}
		require.NotEmpty(t, found, "%s stands, and all is well", p.name)
		for _, c := range found {
			require.Contains(t, glance.Action("").Values(), c.Action, p.name)
		}
	}
	require.Len(t, used, len(excused), "an excuse for what does not exist: %v", excused)
}

func TestAnIncidentIsToldOnce(t *testing.T) {
	f := well()
	f.Connection, f.Alarms = domain.ConnectionPaused, one("paused")
	f.Checks[0].Status = "failed"
	require.Len(t, f.Conditions(), 1, "the state, its alarm and its check are one incident")
	f = well()
	f.Connection, f.ConnectionReason = domain.ConnectionAttention, "webhook_settings"
	f.Checks = []glance.Check{{Name: "webhook_settings", Status: "warning", Action: "ensure_webhook"}}
	require.Equal(t, glance.ActionEnsureWebhook, f.Conditions()[0].Action)
	require.Len(t, f.Conditions(), 1, "what asks for attention says so itself")
	f = well()
	f.Disputes, f.Deadlines, f.WorkItems = one("")[0], append(
		one("dispute_deadline"),
		one("work_item_old")...), one(
		"conflict",
	)
	require.Len(t, f.Conditions(), 2, "a dispute and a work item are in the agenda too")
	f = glance.Facts{Now: now, ClinicState: "active"}
	require.Len(t, f.Conditions(), 1, "a clinic that never connected is told that, and no more")
	require.Equal(t, glance.ActionConnect, f.Conditions()[0].Action)
}

func TestABalanceIsEqualOnlyWhenItWasComparedLatelyAndWholly(t *testing.T) {
	for want, change := range map[glance.BalanceState]func(*glance.Facts){
		glance.BalanceEqual: func(*glance.Facts) {},
		glance.BalanceNever: func(f *glance.Facts) { f.Balance = glance.BalanceComparison{} },
		glance.BalanceStale: planted[glance.KindNotCompared],
		// objects alone, and it is over
		glance.BalancePartial:   func(f *glance.Facts) { f.ReportAt = now.Add(-16 * time.Minute) },
		glance.BalanceDifferent: func(f *glance.Facts) { f.Balance.Gateway, f.Balance.CheckedAt = 1, now.Add(-99*time.Hour) },
	} {
		f := well()
		change(&f)
		require.Equal(t, want, f.BalanceState())
		require.Equal(t, want == glance.BalanceEqual, len(f.Conditions()) == 0, want)
	}
	require.Len(t, slices.Compact(glance.BalanceState("").Values()), 5)
}

func TestNumbersAreKnownUpToWhenEventsStoppedComingOrBeingApplied(t *testing.T) {
	f := well()
	require.Equal(t, now, f.AsOf())
	f.WaitingSince = now.Add(-5 * time.Second)
	require.Equal(t, f.WaitingSince, f.AsOf())
	f = well()
	f.Connection, f.ConnectionSince = domain.ConnectionPaused, now.Add(-3*time.Hour)
	require.Equal(t, now.Add(-3*time.Hour), f.AsOf(), "nothing came since the queue was paused")
	f.Balance.CheckedAt = now.Add(-time.Hour)
	require.Equal(t, now.Add(-time.Hour), f.AsOf(), "and a comparison has seen what did not come")
	f = well()
	f.ClinicState, f.ClinicSince = "suspended", now.Add(-2*time.Hour)
	require.Equal(t, now.Add(-2*time.Hour), f.AsOf(), "events of a suspended clinic are not applied")
}
