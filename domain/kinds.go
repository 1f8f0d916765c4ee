package domain

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// AlarmKind says what an alarm is about. A new kind is one constant and one row of the table
// below: whatever raises it, mails it, lists it or watches it asks the table.
type AlarmKind string

// The kinds of alarms, by what they are called in the database and under /v1.
const (
	AlarmPaused            AlarmKind = "paused"
	AlarmKeyRefused        AlarmKind = "key_refused"
	AlarmKeyEnding         AlarmKind = "key_ending"
	AlarmSilent            AlarmKind = "silent"
	AlarmDifferences       AlarmKind = "differences"
	AlarmFailing           AlarmKind = "failing"            // as Asaas counts
	AlarmDeliveriesFailing AlarmKind = "deliveries_failing" // as our door counts
	AlarmBodyTooLarge      AlarmKind = "body_too_large"
	AlarmCardNumber        AlarmKind = "card_number"
	AlarmTokenMissing      AlarmKind = "token_missing"
	AlarmEventVariant      AlarmKind = "event_variant"
	AlarmDeadLetters       AlarmKind = "dead_letters"
	AlarmForged            AlarmKind = "forged_or_contradicted"
	AlarmReceivedTooOld    AlarmKind = "received_too_old"
	AlarmSelfCheck         AlarmKind = "self_check"
	AlarmWithdrawal        AlarmKind = "withdrawal_validation"
	AlarmCommercialExpired AlarmKind = "commercial_expired"
	AlarmGatewayShapes     AlarmKind = "gateway_shapes"  // of the platform
	AlarmEndpointPaused    AlarmKind = "endpoint_paused" // of a clinic or of the platform
	AlarmAgendaFailing     AlarmKind = "agenda_failing"  // what must not be missed cannot be made out
	alarmQuarantine        AlarmKind = "quarantine_"     // and the reason
)

// QuarantineAlarm returns the kind of the alarm about an event that was quarantined for a
// reason.
func QuarantineAlarm(reason string) AlarmKind { return alarmQuarantine + AlarmKind(reason) }

// alarmRule is what there is to know of a kind.
type alarmRule struct {
	nextAction string        // what whoever reads the alarm is to do, for operators
	title      string        // the incident in a few words, pt-BR: kinds that have one are mailed to the clinic
	quiet      time.Duration // after which it ends when it was not raised again; 0: what noticed it also sees its end
	outlives   bool          // it is no matter of the connection: a disconnection does not end it
}

const week = 7 * 24 * time.Hour

var alarmRules = map[AlarmKind]alarmRule{
	AlarmPaused: { // it has a date, so the agenda writes to the clinic
		nextAction: "The clinic's queue is paused at Asaas: the connection monitor resumes it once our door answers; " +
			"what waits is dropped after 14 days.",
	},
	AlarmKeyRefused: {
		nextAction: "The clinic must replace its API key; events are stored and folded meanwhile, reads wait.",
		title:      "Chave recusada pelo Asaas",
	},
	AlarmKeyEnding: {
		nextAction: "Asaas said that the clinic's API key ends soon: the clinic must replace it.",
		title:      "Chave vence em breve",
	},
	AlarmSilent: {
		nextAction: "The clinic receives fewer events than it is used to: make the round trip test.",
		title:      "Sem avisos há mais tempo que o normal",
	},
	AlarmDifferences: {
		nextAction: "A comparison with Asaas left differences that no read explained: look at its report.",
		title:      "Diferenças na conferência com o Asaas",
	},
	AlarmFailing: {
		nextAction: "Asaas counts three failed deliveries in a row, or more: at the fifteenth it pauses the queue. " +
			"Look at our door.",
	},
	AlarmDeliveriesFailing: {
		nextAction: "Look at readiness and the log: the gateway pauses this clinic's queue after 15 failures " +
			"in a row.",
		quiet: time.Hour,
	},
	AlarmBodyTooLarge: {
		nextAction: "A delivery above the size limit was refused and holds up the clinic's queue: read its entity by hand.",
		title:      "Aviso grande demais foi recusado",
		quiet:      24 * time.Hour,
	},
	AlarmCardNumber: {
		nextAction: "Somebody typed a full card number into a text at Asaas; " +
			"it was hidden before it was stored. The clinic takes it out there.",
		quiet: week,
	},
	AlarmTokenMissing: {
		nextAction: "Set the webhook's token in the Asaas panel, or let PataPay configure it; until then each " +
			"event costs a read.",
		quiet: week,
	},
	AlarmEventVariant: {
		nextAction: "Compare the bodies kept under one event id; the first stands, and the gateway is asked " +
			"what is true.",
		quiet: week,
	},
	AlarmDeadLetters: {nextAction: "Look at the event's last error; replay it once its cause is mended.", outlives: true},
	AlarmForged: {
		nextAction: "An event told of money that Asaas denies; the state is Asaas's. Look at the entity's events; if " +
			"they were not sent by Asaas, rotate the webhook token.",
		quiet: 4 * week,
	},
	AlarmReceivedTooOld: {
		nextAction: "Look at the worker's log: events of this clinic wait longer than a minute.",
		quiet:      15 * time.Minute,
	},
	AlarmSelfCheck: {
		nextAction: "A self-check of PUBLIC_URL failed: nobody's queue is resumed until our door answers there.",
	},
	AlarmWithdrawal: {
		nextAction: "Asaas asks our webhook to approve a clinic's withdrawals, which it never does, and cancels " +
			"them: the clinic must take our address out of 'Mecanismos de segurança'.",
	},
	AlarmCommercialExpired: {
		nextAction: "The clinic's commercial data at Asaas are not confirmed in time: Asaas blocks the " +
			"account until the clinic confirms them there.",
	},
	AlarmGatewayShapes: {
		nextAction: "Asaas sends events, members, words or forms that no list of ours has (GET /v1/ops/shapes): see what " +
			"its changelog says of them, teach the program or leave it, and close each with a note.",
	},
	AlarmEndpointPaused: {
		nextAction: "An endpoint is paused: it refused an entry for three days, said that it is gone, or what it was to " +
			"get is no longer kept. Look at its deliveries; resume it, or replay from a place.",
		title:    "Envio a sistema conectado parado",
		outlives: true,
	},
	AlarmAgendaFailing: {
		nextAction: "The clinic's agenda could not be made for a quarter of an hour, so a deadline may be missing from it: " +
			"look at the worker's log for the cause.",
		outlives: true,
	},
	alarmQuarantine: {
		nextAction: "Compare the account of the clinic's key with the one in the quarantined event; nothing was " +
			"applied.",
		quiet: 4 * week,
	},
}

func (k AlarmKind) rule() alarmRule {
	if strings.HasPrefix(string(k), string(alarmQuarantine)) {
		k = alarmQuarantine
	}
	return alarmRules[k]
}

// NextAction returns what whoever reads an alarm of this kind is to do, in English; "" for a
// kind that is not in the table.
func (k AlarmKind) NextAction() string { return k.rule().nextAction }

// Title returns the incident in a few words, in pt-BR, for the e-mail to the clinic's
// administrators; "" for a kind that concerns operators alone.
func (k AlarmKind) Title() string { return k.rule().title }

// Quiet returns after which time an alarm of this kind ends by itself when nothing raised it again; 0: what opens it
// also sees its end.
func (k AlarmKind) Quiet() time.Duration { return k.rule().quiet }

// Outlives reports whether an alarm of this kind stays open when its clinic is disconnected.
func (k AlarmKind) Outlives() bool { return k.rule().outlives }

// AlarmKinds returns every kind in order; that of quarantined events without its reason.
func AlarmKinds() []AlarmKind { return slices.Sorted(maps.Keys(alarmRules)) }

// MailedAlarmKinds returns the kinds that a clinic's administrators get e-mails of, in order.
func MailedAlarmKinds() (kinds []AlarmKind) {
	for _, k := range AlarmKinds() {
		if k.Title() != "" {
			kinds = append(kinds, k)
		}
	}
	return kinds
}
