package v1

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

// source is where the lines of a file come from. What it counts and reads are objects of
// the list, of which each may be several lines.
type source struct {
	heading []string
	count   func(*tenants.Tx, lens) (objects int, more bool, err error) // more: beyond exportMost
	read    func(tx *tenants.Tx, l lens, place string) (batch, error)
}

// batch is what was read at a place; "" is the beginning.
type batch struct {
	lines   [][]string
	objects int
	next    string // place behind it; "": there is nothing
}

// pageRows is how many rows are read at once.
const pageRows = 100

// sourceOf returns the rows of a kind that a filter leaves. It fails with Invalid for a
// filter that the list of the kind does not have.
func sourceOf(kind string, filter map[string]string) (source, error) {
	switch kind {
	case "invoices":
		in := &InvoiceQuery{}
		return listed(invoiceHeading, query.Invoices, in.filter, invoiceLines), filtered(in, filter)
	case "checkouts":
		in := &listCheckoutsInput{}
		return listed(checkoutHeading, query.Checkouts, plainly(in.filter), oneByOne(checkoutLine)), filtered(in, filter)
	case "anticipations":
		in := &listAnticipationsInput{}
		return listed(anticipationHeading, query.Anticipations, plainly(in.filter), oneByOne(anticipationLine)), filtered(in, filter)
	case "events":
		in := &EventQuery{}
		return listed(eventHeading, query.Events, in.filter, oneByOne(eventLine)), filtered(in, filter)
	case "ledger":
		in := &listLedgerInput{}
		return ledgerSource(in), filtered(in, filter)
	}
	return source{}, &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: "/kind", Code: "not_one_of_allowed"}}}
}

// listed is the source of a list that has pages.
func listed[F, R any](heading []string, list func(*tenants.Tx, F, tenants.Page) (tenants.List[R], error), filter func(*tenants.Tx, lens) (F, error), lines func(*tenants.Tx, lens, []R) ([][]string, error)) source {
	return source{heading: heading,
		count: func(tx *tenants.Tx, l lens) (int, bool, error) {
			f, err := filter(tx, l)
			if err != nil {
				return 0, false, inFilter(err)
			}
			page, err := list(tx, f, tenants.Page{Limit: 1, Count: true, Most: exportMost})
			if err != nil {
				return 0, false, err
			}
			return *page.Total, page.Capped, nil
		},
		read: func(tx *tenants.Tx, l lens, place string) (batch, error) {
			f, err := filter(tx, l)
			if err != nil {
				return batch{}, err
			}
			page, err := list(tx, f, tenants.Page{Limit: pageRows, Cursor: place})
			if err != nil {
				return batch{}, err
			}
			b := batch{objects: len(page.Rows), next: page.Next}
			b.lines, err = lines(tx, l, page.Rows)
			return b, err
		}}
}

// plainly is a filter that looks nothing up.
func plainly[F any](filter func() F) func(*tenants.Tx, lens) (F, error) {
	return func(*tenants.Tx, lens) (F, error) { return filter(), nil }
}

// inFilter names the filter of a file where a list would name its parameter.
func inFilter(err error) error {
	var told *problem.Error
	if errors.As(err, &told) {
		for i := range told.Fields {
			told.Fields[i] = problem.Field{Pointer: "/filter/" + told.Fields[i].Parameter, Code: told.Fields[i].Code, Detail: told.Fields[i].Detail}
		}
	}
	return err
}

// oneByOne is a line for each row.
func oneByOne[R any](line func(lens, R) ([]string, error)) func(*tenants.Tx, lens, []R) ([][]string, error) {
	return func(_ *tenants.Tx, l lens, rows []R) (lines [][]string, err error) {
		for _, row := range rows {
			cells, err := line(l, row)
			if err != nil {
				return nil, err
			}
			lines = append(lines, cells)
		}
		return lines, nil
	}
}

// invoiceLines has the names that are known when the file is made; it asks for no others.
func invoiceLines(tx *tenants.Tx, l lens, rows []query.Stored[domain.Invoice]) (lines [][]string, err error) {
	if l.personal {
		if l.payers, _, err = payers.Payers(tx, l.open, each(rows, payerOf), time.Time{}); err != nil {
			return nil, err
		}
	}
	return oneByOne(invoiceLine)(tx, l, rows)
}

var invoiceHeading = []string{"Vencimento", "Situação", "Forma", "Valor", "Taxa", "Líquido", "Estornado", "Paga em", "Disponível em", "Cliente", "Referência", "Descrição", "ID", "ID do Asaas", "ID do cliente", "Vista em", "Alterada em"}

func invoiceLine(l lens, i query.Stored[domain.Invoice]) ([]string, error) {
	v, err := invoiceOf(l, i, nil)
	return []string{dayCell(v.DueDate), word(invoiceWords, v.Status), textCell(v.Method), moneyCell(v.Value), moneyCell(v.Fee), moneyCell(v.NetValue), reais(domain.Money(v.RefundedAmount.AmountCents)), timeCell(v.PaidAt), dayCell(v.AvailableOn),
		textCell(v.CustomerName), textCell(v.ExternalReference), textCell(v.Description), v.ID, v.AsaasID, textCell(v.Customer), timeCell(&v.CreatedAt), timeCell(&v.UpdatedAt)}, err
}

var checkoutHeading = []string{"Visto em", "Situação", "Itens", "Total", "Formas", "Tipo", "Cliente", "Referência", "ID", "ID do Asaas", "Alterado em"}

func checkoutLine(l lens, c query.Stored[domain.Checkout]) ([]string, error) {
	v, err := checkoutOf(l, c)
	items := each(v.Items, func(i itemView) string { return textCell(i.Name) })
	return []string{timeCell(&v.CreatedAt), word(checkoutWords, v.Status), strings.Join(items, ", "), moneyCell(v.Total), strings.Join(v.BillingTypes, ", "), strings.Join(v.ChargeTypes, ", "),
		textCell(v.Customer), textCell(v.ExternalReference), v.ID, v.AsaasID, timeCell(&v.UpdatedAt)}, err
}

var anticipationHeading = []string{"Solicitada", "Situação", "Fatura", "Parcelamento", "Valor", "Taxa", "Líquido", "Dias", "Vencimento", "Motivo da recusa", "ID", "ID do Asaas", "Vista em", "Alterada em"}

func anticipationLine(l lens, a query.Stored[domain.Anticipation]) ([]string, error) {
	v, err := anticipationOf(l, a)
	days := ""
	if v.Days != nil {
		days = strconv.Itoa(*v.Days)
	}
	return []string{dayCell(v.RequestDate), word(anticipationWords, v.Status), textCell(v.Payment), textCell(v.Installment), moneyCell(v.Value), moneyCell(v.Fee), moneyCell(v.NetValue), days, dayCell(v.DueDate),
		textCell(v.DenialObservation), v.ID, v.AsaasID, timeCell(&v.CreatedAt), timeCell(&v.UpdatedAt)}, err
}

var eventHeading = []string{"Recebido em", "Evento", "Referência", "Situação", "Motivo", "Ocorreu em", "Aplicado em", "ID", "ID do Asaas"}

func eventLine(l lens, e query.Event) ([]string, error) {
	v := eventOf(l, e)
	return []string{timeCell(&v.ReceivedAt), v.Type, textCell(v.Entity), word(outcomeWords, v.Outcome), textCell(v.Reason), timeCell(v.OccurredAt), timeCell(v.AppliedAt), v.ID, v.AsaasID}, nil
}

var ledgerHeading = []string{"Número", "Data", "Descrição", "Referência", "Conta", "Débito", "Crédito", "Lançado em"}

// ledgerSource has a line for each leg of a booking.
func ledgerSource(in *listLedgerInput) source {
	filter := func(before int64) ledger.BookingFilter {
		return ledger.BookingFilter{Subject: in.Subject, Account: domain.Account(in.Account), Before: before}
	}
	return source{heading: ledgerHeading,
		count: func(tx *tenants.Tx, _ lens) (int, bool, error) { // bookings are numbered without a gap; those of one subject are few
			newest, err := ledger.Bookings(tx, filter(0), 1)
			if err != nil || len(newest) == 0 || in.Subject != "" {
				return len(newest), false, err
			}
			return int(newest[0].No), newest[0].No > exportMost, nil
		},
		read: func(tx *tenants.Tx, _ lens, place string) (batch, error) {
			before, _ := strconv.ParseInt(place, 10, 64)
			rows, err := ledger.Bookings(tx, filter(before), pageRows)
			b := batch{objects: len(rows)}
			for _, booking := range rows {
				b.lines = append(b.lines, ledgerLines(booking)...)
			}
			if len(rows) == pageRows {
				b.next = strconv.FormatInt(rows[len(rows)-1].No, 10)
			}
			return b, err
		}}
}

func ledgerLines(b ledger.Booking) (lines [][]string) {
	for _, leg := range b.Legs {
		debit, credit := reais(leg.Amount), ""
		if leg.Amount < 0 {
			debit, credit = "", reais(-leg.Amount)
		}
		lines = append(lines, []string{strconv.FormatInt(b.No, 10), brazilian(b.At), described(b.Kind, b.Key), b.Key.Subject, string(leg.Account), debit, credit, timeCell(&b.BookedAt)})
	}
	return lines
}

func textCell(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func moneyCell(m maybe[moneyView]) string {
	if m.v == nil {
		return ""
	}
	return reais(domain.Money(m.v.AmountCents))
}

func dayCell(d *string) string { return brazilian(domain.LocalTime(textCell(d))) }

// timeCell writes an instant as it was in São Paulo.
func timeCell(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(asaas.SaoPaulo).Format("02/01/2006 15:04:05")
}

// word returns what people read of a status, or the status itself when it is new.
func word(words map[string]string, status string) string { return cmp.Or(words[status], status) }

var invoiceWords = map[string]string{"pending": "Aguardando pagamento", "overdue": "Vencida", "authorized": "Autorizada — falta capturar", "in_review": "Em análise de risco", "confirmed": "Paga — saldo a liberar",
	"received": "Recebida", "received_in_cash": "Recebida em dinheiro", "refunding": "Estorno em andamento", "refunded": "Estornada", "disputed": "Contestada", "in_collection": "Em negativação", "collected": "Recuperada", "removed": "Removida"}

var checkoutWords = map[string]string{"active": "Ativo", "paid": "Pago", "canceled": "Cancelado", "expired": "Vencido"}

var anticipationWords = map[string]string{"pending": "Em análise", "scheduled": "Agendada", "credited": "Creditada", "debited": "Debitada", "denied": "Negada", "overdue": "Vencida", "cancelled": "Cancelada"}

var outcomeWords = map[string]string{"received": "Recebido", "applied": "Processado", "no_effect": "Nada mudou", "held": "Aguardando", "quarantined": "Em quarentena", "dead": "Parado"}
