// Package apply turns pending events into projections, bookings and feed entries: one
// transaction for each run of one clinic, in which every write stands in one ordered list
// (queueAll). Running it again, or twice at once, changes nothing more.
package apply
