package exports

import (
	"cmp"
	"strconv"
	"strings"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

var ledgerHeading = []string{"Número", "Data", "Descrição", "Referência", "Conta", "Débito", "Crédito", "Lançado em"}

// ledgerSource has a line for each leg of a booking.
func ledgerSource(f ledger.BookingFilter) source {
	return source{
		heading: ledgerHeading,
		count: func(tx *tenants.Tx) (int, bool, error) { // bookings are numbered without a gap; those of one subject are few
			newest, err := ledger.Bookings(tx, f, 1)
			if err != nil || len(newest) == 0 || f.Subject != "" {
				return len(newest), false, err
			}
			return int(newest[0].No), newest[0].No > Most, nil
		},
		read: func(tx *tenants.Tx, _ reader, place string) (batch, error) {
			next := f
			next.Before, _ = strconv.ParseInt(place, 10, 64)
			rows, err := ledger.Bookings(tx, next, pageRows)
			b := batch{objects: len(rows)}
			for _, booking := range rows {
				b.lines = append(b.lines, bookingLines(booking)...)
			}
			if len(rows) == pageRows {
				b.next = strconv.FormatInt(rows[len(rows)-1].No, 10)
			}
			return b, err
		},
	}
}

func bookingLines(b ledger.Booking) (lines [][]string) {
	for _, leg := range b.Legs {
		debit, credit := Reais(leg.Amount), ""
		if leg.Amount < 0 {
			debit, credit = "", Reais(-leg.Amount)
		}
		lines = append(
			lines,
			[]string{
				strconv.FormatInt(b.No, 10),
				Day(b.At),
				Booked(b.Kind, b.Key),
				b.Key.Subject,
				word(accountWords, string(leg.Account)),
				debit,
				credit,
				timeCell(b.BookedAt),
			},
		)
	}
	return lines
}

// accountWords is what people read of an account of the ledger.
var accountWords = map[string]string{
	string(domain.AccountAvailable):   "Saldo no Asaas",
	string(domain.AccountBlocked):     "Saldo bloqueado no Asaas",
	string(domain.AccountReceivable):  "Cartão a liberar",
	string(domain.AccountHold):        "Retido por contestação",
	string(domain.AccountCashDrawer):  "Recebido em dinheiro",
	string(domain.AccountAdvance):     "Antecipações a debitar",
	string(domain.AccountSales):       "Vendas",
	string(domain.AccountRefunds):     "Estornos",
	string(domain.AccountFee):         "Taxas do Asaas",
	string(domain.AccountAdvanceFee):  "Taxas de antecipação",
	string(domain.AccountLoss):        "Contestações perdidas",
	string(domain.AccountRefundFee):   "Taxas de estorno a acertar",
	string(domain.AccountDispute):     "Contestações a acertar",
	string(domain.AccountSuspense):    "A explicar",
	string(domain.AccountOpening):     "Saldo inicial",
	string(domain.AccountBank):        "Banco",
	string(domain.AccountTransferFee): "Taxas de transferência",
	string(domain.AccountInternal):    "Transferências entre contas",
	string(domain.AccountSplit):       "Divisões pagas (split)",
}

// factWords is what people read of a fact.
var factWords = map[string]string{
	domain.FactRecognise:  "Cobrança paga",
	domain.FactCredit:     "Cobrança recebida",
	domain.FactAdjust:     "Ajuste de valor",
	domain.FactCash:       "Recebida em dinheiro",
	domain.FactCashUndone: "Recebimento em dinheiro desfeito",
	"refund":              "Estorno",
	domain.FactHold:       "Contestação aberta",
	domain.FactWon:        "Contestação ganha",
	domain.FactLost:       "Contestação perdida",
}

var advanceWords = map[string]string{
	domain.FactCredit: "Antecipação creditada",
	domain.FactDebit:  "Antecipação debitada",
	domain.FactAdjust: "Ajuste de antecipação",
}

// lineWords is what people read of a line of Asaas's statement.
var lineWords = map[string]string{
	"transfer":                       "Transferência",
	"transfer_reversal":              "Transferência devolvida",
	"transfer_fee":                   "Taxa de transferência",
	"pix_transaction_debit":          "Pix enviado",
	"pix_transaction_debit_refund":   "Pix devolvido",
	"pix_transaction_debit_fee":      "Taxa de Pix",
	"chargeback":                     "Contestação debitada",
	"chargeback_reversal":            "Contestação devolvida",
	"internal_transfer_debit":        "Transferência entre contas",
	"internal_transfer_credit":       "Transferência entre contas",
	"payment_custody_block":          "Saldo bloqueado",
	"payment_custody_block_reversal": "Saldo desbloqueado",
	"bacen_judicial_lock":            "Bloqueio judicial",
	"bacen_judicial_unlock":          "Desbloqueio judicial",
}

// decisionWords is what people read of what a person decided.
var decisionWords = map[string]string{
	"income":   "Receita reconhecida",
	"refunded": "Devolvido pelo Asaas",
	"returned": "Devolvido pelo banco",
	"expense":  "Custo do Asaas",
}

// Booked tells in words what a booking is.
func Booked(kind domain.Kind, k domain.FactKey) string {
	name, before := k.Base().Name, ""
	if k.IsCorrection() {
		before = "Correção: "
	}
	if rest, void := strings.CutPrefix(name, "void:"); void {
		name, before = rest, before+"Anulação: "
	}
	name, decision, _ := strings.Cut(name, ":")
	switch {
	case name == domain.FactOpening && kind == ledger.KindOpening:
		return before + "Saldo inicial"
	case name == domain.FactOpening:
		return before + "Em aberto no início"
	case kind == ledger.KindWorkItem:
		return before + decisionWords[decision]
	case kind == domain.KindLine:
		return before + cmp.Or(lineWords[name], "Lançamento do Asaas")
	case kind == domain.KindAnticipation:
		return before + advanceWords[name]
	}
	return before + factWords[name]
}
