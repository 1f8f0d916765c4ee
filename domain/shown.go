package domain

// InvoiceRemoved is what people see of a deleted invoice that holds no money. It is never
// stored: the gateway's status stays as it was (docs/architecture.md, status).
const InvoiceRemoved InvoiceStatus = "removed"

// Shown returns the status as people see it: removed when the invoice was deleted and is
// not paid, else its own.
func (i Invoice) Shown() InvoiceStatus {
	if i.Deleted && !i.Status.movesMoney() {
		return InvoiceRemoved
	}
	return i.Status
}

// InvoiceStatuses returns every status that Shown may return, in the order of an
// invoice's life.
func InvoiceStatuses() []InvoiceStatus {
	return []InvoiceStatus{InvoicePending, InvoiceOverdue, InvoiceAuthorized, InvoiceInReview, InvoiceConfirmed,
		InvoiceReceived, InvoiceReceivedInCash, InvoiceRefunding, InvoiceRefunded, InvoiceDisputed,
		InvoiceInCollection, InvoiceCollected, InvoiceRemoved, InvoiceUnknown}
}

// UnpaidStatuses returns the stored statuses that are no money fact: deleted in one of
// them, an invoice is shown as removed.
func UnpaidStatuses() (unpaid []InvoiceStatus) {
	for _, s := range InvoiceStatuses() {
		if s != InvoiceRemoved && !s.movesMoney() {
			unpaid = append(unpaid, s)
		}
	}
	return unpaid
}
