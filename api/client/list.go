package client

import (
	"context"
	"errors"
	"iter"
)

// pageSize is how many objects the iterators ask for at once, the most there is.
const pageSize = 100

// ErrStopped is what All and its like return when a list ends without its last page: a bug
// of PataPay's, never of the caller's.
var ErrStopped = errors.New("patapay: a list says that there is more and not where")

// Invoices yields every invoice that params leaves, in its order, over as many calls as it
// takes. Limit and Cursor of params are the iterator's own. After an error, which is yielded
// beside a zero value, nothing follows. A list that grows meanwhile repeats nothing.
func (a *API) Invoices(ctx context.Context, tenant string, params ListInvoicesParams) iter.Seq2[InvoiceView, error] {
	return Every(func(cursor *string) ([]InvoiceView, Pages, error) {
		params.Limit, params.Cursor = ptr(int64(pageSize)), cursor
		res, err := a.ListInvoicesWithResponse(ctx, tenant, &params)
		if err != nil {
			return nil, Pages{}, err
		}
		return res.JSON200.Data, res.JSON200.Page, nil
	})
}

// Checkouts is Invoices for checkouts.
func (a *API) Checkouts(ctx context.Context, tenant string, params ListCheckoutsParams) iter.Seq2[CheckoutView, error] {
	return Every(func(cursor *string) ([]CheckoutView, Pages, error) {
		params.Limit, params.Cursor = ptr(int64(pageSize)), cursor
		res, err := a.ListCheckoutsWithResponse(ctx, tenant, &params)
		if err != nil {
			return nil, Pages{}, err
		}
		return res.JSON200.Data, res.JSON200.Page, nil
	})
}

// Anticipations is Invoices for anticipations.
func (a *API) Anticipations(
	ctx context.Context, tenant string, params ListAnticipationsParams,
) iter.Seq2[AnticipationView, error] {
	return Every(func(cursor *string) ([]AnticipationView, Pages, error) {
		params.Limit, params.Cursor = ptr(int64(pageSize)), cursor
		res, err := a.ListAnticipationsWithResponse(ctx, tenant, &params)
		if err != nil {
			return nil, Pages{}, err
		}
		return res.JSON200.Data, res.JSON200.Page, nil
	})
}

// Events is Invoices for the events that Asaas sent.
func (a *API) Events(ctx context.Context, tenant string, params ListEventsParams) iter.Seq2[EventView, error] {
	return Every(func(cursor *string) ([]EventView, Pages, error) {
		params.Limit, params.Cursor = ptr(int64(pageSize)), cursor
		res, err := a.ListEventsWithResponse(ctx, tenant, &params)
		if err != nil {
			return nil, Pages{}, err
		}
		return res.JSON200.Data, res.JSON200.Page, nil
	})
}

// Every yields what read finds, page after page: the way of Invoices and its like for any
// list, in whatever form it is read. The cursor is nil for the first page.
func Every[T any](read func(cursor *string) ([]T, Pages, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var cursor *string
		for {
			list, page, err := read(cursor)
			if err == nil && page.HasMore && page.NextCursor == nil {
				err = ErrStopped
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range list {
				if !yield(item, nil) {
					return
				}
			}
			if !page.HasMore {
				return
			}
			cursor = page.NextCursor
		}
	}
}

func ptr[T any](v T) *T { return &v }
