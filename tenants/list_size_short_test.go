//go:build !faults

package tenants_test

import "testing"

// What `make test` lists: 30,000 invoices, 9,000 of one clinic.
const (
	listedClinics  = 100
	listedInvoices = 30_000
	listedTimes    = 20
)

func TestEachDocumentedFilterPairAndSortIsReadByAnIndexOfTheClinic(t *testing.T) { listsByIndex(t) }
