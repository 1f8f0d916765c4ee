package domain

// Canonical returns copies of the records of one entity in the order in which they are merged, for tests
// that show or compare it.
func Canonical(history []Record) []Record {
	t := arrange(history)
	out := make([]Record, len(t.order))
	for i, r := range t.order {
		out[i] = *r
	}
	return out
}
