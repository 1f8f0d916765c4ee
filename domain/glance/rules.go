package glance

import (
	"maps"
	"slices"

	"patapay/domain"
	"patapay/domain/agenda"
)

// conditionRule finds the conditions of one kind.
type conditionRule struct {
	kind Kind
	find func(*Facts) []Condition
}

// conditionRules is the whole rule of what speaks against all being well. What a rule finds is a
// condition whatever its subject, so that a subject nobody has thought of is one too.
var conditionRules = []conditionRule{
	{KindClinic, func(f *Facts) []Condition {
		return when(f.ClinicState != clinicActive, Condition{Subject: f.ClinicState, Since: f.ClinicSince})
	}},
	{KindConnection, func(f *Facts) []Condition {
		state := f.Connection
		if state == "" {
			state = domain.ConnectionDisconnected
		}
		if state == domain.ConnectionAttention && slices.ContainsFunc(badChecks(f), f.isReason) {
			return nil // the check says what for
		}
		return []Condition{{Subject: string(state), Since: f.ConnectionSince, Deadline: f.LossOn}}
	}},
	{KindCheck, badChecks},
	{KindUnchecked, unknownChecks},
	{KindAlarm, func(f *Facts) []Condition { return piles(f.Alarms) }},
	{KindUnopened, func(f *Facts) []Condition { return when(f.LedgerFrom == "", Condition{}) }},
	{KindDifference, func(f *Facts) []Condition {
		return when(f.BalanceState() == BalanceDifferent,
			Condition{Since: f.Balance.CheckedAt, Amount: domain.Some(f.Balance.Difference())})
	}},
	{KindNotCompared, func(f *Facts) []Condition {
		state := f.BalanceState()
		return when(state == BalanceNever || state == BalanceStale || state == BalancePartial,
			Condition{Subject: string(state), Since: f.Balance.CheckedAt})
	}},
	{KindUnexplained, func(f *Facts) []Condition {
		return when(f.Unexplained > 0, Condition{Since: f.ReportAt, Count: f.Unexplained})
	}},
	{KindWorkItem, func(f *Facts) []Condition { return piles(f.WorkItems) }},
	{KindFlag, func(f *Facts) []Condition { return piles(f.Flags) }},
	{KindUnconfirmed, func(f *Facts) []Condition { return piles(f.Unconfirmed) }},
	{KindNotAtAsaas, func(f *Facts) []Condition { return piles([]Pile{f.NotAtAsaas}) }},
	{KindDispute, func(f *Facts) []Condition { return piles([]Pile{f.Disputes}) }},
	{KindDeadline, func(f *Facts) []Condition { return piles(f.Deadlines) }},
	{KindAgendaUnknown, func(f *Facts) []Condition {
		if f.AgendaAt.IsZero() {
			return []Condition{{Subject: "never"}}
		}
		return when(f.Now.Sub(f.AgendaAt) > agendaFor, Condition{Subject: "stale", Since: f.AgendaAt})
	}},
	{KindEventsFailed, func(f *Facts) []Condition { return piles([]Pile{f.EventsFailed}) }},
	{KindEventsWaiting, func(f *Facts) []Condition {
		late := !f.WaitingSince.IsZero() && f.Now.Sub(f.WaitingSince) > appliedIn
		return when(late, Condition{Since: f.WaitingSince})
	}},
}

// silentBecause is what may stand and say nothing: ten at most, each with its reason.
var silentBecause = map[Kind]string{
	"connection:active":         "it is the state in which everything works",
	"unconfirmed:api":           "the gateway's own answer vouches for it",
	"unchecked:key_expiry":      "the gateway tells nobody when a key ends; it warns by an event, which is an alarm",
	"unchecked:silence":         "a young clinic has no habit yet that its silence could be held against",
	"unchecked:penalties":       "the gateway does not tell it to every key; a paused queue is a state of the connection",
	"unchecked:commercial_data": "the gateway does not tell it of every account; what has expired fails the check",
	"unchecked:last_event":      "without an event the connection waits for the first one, which is a state of its own",
	"unchecked:delay":           "without an event nothing can be late",
	"deadline:boleto_expiring":  "a boleto that is due soon is the ordinary course of things; the agenda tells it",
}

// SilentConditions returns what may stand without being a condition, as kind and subject with a
// colon between, and why.
func SilentConditions() map[Kind]string { return maps.Clone(silentBecause) }

// toldBy names, for a condition, those that tell of the same incident better.
var toldBy = map[string][]string{
	"alarm:paused":                {"connection:paused"},
	"alarm:key_refused":           {"connection:key_refused"},
	"alarm:silent":                {"connection:silent"},
	"check:queue":                 {"connection:paused"},
	"check:key_accepted":          {"connection:key_refused"},
	"check:silence":               {"connection:silent"},
	"check:key_expiry":            {"alarm:key_ending", "deadline:key_expiry"},
	"check:commercial_data":       {"alarm:commercial_expired", "deadline:commercial_data"},
	"alarm:key_ending":            {"deadline:key_expiry"},
	"alarm:commercial_expired":    {"deadline:commercial_data"},
	"deadline:dispute_deadline":   {"dispute:"},
	"deadline:dispute_documents":  {"dispute:"},
	"deadline:events_loss":        {"connection:paused"},
	"deadline:work_item_old":      anyWorkItem(),
	"check:withdrawal_validation": {"alarm:withdrawal_validation"},
	"check:processing":            {"alarm:dead_letters", "alarm:received_too_old", "events_failed:", "events_waiting:"},
	"alarm:dead_letters":          {"events_failed:"},
	"alarm:received_too_old":      {"events_waiting:"},
	"alarm:differences":           {"unexplained:"},
	"flag:not_found_at_asaas":     {"not_at_asaas:"},
	"not_compared:never":          {"ledger_unopened:"},
	"agenda_unknown:never":        {"connection:disconnected", "connection:verifying"},
	"ledger_unopened:":            {"connection:disconnected", "connection:verifying"},
}

// anyWorkItem names the conditions of all work items: one of them counts an old item too.
func anyWorkItem() (names []string) {
	for _, kind := range domain.ConcernKinds() {
		names = append(names, string(KindWorkItem)+":"+kind)
	}
	return names
}

// when returns the condition if it is true.
func when(is bool, c Condition) []Condition {
	if !is {
		return nil
	}
	return []Condition{c}
}

// piles returns a condition for each pile that has something on it.
func piles(all []Pile) (list []Condition) {
	for _, p := range all {
		if p.Count > 0 {
			list = append(list, Condition{
				Subject: p.Subject, Since: p.Since, Count: p.Count, Amount: p.Amount, Deadline: p.Deadline,
			})
		}
	}
	return list
}

// badChecks are the health checks that found something.
func badChecks(f *Facts) (list []Condition) {
	if !f.Connection.Connected() {
		return nil
	}
	for _, c := range f.Checks {
		if c.Status != checkOK && c.Status != checkUnknown {
			list = append(list, Condition{Subject: c.Name, Since: c.Since, Action: Action(c.Action)})
		}
	}
	return list
}

// isReason tells whether the connection is in its state because of the check that c is about.
func (f *Facts) isReason(c Condition) bool { return c.Subject == f.ConnectionReason }

// What a health check may say, beside warning and failed.
const (
	checkOK      = "ok"
	checkUnknown = "unknown"
)

// unknownChecks is one condition for each health check that knows nothing, and one for checks that
// are too old to say anything. A key that is refused leaves the other checks unknown: that it is
// refused says it all.
func unknownChecks(f *Facts) (list []Condition) {
	if !f.Connection.Connected() || f.Connection == domain.ConnectionKeyRefused {
		return nil
	}
	switch {
	case f.CheckedAt.IsZero():
		return []Condition{{Subject: "never", Since: f.ConnectionSince}}
	case f.Now.Sub(f.CheckedAt) > checkedFor:
		return []Condition{{Subject: "stale", Since: f.CheckedAt}}
	}
	for _, c := range f.Checks {
		if c.Status == checkUnknown {
			list = append(list, Condition{Subject: c.Name, Since: c.Since, Action: Action(c.Action)})
		}
	}
	return list
}

// Action is the one thing that a person does about a condition.
type Action string

// The actions, by what they are called under /v1. The first nine are those of the health checks.
const (
	ActionReplaceKey       Action = "replace_key"
	ActionEditKey          Action = "edit_key"
	ActionAllowIPs         Action = "allow_ips"
	ActionEnsureWebhook    Action = "ensure_webhook"
	ActionReactivate       Action = "reactivate"
	ActionTest             Action = "test"
	ActionCommercialData   Action = "confirm_commercial_data"
	ActionRemoveWithdrawal Action = "remove_withdrawal_validation"
	ActionSeeEvents        Action = "see_events"
	ActionConnect          Action = "connect"
	ActionSeeHealth        Action = "see_health"
	ActionCompare          Action = "compare"
	ActionDecide           Action = "decide"       // the work items
	ActionSeePayments      Action = "see_payments" // those that the condition is about
	ActionAnswerDispute    Action = "answer_dispute"
	ActionRotateToken      Action = "rotate_token"
	ActionAddBalance       Action = "add_balance"
	ActionSeeAdvance       Action = "see_anticipation"
	ActionWait             Action = "wait" // it ends by itself
	ActionAskSupport       Action = "ask_support"
)

// Values returns every action.
func (Action) Values() []Action {
	return []Action{
		ActionReplaceKey, ActionEditKey, ActionAllowIPs, ActionEnsureWebhook, ActionReactivate, ActionTest,
		ActionCommercialData, ActionRemoveWithdrawal, ActionSeeEvents, ActionConnect, ActionSeeHealth, ActionCompare,
		ActionDecide, ActionSeePayments, ActionAnswerDispute, ActionRotateToken, ActionAddBalance, ActionSeeAdvance,
		ActionWait, ActionAskSupport,
	}
}

// kindActions is what is done about a kind of condition, where its subject has no action of its own.
var kindActions = map[Kind]Action{
	KindClinic:        ActionAskSupport,
	KindConnection:    ActionSeeHealth,
	KindCheck:         ActionWait, // one that asks for nothing ends by itself
	KindUnchecked:     ActionSeeHealth,
	KindAlarm:         ActionSeeHealth,
	KindUnopened:      ActionCompare,
	KindDifference:    ActionCompare,
	KindNotCompared:   ActionCompare,
	KindUnexplained:   ActionSeeHealth,
	KindWorkItem:      ActionDecide,
	KindFlag:          ActionSeePayments,
	KindUnconfirmed:   ActionWait,
	KindNotAtAsaas:    ActionSeePayments,
	KindDispute:       ActionAnswerDispute,
	KindDeadline:      ActionSeePayments,
	KindAgendaUnknown: ActionWait,
	KindEventsWaiting: ActionWait,
	KindEventsFailed:  ActionSeeEvents,
}

// subjectActions is what is done about one subject of a kind, where it is not the kind's.
var subjectActions = map[string]Action{
	"connection:" + string(domain.ConnectionDisconnected): ActionConnect,
	"connection:" + string(domain.ConnectionVerifying):    ActionConnect,
	"connection:" + string(domain.ConnectionAwaiting):     ActionTest,
	"connection:" + string(domain.ConnectionPaused):       ActionReactivate,
	"connection:" + string(domain.ConnectionKeyRefused):   ActionReplaceKey,
	"connection:" + string(domain.ConnectionSilent):       ActionTest,
	"deadline:" + string(agenda.DisputeDeadline):          ActionAnswerDispute,
	"deadline:" + string(agenda.DisputeDocuments):         ActionAnswerDispute,
	"deadline:" + string(agenda.EventsLoss):               ActionReactivate,
	"deadline:" + string(agenda.KeyExpiry):                ActionReplaceKey,
	"deadline:" + string(agenda.KeyUnused):                ActionSeeHealth,
	"deadline:" + string(agenda.CommercialData):           ActionCommercialData,
	"deadline:" + string(agenda.AdvanceUncovered):         ActionAddBalance,
	"deadline:" + string(agenda.AdvanceOverdue):           ActionAddBalance,
	"deadline:" + string(agenda.AdvanceDenied):            ActionSeeAdvance,
	"deadline:" + string(agenda.WorkItemOld):              ActionDecide,
	"alarm:" + string(domain.AlarmPaused):                 ActionReactivate,
	"alarm:" + string(domain.AlarmKeyRefused):             ActionReplaceKey,
	"alarm:" + string(domain.AlarmKeyEnding):              ActionReplaceKey,
	"alarm:" + string(domain.AlarmSilent):                 ActionTest,
	"alarm:" + string(domain.AlarmTokenMissing):           ActionEnsureWebhook,
	"alarm:" + string(domain.AlarmForged):                 ActionRotateToken,
	"alarm:" + string(domain.AlarmWithdrawal):             ActionRemoveWithdrawal,
	"alarm:" + string(domain.AlarmCommercialExpired):      ActionCommercialData,
	"alarm:" + string(domain.AlarmEventVariant):           ActionSeeEvents,
	"alarm:" + string(domain.AlarmCardNumber):             ActionSeeEvents,
	"alarm:" + string(domain.AlarmDeadLetters):            ActionSeeEvents,
	"alarm:" + string(domain.AlarmReceivedTooOld):         ActionWait,
	"alarm:" + string(domain.AlarmBodyTooLarge):           ActionAskSupport,
	"alarm:" + string(domain.AlarmDeliveriesFailing):      ActionAskSupport,
	"alarm:" + string(domain.AlarmSelfCheck):              ActionAskSupport,
	"alarm:" + string(domain.AlarmGatewayShapes):          ActionAskSupport,
	"alarm:" + string(domain.AlarmAgendaFailing):          ActionAskSupport,
}

// actionOf returns the one thing to do: the check's own, the subject's or the kind's.
func actionOf(kind Kind, c Condition) Action {
	if slices.Contains(Action("").Values(), c.Action) {
		return c.Action
	}
	if own, has := subjectActions[string(kind)+":"+c.Subject]; has {
		return own
	}
	return kindActions[kind]
}
