package tenants

import "github.com/jackc/pgx/v5"

// PageBytes is how much a page of a list or of a feed reads from Postgres: the row that reaches
// it is the page's last, and the page's cursor goes on behind it. A hundred ordinary rows have a
// twentieth of it.
const PageBytes = 4 << 20

// CollectPage is pgx.CollectRows that ends behind the row with which PageBytes are reached, and
// tells whether it did. What follows is read off the connection and not kept.
func CollectPage[T any](rows pgx.Rows, scan pgx.RowToFunc[T]) (list []T, full bool, err error) {
	defer rows.Close()
	list = []T{}
	for bytes := 0; !full && rows.Next(); full = bytes >= PageBytes {
		one, err := scan(rows)
		if err != nil {
			return nil, false, err
		}
		list, bytes = append(list, one), bytes+rowBytes(rows)
	}
	rows.Close()
	return list, full, rows.Err()
}

// rowBytes returns how many bytes the values of the present row have.
func rowBytes(rows pgx.CollectableRow) (n int) {
	for _, v := range rows.RawValues() {
		n += len(v)
	}
	return n
}
