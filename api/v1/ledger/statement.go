package ledger

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/exports"
	"patapay/tenants/ledger"
)

// CSVOperation describes a route that answers with a CSV file.
func CSVOperation(path, id, summary string) huma.Operation {
	op := rest.NewOperation(http.MethodGet, path, id, summary, "Ledger", rest.LedgerRead)
	op.Responses = map[string]*huma.Response{
		"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}},
	}
	return op
}

type statementInput struct {
	rest.TenantPath
	Account rest.Word[domain.Account] `query:"account" default:"asaas_available" doc:"Whose bookings"`
}

// getLedgerStatement streams: a file of years takes no more memory than a short one.
func (s *Handler) getLedgerStatement(ctx context.Context, in *statementInput) (*huma.StreamResponse, error) {
	if err := rest.RequireExports(ctx); err != nil {
		return nil, err
	}
	c, err := s.Clinic(ctx, in.Tenant)
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
		in, out := exports.Reais(l.Amount), ""
		if l.Amount < 0 {
			in, out = "", exports.Reais(-l.Amount)
		}
		return st.rows.Write(
			[]string{
				exports.Day(b.At),
				exports.Inert(exports.Booked(b.Kind, b.Key)),
				exports.Inert(b.Key.Subject),
				in,
				out,
				exports.Reais(st.balance),
			},
		)
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
