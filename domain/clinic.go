package domain

// ClinicID is a clinic's number inside this deployment: small, so that keys that start
// with it stay narrow. Zero is no clinic. The world sees the
// clinic's public id, `ten_…`, instead.
type ClinicID int32

// Environment is the side of the gateway that an account lives on; event counters and
// keys of the two sides are independent (docs/gateway.md, identifiers).
type Environment int16

// The two environments of the gateway.
const (
	Production Environment = 1
	Sandbox    Environment = 2
)

// String returns "production", "sandbox" or "unknown".
func (e Environment) String() string {
	switch e {
	case Production:
		return "production"
	case Sandbox:
		return "sandbox"
	}
	return "unknown"
}
