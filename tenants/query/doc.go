// Package query reads what apply has written, and writes nothing: the lists of invoices,
// checkouts, anticipations and events with their filters, sums, timelines, and the change
// feed.
package query
