package domain_test

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"patapay/domain"
	"patapay/domain/domaintest"
)

// Words that a wild history is made of, legal and not.
var (
	wildTypes = []string{
		"CREATED",
		"CONFIRMED",
		"RECEIVED",
		"DELETED",
		"RESTORED",
		"REFUNDED",
		"CHECKOUT_VIEWED",
		"BLESSED",
		"ANTICIPATED",
		"",
	}
	wildStatuses = []string{
		"",
		"PENDING",
		"OVERDUE",
		"CONFIRMED",
		"RECEIVED",
		"REFUNDED",
		"CHARGEBACK_REQUESTED",
		"SLEEPING",
	}
)

const wildSize = 6 // bytes a record

// wild reads bytes as records that no gateway would send: repeated keys with other
// bodies, no dates, answers that have seen nothing or the future.
func wild(data []byte) []domain.Record {
	var all []domain.Record
	for len(data) >= wildSize && len(all) < 12 {
		b := data[:wildSize]
		data = data[wildSize:]
		at := ""
		if b[1] > 15 {
			at = fmt.Sprintf("10:00:%02d", b[1]%8)
		}
		r := ev(int64(b[0]%6), at, wildTypes[int(b[2])%len(wildTypes)], wildStatuses[int(b[3])%len(wildStatuses)])
		r.BodyHash = sha256.Sum256(b)
		if b[4]&1 != 0 {
			r.Snapshot.Payment.Value = domain.Some(domain.Money(b[4]))
		}
		if b[4]&2 != 0 {
			r.Flags = []string{"bad_field:value"}
		}
		if b[4]&12 == 12 {
			r.GatewaySnapshot = &domain.GatewaySnapshot{
				Clock: domain.LocalTime(fmt.Sprintf("2026-07-14 10:00:%02d", b[5]%8)),
				Found: b[4]&16 != 0,
			}
			for i, s := range all {
				if s.GatewaySnapshot == nil && b[5]>>(i%8)&1 != 0 {
					r.GatewaySnapshot.Supersedes = append(r.GatewaySnapshot.Supersedes, s.Key)
				}
			}
			r.BodyHash = sha256.Sum256(fmt.Append(nil, b, r.GatewaySnapshot.Supersedes))
		}
		all = append(all, r)
	}
	return all
}

// FuzzFold checks that whatever the records say, the fold is a function of their set.
func FuzzFold(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\x20\x00\x01\x00\x00\x02\x20\x02\x04\x01\x00\x03\x22\x05\x05\x1d\x03"))
	f.Add([]byte("\x01\x20\x00\x01\x00\x00\x01\x21\x02\x04\x01\x00\x01\x00\x05\x05\x03\x03\x04\x26\x03\x01\x1c\x07"))
	f.Fuzz(func(t *testing.T, data []byte) {
		history := wild(data)
		invoice, anomalies := domain.FoldInvoice(history)
		effects := domain.Effects(history)
		other := append(slices.Clone(history), history...)
		slices.Reverse(other)
		for range 3 {
			again, anomaliesAgain := domain.FoldInvoice(other)
			if !reflect.DeepEqual(invoice, again) || !reflect.DeepEqual(anomalies, anomaliesAgain) {
				t.Fatalf("%+v\n%+v\n%v\n%v\n%s", invoice, again, anomalies, anomaliesAgain, domaintest.String(history))
			}
			if !reflect.DeepEqual(effects, domain.Effects(other)) {
				t.Fatalf("effects differ:\n%s", domaintest.String(history))
			}
			if len(other) > 1 { // rotate by a prime-ish step
				n := len(other)/2 + 1
				other = append(slices.Clone(other[n:]), other[:n]...)
			}
		}
		if len(history) > 0 && !slices.IsSorted(invoice.Flags) {
			t.Fatalf("flags %v", invoice.Flags)
		}
	})
}
