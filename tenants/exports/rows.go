package exports

import (
	"strconv"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

var invoiceHeading = []string{
	"Vencimento",
	"Situação",
	"Forma",
	"Valor",
	"Taxa",
	"Líquido",
	"Estornado",
	"Paga em",
	"Disponível em",
	"Cliente",
	"Referência",
	"Descrição",
	"ID",
	"ID do Asaas",
	"ID do cliente",
	"Vista em",
	"Alterada em",
}

// invoiceLines has the names that are known when the file is made; it asks for no others.
func invoiceLines(tx *tenants.Tx, r reader, rows []query.Stored[domain.Invoice]) ([][]string, error) {
	var names map[string]payers.Payer
	if r.Personal {
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.Value.Customer
		}
		var err error
		if names, err = payers.Payers(tx, r.open, ids); err != nil {
			return nil, err
		}
	}
	return oneByOne(func(r reader, s query.Stored[domain.Invoice]) ([]string, error) {
		return invoiceLine(r, s, names[s.Value.Customer].Name)
	})(tx, r, rows)
}

func invoiceLine(r reader, s query.Stored[domain.Invoice], payer string) ([]string, error) {
	i := &s.Value
	var t struct {
		Description string `json:"description"`
	}
	err := r.texts(domain.KindPayment, i.ID, s.Texts, &t)
	return []string{
		dayCell(i.DueDate),
		word(invoiceWords, string(i.Shown())),
		word(methodWords, i.Method),
		amountCell(i.Value),
		amountCell(i.Fee()),
		amountCell(i.NetValue),
		Reais(i.RefundedAmount),
		instantCell(i.PaidAt),
		dayCell(domain.AvailableOn(i)),
		payer,
		i.ExternalReference,
		t.Description,
		s.ID.Public("ivc"),
		i.ID,
		i.Customer,
		firstSeen(s.ID),
		timeCell(s.UpdatedAt),
	}, err
}

var checkoutHeading = []string{
	"Visto em",
	"Situação",
	"Itens",
	"Total",
	"Formas",
	"Tipo",
	"Cliente",
	"Referência",
	"ID",
	"ID do Asaas",
	"Alterado em",
}

func checkoutLine(r reader, s query.Stored[domain.Checkout]) ([]string, error) {
	c := &s.Value
	var t struct {
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
	}
	err := r.texts(domain.KindCheckout, c.ID, s.Texts, &t)
	items := make([]string, len(c.Items))
	for n := range min(len(items), len(t.Items)) {
		items[n] = t.Items[n].Name
	}
	return []string{
		firstSeen(s.ID),
		word(checkoutWords, string(c.Status)),
		strings.Join(items, ", "),
		amountCell(c.Total),
		wordsOf(methodWords, c.BillingTypes),
		wordsOf(chargeWords, c.ChargeTypes),
		c.Customer,
		c.ExternalReference,
		s.ID.Public("chk"),
		c.ID,
		timeCell(s.UpdatedAt),
	}, err
}

var anticipationHeading = []string{
	"Solicitada",
	"Situação",
	"Fatura",
	"Parcelamento",
	"Valor",
	"Taxa",
	"Líquido",
	"Dias",
	"Vencimento",
	"Motivo da recusa",
	"ID",
	"ID do Asaas",
	"Vista em",
	"Alterada em",
}

func anticipationLine(r reader, s query.Stored[domain.Anticipation]) ([]string, error) {
	a := &s.Value
	var t struct {
		DenialObservation string `json:"denialObservation"`
	}
	err := r.texts(domain.KindAnticipation, a.ID, s.Texts, &t)
	days := ""
	if n, told := a.Days.Get(); told {
		days = strconv.Itoa(n)
	}
	return []string{
		dayCell(a.RequestDate),
		word(anticipationWords, string(a.Status)),
		a.Payment,
		a.Installment,
		amountCell(a.Value),
		amountCell(a.Fee),
		amountCell(a.NetValue),
		days,
		dayCell(a.DueDate),
		t.DenialObservation,
		s.ID.Public("ant"),
		a.ID,
		firstSeen(s.ID),
		timeCell(s.UpdatedAt),
	}, err
}

var eventHeading = []string{
	"Recebido em",
	"Evento",
	"Referência",
	"Situação",
	"Motivo",
	"Ocorreu em",
	"Aplicado em",
	"ID",
	"ID do Asaas",
	"Valor",
	"Referência externa",
	"Tentativas",
}

func eventLine(_ reader, e query.Event) ([]string, error) {
	applied := ""
	if e.AppliedAt != nil {
		applied = timeCell(*e.AppliedAt)
	}
	value, reference := shownIn(e.Shows)
	return []string{
		timeCell(e.ReceivedAt),
		string(e.Type),
		e.Entity,
		word(outcomeWords, string(e.Outcome)),
		word(reasonWords, e.Reason),
		instantCell(e.At),
		applied,
		e.Key.Public(),
		e.AsaasID,
		value,
		reference,
		strconv.Itoa(e.Tries),
	}, nil
}

// shownIn returns what an event shows of its object's amount and reference.
func shownIn(s domain.Snapshot) (value, reference string) {
	switch {
	case s.Payment != nil:
		return amountCell(s.Payment.Value), s.Payment.ExternalReference.V
	case s.Checkout != nil:
		return "", s.Checkout.ExternalReference.V
	case s.Anticipation != nil:
		return amountCell(s.Anticipation.TotalValue), ""
	}
	return "", ""
}

func dayCell(d domain.Day) string { return Day(domain.LocalTime(d)) }

// firstSeen writes the millisecond that a version 7 UUID begins with: when we first stored
// the object (RFC 9562, section 5.7).
func firstSeen(id domain.UUID) string {
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return timeCell(time.UnixMilli(ms))
}

var invoiceWords = map[string]string{
	"pending":          "Aguardando pagamento",
	"overdue":          "Vencida",
	"authorized":       "Autorizada — falta capturar",
	"in_review":        "Em análise de risco",
	"confirmed":        "Paga — saldo a liberar",
	"received":         "Recebida",
	"received_in_cash": "Recebida em dinheiro",
	"refunding":        "Estorno em andamento",
	"refunded":         "Estornada",
	"disputed":         "Contestada",
	"in_collection":    "Em negativação",
	"collected":        "Recuperada",
	"removed":          "Removida",
	"not_at_asaas":     "Asaas não conhece este pagamento",
}

// methodWords are the gateway's words for ways to pay.
var methodWords = map[string]string{
	"PIX":             "Pix",
	"BOLETO":          "Boleto",
	"CREDIT_CARD":     "Cartão de crédito",
	"DEBIT_CARD":      "Cartão de débito",
	"UNDEFINED":       "Cliente escolhe",
	"TRANSFER":        "Transferência",
	"DEPOSIT":         "Depósito",
	"MUNDIPAGG_CIELO": "Cartão de crédito",
}

// chargeWords are the gateway's words for how often a checkout charges.
var chargeWords = map[string]string{"DETACHED": "Avulso", "INSTALLMENT": "Parcelado", "RECURRENT": "Recorrente"}

var checkoutWords = map[string]string{"active": "Ativo", "paid": "Pago", "canceled": "Cancelado", "expired": "Vencido"}

var anticipationWords = map[string]string{
	"pending":      "Em análise",
	"scheduled":    "Agendada",
	"credited":     "Creditada",
	"debited":      "Debitada",
	"denied":       "Negada",
	"overdue":      "Vencida",
	"cancelled":    "Cancelada",
	"not_at_asaas": "Asaas não conhece esta antecipação",
}

// reasonWords is what people read of why an event had its outcome.
var reasonWords = map[string]string{
	"late":            "Chegou atrasado; situação mantida",
	"view":            "O cliente só olhou",
	"same_state":      "Já tratado; nada mudou",
	"final_state":     "A situação já era final; foi mantida",
	"no_snapshot":     "Não mostra situação",
	"unknown_type":    "Tipo de evento que ainda não conhecemos",
	"undated":         "Sem data que se possa usar",
	"truth":           "Resposta do Asaas a uma consulta nossa",
	"not_found":       "O Asaas não conhece este objeto",
	"other_family":    "Não é fatura, checkout nem antecipação",
	"failed":          "Tentativas esgotadas",
	"ambiguous":       "Conteúdo ambíguo",
	"foreign_account": "Veio de outra conta Asaas",
	"suspended":       "A clínica está suspensa",
}

var outcomeWords = map[string]string{
	"received":    "Recebido",
	"applied":     "Processado",
	"no_effect":   "Nada mudou",
	"held":        "Aguardando",
	"quarantined": "Em quarentena",
	"dead":        "Parado",
}
