package domain

import (
	"slices"
	"testing"
)

func TestOnlyADeletedInvoiceWithoutMoneyIsRemoved(t *testing.T) {
	for _, s := range InvoiceStatuses() {
		if s == InvoiceRemoved {
			continue
		}
		if got := (Invoice{Status: s}).Shown(); got != s {
			t.Errorf("%s, not deleted, is shown as %s", s, got)
		}
		want := s
		if slices.Contains(UnpaidStatuses(), s) {
			want = InvoiceRemoved
		}
		if got := (Invoice{Status: s, Deleted: true}).Shown(); got != want {
			t.Errorf("%s, deleted, is shown as %s, want %s", s, got, want)
		}
	}
	unpaid := []InvoiceStatus{
		InvoicePending,
		InvoiceOverdue,
		InvoiceAuthorized,
		InvoiceInReview,
		InvoiceInCollection,
		InvoiceUnknown,
	}
	if !slices.Equal(UnpaidStatuses(), unpaid) {
		t.Errorf("unpaid: %v", UnpaidStatuses())
	}
}

func TestEveryStatusOfAnInvoiceIsListed(t *testing.T) {
	for raw, s := range invoiceStatuses {
		if !slices.Contains(InvoiceStatuses(), s) {
			t.Errorf("%s, of %s, is not in InvoiceStatuses", s, raw)
		}
	}
}
