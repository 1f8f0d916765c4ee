package asaas

import "patapay/domain"

// Extract returns the part of a delivery's object that is kept for ever, as compact JSON
// in a fixed order of keys with the gateway's own literals, and its free text, nil when it
// has none. It fails with Invalid for a body that cannot be read or has no such object.
func Extract(kind domain.Kind, body []byte) (record, texts []byte, err error) {
	return nil, nil, domain.Errorf(domain.Invalid, "no object of kind %q", kind)
}

// ExtractObject is Extract for the bare object of a REST answer.
func ExtractObject(kind domain.Kind, body []byte) (record, texts []byte, err error) {
	return nil, nil, domain.Errorf(domain.Invalid, "no object of kind %q", kind)
}

// Decode returns what a record says, and flags for what in it is odd.
func Decode(kind domain.Kind, record []byte) (domain.Snapshot, []string, error) {
	return domain.Snapshot{}, nil, domain.Errorf(domain.Invalid, "no record of kind %q", kind)
}
