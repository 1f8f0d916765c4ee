// Command mirror keeps a copy of a clinic's invoices in a table of its own, through the
// change feed. It may be killed at any time: rows and the place in the feed are written in
// one transaction, so the next start goes on exactly where the last one ended.
//
//	PATAPAY_TOKEN=… mirror -url https://pata.example -tenant ext:my-clinic -db postgres://…
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"patapay/api/client"
)

func main() {
	url := flag.String("url", "http://127.0.0.1:8080", "where PataPay is")
	tenant := flag.String("tenant", "", "the clinic, ten_… or ext: and your own id")
	db := flag.String("db", "", "Postgres URL of the copy")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *url, *tenant, *db); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func run(ctx context.Context, url, tenant, db string) error {
	api, err := client.New(url, os.Getenv("PATAPAY_TOKEN"))
	if err != nil {
		return err
	}
	store, err := open(ctx, db)
	if err != nil {
		return err
	}
	defer store.close()
	return mirror(ctx, api, tenant, store)
}

// mirror copies until ctx ends. A place that is no longer kept, because the program was away
// for more than 30 days, is no loss: it begins anew.
func mirror(ctx context.Context, api *client.API, tenant string, s *store) error {
	for {
		after, begun, err := s.place(ctx, tenant)
		if err != nil {
			return err
		}
		if !begun {
			if after, err = copyAll(ctx, api, tenant, s); err != nil {
				return err
			}
		}
		err = api.Follow(ctx, tenant, after, func(c client.Changes) error { return s.keep(ctx, tenant, c) })
		if !errors.Is(err, client.ErrCursorExpired) {
			return err
		}
		if err := s.forget(ctx, tenant); err != nil {
			return err
		}
	}
}

// copyAll reads everything, and then the place from before it did: what changed meanwhile
// comes once more in the feed, and an older version never overwrites a newer one.
func copyAll(ctx context.Context, api *client.API, tenant string, s *store) (int64, error) {
	none := int64(0) // entries: only where the feed ends
	res, err := api.GetFeedWithResponse(ctx, tenant, &client.GetFeedParams{Limit: &none})
	if err != nil {
		return 0, err
	}
	var list []client.InvoiceView
	for invoice, err := range api.Invoices(ctx, tenant, client.ListInvoicesParams{}) {
		if err != nil {
			return 0, err
		}
		if list = append(list, invoice); len(list) == 1000 {
			if err := s.add(ctx, tenant, list); err != nil {
				return 0, err
			}
			list = list[:0]
		}
	}
	if err := s.add(ctx, tenant, list); err != nil {
		return 0, err
	}
	if err := s.begin(ctx, tenant, res.JSON200.Newest); err != nil {
		return 0, fmt.Errorf("keep the place: %w", err)
	}
	return res.JSON200.Newest, nil
}
