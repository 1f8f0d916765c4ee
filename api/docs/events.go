package docs

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

// event is one kind of event that the gateway sends.
type event struct {
	Type, Name, Family string
	Sample             string // a delivery, real in shape; "" when there is none
	Origin             string // of the sample
}

// unnamed is what an event is called for which we have no name.
const unnamed = "Evento do Asaas"

// origins are where a sample comes from, by the last word of its name, the best first.
var origins = []struct{ word, text string }{
	{"real", "entrega capturada, com os dados pessoais trocados"},
	{"doc", "da documentação do Asaas"},
	{"made", "montada a partir das anteriores"},
}

// eventCatalogue returns every event that can be subscribed to, by family, with a sample.
func eventCatalogue() (list []event) {
	byKind := map[string]string{}
	for i := len(origins) - 1; i >= 0; i-- {
		for _, name := range slices.Backward(samples.Names()) {
			if strings.HasSuffix(name, "."+origins[i].word) {
				byKind[samples.EventName(name)] = name
			}
		}
	}
	for _, family := range asaas.Families() {
		for _, kind := range asaas.Events(family) {
			e := event{Type: kind, Name: eventNames[kind], Family: string(family)}
			if e.Name == "" {
				e.Name = unnamed
			}
			if name := byKind[kind]; name != "" {
				e.Sample, e.Origin = indented(samples.Event(name)), originOf(name)
			}
			list = append(list, e)
		}
	}
	return list
}

func indented(raw []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}

func originOf(sample string) string {
	for _, o := range origins {
		if strings.HasSuffix(sample, "."+o.word) {
			return o.text
		}
	}
	return ""
}

func (s *site) eventList(*http.Request) (view, bool) {
	return view{Title: "Catálogo de eventos", Page: "events", Data: s.events}, true
}

func (s *site) event(r *http.Request) (view, bool) {
	for _, e := range s.events {
		if e.Type == r.PathValue("type") {
			return view{Title: e.Name, Page: "event", Data: e}, true
		}
	}
	return view{}, false
}

// eventNames are the events that people meet, in their words.
var eventNames = map[string]string{
	"PAYMENT_CREATED": "Fatura criada", "PAYMENT_UPDATED": "Fatura alterada", "PAYMENT_CONFIRMED": "Pagamento confirmado",
	"PAYMENT_RECEIVED": "Pagamento recebido", "PAYMENT_OVERDUE": "Fatura vencida", "PAYMENT_DELETED": "Fatura removida",
	"PAYMENT_RESTORED": "Fatura restaurada", "PAYMENT_ANTICIPATED": "Fatura antecipada", "PAYMENT_AUTHORIZED": "Cartão autorizado",
	"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED": "Cartão recusado", "PAYMENT_AWAITING_RISK_ANALYSIS": "Em análise de risco",
	"PAYMENT_APPROVED_BY_RISK_ANALYSIS": "Aprovada na análise", "PAYMENT_REPROVED_BY_RISK_ANALYSIS": "Reprovada na análise",
	"PAYMENT_REFUND_IN_PROGRESS": "Estorno em andamento", "PAYMENT_REFUNDED": "Estornada", "PAYMENT_PARTIALLY_REFUNDED": "Estornada em parte",
	"PAYMENT_RECEIVED_IN_CASH_UNDONE": "Recebimento em dinheiro desfeito", "PAYMENT_CHARGEBACK_REQUESTED": "Contestação recebida",
	"PAYMENT_CHARGEBACK_DISPUTE": "Contestação em disputa", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL": "Aguardando repasse da disputa",
	"PAYMENT_DUNNING_REQUESTED": "Negativação pedida", "PAYMENT_DUNNING_RECEIVED": "Recuperada na negativação",
	"PAYMENT_BANK_SLIP_VIEWED": "Boleto visto", "PAYMENT_CHECKOUT_VIEWED": "Fatura vista",
	"CHECKOUT_CREATED": "Checkout criado", "CHECKOUT_PAID": "Checkout pago", "CHECKOUT_CANCELED": "Checkout cancelado", "CHECKOUT_EXPIRED": "Checkout vencido",
	"RECEIVABLE_ANTICIPATION_PENDING": "Antecipação em análise", "RECEIVABLE_ANTICIPATION_SCHEDULED": "Antecipação agendada",
	"RECEIVABLE_ANTICIPATION_CREDITED": "Antecipação creditada", "RECEIVABLE_ANTICIPATION_DEBITED": "Antecipação debitada",
	"RECEIVABLE_ANTICIPATION_DENIED": "Antecipação negada", "RECEIVABLE_ANTICIPATION_OVERDUE": "Antecipação vencida",
	"RECEIVABLE_ANTICIPATION_CANCELLED": "Antecipação cancelada",
	"ACCESS_TOKEN_CREATED":              "Chave criada", "ACCESS_TOKEN_ENABLED": "Chave reativada", "ACCESS_TOKEN_DISABLED": "Chave desabilitada",
	"ACCESS_TOKEN_DELETED": "Chave excluída", "ACCESS_TOKEN_EXPIRING_SOON": "Chave vence em breve", "ACCESS_TOKEN_EXPIRED": "Chave vencida",
}
