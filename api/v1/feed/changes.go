package feed

import "patapay/domain"

// Changes tells when a clinic's feed may have grown; clinic 0 stands for any.
type Changes interface {
	// Next returns a channel that is closed at the next change.
	Next(clinic domain.ClinicID) <-chan struct{}
}
