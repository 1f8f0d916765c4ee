//go:build !faults

package tenants_test

import (
	"testing"
	"time"
)

// What `make test` lists: 30,000 invoices, 9,000 of one clinic.
const (
	listedClinics  = 100
	listedInvoices = 30_000
	listedBound    = 50 * time.Millisecond // p99: judged by `make faults` alone
	listedWithout  = true                  // also without one index after the other
	listedTimes    = 20
)

func TestEachDocumentedFilterPairAndSortIsReadByAnIndexOfTheClinic(t *testing.T) { listsByIndex(t) }
