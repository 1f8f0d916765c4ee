package domain

// ConnectionState says how a clinic's connection with the gateway stands. The zero state is
// that of a clinic that never had a connection. A new state is one constant and one row of the
// table below: whatever moves, watches, alarms of or lists it asks the table.
type ConnectionState string

// The states of a connection, by what they are called in the database and under /v1.
const (
	ConnectionDisconnected ConnectionState = "disconnected"
	ConnectionVerifying    ConnectionState = "verifying"
	ConnectionAwaiting     ConnectionState = "awaiting_first_event"
	ConnectionActive       ConnectionState = "active"
	ConnectionAttention    ConnectionState = "attention"
	ConnectionPaused       ConnectionState = "paused"
	ConnectionKeyRefused   ConnectionState = "key_refused"
	ConnectionSilent       ConnectionState = "silent"
)

// stateRule is what there is to know of a state.
type stateRule struct {
	state     ConnectionState
	connected bool      // the clinic has an account bound
	receives  bool      // events come, or should
	lossy     bool      // events may be missed
	alarm     AlarmKind // open as long as the state lasts; "" none
}

// stateRules has the states in the order of the contract.
var stateRules = []stateRule{
	{state: ConnectionDisconnected},
	{state: ConnectionVerifying, connected: true},
	{state: ConnectionAwaiting, connected: true},
	{state: ConnectionActive, connected: true, receives: true},
	{state: ConnectionAttention, connected: true, receives: true},
	{state: ConnectionPaused, connected: true, lossy: true, alarm: AlarmPaused},
	{state: ConnectionKeyRefused, connected: true, lossy: true, alarm: AlarmKeyRefused},
	{state: ConnectionSilent, connected: true, receives: true, lossy: true, alarm: AlarmSilent},
}

func (s ConnectionState) rule() stateRule {
	for _, r := range stateRules {
		if r.state == s {
			return r
		}
	}
	return stateRule{}
}

// Connected tells whether the clinic has an account of the gateway's bound.
func (s ConnectionState) Connected() bool { return s.rule().connected }

// Receives tells whether events of the clinic come, or should.
func (s ConnectionState) Receives() bool { return s.rule().receives }

// Lossy tells whether events may be missed as long as the state lasts: when it ends, the
// clinic is compared with the gateway.
func (s ConnectionState) Lossy() bool { return s.rule().lossy }

// Alarm returns the kind of the alarm that is open as long as the state lasts; "" when there
// is none.
func (s ConnectionState) Alarm() AlarmKind { return s.rule().alarm }

// Values returns every state, in the order of the contract.
func (ConnectionState) Values() (states []ConnectionState) {
	for _, r := range stateRules {
		states = append(states, r.state)
	}
	return states
}
