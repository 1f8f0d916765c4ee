// Package ledger keeps the double-entry ledger of a clinic: bookings that are only ever added
// and chained by HMAC, the lines of the statement at the gateway that they are compared
// with, and the money that a person must decide about.
package ledger
