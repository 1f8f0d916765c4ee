//go:build faults

package tenants_test

import (
	"testing"
	"time"
)

// What `make faults` lists: 1,000,000 invoices, 300,000 of one clinic.
const (
	listedClinics  = 1_000
	listedInvoices = 1_000_000
	listedBound    = 20 * time.Millisecond // p99: the bar
	listedWithout  = false                 // also without one index after the other
	listedTimes    = 200
)

func TestFaultEachDocumentedFilterPairAndSortOfAMillionInvoices(t *testing.T) { listsByIndex(t) }
