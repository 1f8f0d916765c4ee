package docs

// eventName is what an event is called.
type eventName struct{ kind, text string }

// eventNames are the events that people meet, in their words and in the order in which the
// pages offer them. The pages read a copy of this table, web/src/lib/event-names.json; a test
// holds it to this one, and `go test ./api/docs -update` writes it.
var eventNames = []eventName{
	{"PAYMENT_CREATED", "Fatura criada"},
	{"PAYMENT_UPDATED", "Fatura alterada"},
	{"PAYMENT_CONFIRMED", "Pagamento confirmado"},
	{"PAYMENT_RECEIVED", "Pagamento recebido"},
	{"PAYMENT_OVERDUE", "Fatura vencida"},
	{"PAYMENT_DELETED", "Fatura removida"},
	{"PAYMENT_RESTORED", "Fatura restaurada"},
	{"PAYMENT_ANTICIPATED", "Fatura antecipada"},
	{"PAYMENT_AUTHORIZED", "Cartão autorizado"},
	{"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", "Cartão recusado"},
	{"PAYMENT_AWAITING_RISK_ANALYSIS", "Em análise de risco"},
	{"PAYMENT_APPROVED_BY_RISK_ANALYSIS", "Aprovada na análise"},
	{"PAYMENT_REPROVED_BY_RISK_ANALYSIS", "Reprovada na análise"},
	{"PAYMENT_REFUND_IN_PROGRESS", "Estorno em andamento"},
	{"PAYMENT_REFUNDED", "Estornada"},
	{"PAYMENT_PARTIALLY_REFUNDED", "Estornada em parte"},
	{"PAYMENT_RECEIVED_IN_CASH_UNDONE", "Recebimento em dinheiro desfeito"},
	{"PAYMENT_CHARGEBACK_REQUESTED", "Contestação recebida"},
	{"PAYMENT_CHARGEBACK_DISPUTE", "Contestação em disputa"},
	{"PAYMENT_AWAITING_CHARGEBACK_REVERSAL", "Aguardando repasse da disputa"},
	{"PAYMENT_DUNNING_REQUESTED", "Negativação pedida"},
	{"PAYMENT_DUNNING_RECEIVED", "Recuperada na negativação"},
	{"PAYMENT_BANK_SLIP_VIEWED", "Boleto visto"},
	{"PAYMENT_CHECKOUT_VIEWED", "Fatura vista"},
	{"CHECKOUT_CREATED", "Checkout criado"},
	{"CHECKOUT_PAID", "Checkout pago"},
	{"CHECKOUT_CANCELED", "Checkout cancelado"},
	{"CHECKOUT_EXPIRED", "Checkout vencido"},
	{"RECEIVABLE_ANTICIPATION_PENDING", "Antecipação em análise"},
	{"RECEIVABLE_ANTICIPATION_SCHEDULED", "Antecipação agendada"},
	{"RECEIVABLE_ANTICIPATION_CREDITED", "Antecipação creditada"},
	{"RECEIVABLE_ANTICIPATION_DEBITED", "Antecipação debitada"},
	{"RECEIVABLE_ANTICIPATION_DENIED", "Antecipação negada"},
	{"RECEIVABLE_ANTICIPATION_OVERDUE", "Antecipação vencida"},
	{"RECEIVABLE_ANTICIPATION_CANCELLED", "Antecipação cancelada"},
	{"ACCESS_TOKEN_CREATED", "Chave criada"},
	{"ACCESS_TOKEN_ENABLED", "Chave reativada"},
	{"ACCESS_TOKEN_DISABLED", "Chave desabilitada"},
	{"ACCESS_TOKEN_DELETED", "Chave excluída"},
	{"ACCESS_TOKEN_EXPIRING_SOON", "Chave vence em breve"},
	{"ACCESS_TOKEN_EXPIRED", "Chave vencida"},
}

// nameOf returns what an event is called; one that we have no name for is an event of
// Asaas's.
func nameOf(kind string) string {
	for _, n := range eventNames {
		if n.kind == kind {
			return n.text
		}
	}
	return "Evento do Asaas"
}
