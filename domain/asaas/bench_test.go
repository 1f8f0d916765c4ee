package asaas_test

import (
	"testing"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

func BenchmarkPeek(b *testing.B) {
	body := samples.Event("payment_received_pix.real")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		asaas.Peek(body)
	}
}

func BenchmarkExtract(b *testing.B) {
	body := samples.Event("payment_received_pix.real")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := asaas.Extract(domain.KindPayment, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	record, _, err := asaas.Extract(domain.KindPayment, samples.Event("payment_received_pix.real"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := asaas.Decode(domain.KindPayment, record); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEnvelope is all that is read of one delivery: by the receiver, by the radar, and for the record.
func BenchmarkEnvelope(b *testing.B) {
	for _, name := range []string{"payment_received_pix.real", "payment_confirmed_credit_card_checkout.real"} {
		body := samples.Event(name)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				env := asaas.Peek(body)
				asaas.UnknownInDelivery(env.Kind, env.Event, body)
				if _, _, err := asaas.Extract(env.Kind, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
