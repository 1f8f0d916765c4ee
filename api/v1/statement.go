package v1

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants/ledger"
)

// csvOperation describes a route that answers with a CSV file.
func csvOperation(path, id, summary string) huma.Operation {
	op := operation(http.MethodGet, path, id, summary, "Ledger", ledgerRead)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}}
	return op
}

type statementInput struct {
	TenantPath
	Account string `query:"account" default:"asaas_available" enum:"asaas_available,asaas_blocked,card_receivable,chargeback_hold,cash_drawer,anticipation_liability,sales,refunds_given,gateway_fee,anticipation_fee,chargeback_loss,refund_fee_clearing,chargeback_clearing,suspense,opening_balance,bank,transfer_fee,internal_clearing,split_paid" doc:"Whose bookings"`
}

// getLedgerStatement streams: a file of years takes no more memory than a short one.
func (s *Server) getLedgerStatement(ctx context.Context, in *statementInput) (*huma.StreamResponse, error) {
	if err := exporting(ctx); err != nil {
		return nil, err
	}
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "text/csv; charset=utf-8")
		h.SetHeader("Content-Disposition", `attachment; filename="extrato.csv"`)
		st := newStatement(h.BodyWriter(), domain.Account(in.Account))
		err := ledger.EachBooking(s.DB, h.Context(), c.ID, st.add)
		if err = st.end(err); err != nil {
			s.Log.WarnContext(h.Context(), "statement cut short", "clinic", c.ID, "err", err)
		}
	}}, nil
}

// statement writes an account's bookings as the spreadsheets of Brazil read them:
// semicolons between cells, commas in numbers, and a byte order mark in front.
type statement struct {
	out     *bufio.Writer
	rows    *csv.Writer
	account domain.Account
	balance domain.Money
}

func newStatement(w io.Writer, account domain.Account) *statement {
	out := bufio.NewWriterSize(w, 32<<10)
	_, _ = out.WriteString("\ufeff") // an error stays in out until it is flushed
	st := &statement{out: out, rows: csv.NewWriter(out), account: account}
	st.rows.Comma, st.rows.UseCRLF = ';', true
	_ = st.rows.Write([]string{"Data", "Descrição", "Referência", "Entrada", "Saída", "Saldo"})
	return st
}

// add writes the booking's leg on the account, if it has one.
func (st *statement) add(b ledger.Booking) error {
	for _, l := range b.Legs {
		if l.Account != st.account {
			continue
		}
		st.balance += l.Amount
		in, out := reais(l.Amount), ""
		if l.Amount < 0 {
			in, out = "", reais(-l.Amount)
		}
		return st.rows.Write([]string{brazilian(b.At), inert(described(b.Kind, b.Key)), inert(b.Key.Subject), in, out, reais(st.balance)})
	}
	return nil
}

// end completes the file, or says in it that it is not complete.
func (st *statement) end(err error) error {
	if err != nil {
		_ = st.rows.Write([]string{"", "Arquivo incompleto. Baixe de novo.", "", "", "", ""})
	}
	st.rows.Flush()
	if flushed := st.out.Flush(); err == nil {
		return flushed
	}
	return err
}

// inert returns text as a cell that no spreadsheet takes for a formula.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// reais writes centavos as "1234,56".
func reais(m domain.Money) string { return strings.Replace(m.String(), ".", ",", 1) }

// brazilian writes the day of t as dd/mm/aaaa; "" when it is unknown.
func brazilian(t domain.LocalTime) string {
	if len(t) < 10 {
		return ""
	}
	return string(t[8:10] + "/" + t[5:7] + "/" + t[:4])
}

// factWords is what people read of a fact.
var factWords = map[string]string{
	domain.FactRecognise: "Cobrança paga", domain.FactCredit: "Cobrança recebida", domain.FactAdjust: "Ajuste de valor",
	domain.FactCash: "Recebida em dinheiro", domain.FactCashUndone: "Recebimento em dinheiro desfeito", "refund": "Estorno",
	domain.FactHold: "Contestação aberta", domain.FactWon: "Contestação ganha", domain.FactLost: "Contestação perdida",
}

var advanceWords = map[string]string{
	domain.FactCredit: "Antecipação creditada", domain.FactDebit: "Antecipação debitada", domain.FactAdjust: "Ajuste de antecipação",
}

// lineWords is what people read of a line of Asaas's statement.
var lineWords = map[string]string{
	"transfer": "Transferência", "transfer_reversal": "Transferência devolvida", "transfer_fee": "Taxa de transferência",
	"pix_transaction_debit": "Pix enviado", "pix_transaction_debit_refund": "Pix devolvido", "pix_transaction_debit_fee": "Taxa de Pix",
	"chargeback": "Contestação debitada", "chargeback_reversal": "Contestação devolvida",
	"internal_transfer_debit": "Transferência entre contas", "internal_transfer_credit": "Transferência entre contas",
	"payment_custody_block": "Saldo bloqueado", "payment_custody_block_reversal": "Saldo desbloqueado",
	"bacen_judicial_lock": "Bloqueio judicial", "bacen_judicial_unlock": "Desbloqueio judicial",
}

// decisionWords is what people read of what a person decided.
var decisionWords = map[string]string{"income": "Receita reconhecida", "refunded": "Devolvido pelo Asaas", "returned": "Devolvido pelo banco", "expense": "Custo do Asaas"}

// described tells in words what a booking is.
func described(kind domain.Kind, k domain.FactKey) string {
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
