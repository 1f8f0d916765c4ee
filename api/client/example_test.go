package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"testing"
	"time"

	"patapay/api/client"
	"patapay/api/client/clienttest"
)

// The examples run against the real program; its first clinic has invoices for ten pages and more
// (faults_test.go has ten times as many).
const many = 1_100

func TestMain(m *testing.M) {
	code := m.Run()
	if dev != nil {
		dev.Stop()
	}
	os.Exit(code)
}

var dev *clienttest.Dev

// platform returns a running PataPay with a token, and a clinic of its.
func platform() (url, token, tenant string) {
	if dev == nil {
		var err error
		if dev, err = clienttest.Start(); err != nil {
			log.Fatal(err)
		}
		if err := dev.Fill(context.Background(), dev.Clinics[0], 0, many); err != nil {
			log.Fatal(err)
		}
	}
	return dev.URL, dev.Clinics[0].Token, dev.Clinics[0].ID
}

// settled waits until the clinic's feed has n entries.
func settled(ctx context.Context, api *client.API, tenant string, n int64) error {
	for ctx.Err() == nil {
		res, err := api.GetFeedWithResponse(ctx, tenant, &client.GetFeedParams{})
		if err != nil {
			return err
		}
		if res.JSON200.Newest >= n {
			return nil
		}
		time.Sleep(250 * time.Millisecond)
	}
	return ctx.Err()
}

func ExampleNew() {
	url, token, tenant := platform()
	api, err := client.New(url, token)
	if err != nil {
		log.Fatal(err)
	}
	res, err := api.GetTenantWithResponse(context.Background(), tenant, &client.GetTenantParams{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.JSON200.Name)
	// Output: Clínica Vida Animal
}

func ExampleAPI_Invoices() {
	url, token, tenant := platform()
	api, err := client.New(url, token)
	if err != nil {
		log.Fatal(err)
	}
	ctx, end := context.WithTimeout(context.Background(), 5*time.Minute)
	defer end()
	if err := settled(ctx, api, tenant, many); err != nil {
		log.Fatal(err)
	}
	pending := []client.ListInvoicesParamsStatus{client.ListInvoicesParamsStatusPending}
	seen, sum := map[string]bool{}, int64(0)
	for invoice, err := range api.Invoices(ctx, tenant, client.ListInvoicesParams{Status: &pending}) {
		if err != nil {
			log.Fatal(err)
		}
		seen[invoice.ID] = true
		sum += invoice.Value.AmountCents
	}
	fmt.Println(len(seen), "invoices,", sum, "centavos")
	// Output: 1100 invoices, 1704450 centavos
}

func ExampleAPI_Follow() {
	url, token, tenant := platform()
	api, err := client.New(url, token)
	if err != nil {
		log.Fatal(err)
	}
	ctx, end := context.WithTimeout(context.Background(), 5*time.Minute)
	defer end()
	if err := settled(ctx, api, tenant, many); err != nil {
		log.Fatal(err)
	}
	none := int64(0) // entries: only where the feed ends now
	head, err := api.GetFeedWithResponse(ctx, tenant, &client.GetFeedParams{Limit: &none})
	if err != nil {
		log.Fatal(err)
	}
	go func() { // meanwhile, a payer forgets
		clinic := dev.Clinics[0]
		_ = dev.Send(ctx, clinic, clinic.Event("PAYMENT_OVERDUE", "OVERDUE", 7, 1007))
	}()
	done := errors.New("done")
	err = api.Follow(ctx, tenant, head.JSON200.Newest, func(changes client.Changes) error {
		for _, e := range changes.Entries {
			invoice, err := e.Object.AsInvoiceView()
			if err != nil {
				return err
			}
			if invoice.Status == client.InvoiceViewStatusOverdue {
				fmt.Println(e.Type, invoice.AsaasID, invoice.Status)
				return done // a real program goes on
			}
		}
		return nil
	})
	if !errors.Is(err, done) {
		log.Fatal(err)
	}
	// Output: invoice.updated pay_0000000000000007 overdue
}

func ExampleError() {
	url, token, tenant := platform()
	api, err := client.New(url, token)
	if err != nil {
		log.Fatal(err)
	}
	_, err = api.GetInvoiceWithResponse(context.Background(), tenant, "pay_of_nobody", &client.GetInvoiceParams{})
	var refused *client.Error
	fmt.Println(
		errors.Is(err, client.ErrNotFound),
		errors.As(err, &refused) && refused.Type == "/docs/erros/nao-encontrado",
	)
	// Output: true true
}
