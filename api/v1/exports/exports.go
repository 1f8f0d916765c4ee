package exports

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/v1/invoices"
	v1ledger "patapay/api/v1/ledger"
	"patapay/api/v1/operations"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/exports"
)

func (s *Handler) registerExports(api huma.API) {
	const path = "/v1/tenants/{tenant}/exports"
	create := rest.NewOperation(
		http.MethodPost, path, "createExport", "A file of a whole list, as long work; it can be fetched for 24 h",
		"Exports", rest.ExportsWrite,
	)
	create.DefaultStatus = http.StatusAccepted
	rest.Register(api, create, s.createExport)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/{id}", "getExport", "A file, and how far it is", "Exports", rest.ExportsWrite,
		),
		s.getExport,
	)
	file := v1ledger.CSVOperation(
		path+"/{id}/file", "getExportFile",
		"The file. CSV has semicolons between cells, commas in numbers, dates as dd/mm/aaaa, UTF-8 with a byte order mark",
	)
	file.Responses["200"].Content[contentTypes["ofx"]] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	file.Tags, file.Security = []string{"Exports"}, []map[string][]string{{rest.Bearer: {rest.ExportsWrite}}}
	rest.Register(api, file, s.getExportFile)
}

// exportScopes are what a caller needs beside exports:write: nobody gets as a file what
// they may not read as a list.
var exportScopes = map[string]string{
	"invoices":      rest.InvoicesRead,
	"checkouts":     rest.CheckoutsRead,
	"anticipations": rest.AnticipationsRead,
	"ledger":        rest.LedgerRead,
	"events":        rest.EventsRead,
	"statement":     rest.LedgerRead,
}

type createExportInput struct {
	rest.TenantPath
	Body struct {
		Kind   string            `json:"kind" enum:"invoices,checkouts,anticipations,ledger,events,statement"`
		Format string            `json:"format,omitempty" enum:"csv,ofx" default:"csv" doc:"ofx, of a statement alone: OFX 1.02 of the balance at Asaas, for accounting programs; a transaction keeps its FITID in every file"`
		Filter map[string]string `json:"filter,omitempty" doc:"Parameters of the list of the same kind, by name and as they stand in its address, without sort, limit, cursor, include and fields: {\"status\":\"overdue,pending\",\"dueDate[gte]\":\"2026-11-01\"}. The newest come first, but in a statement: that is the lines of one account (asaas_available, or the account of the filter) in the order of their days, with the balance after each, narrowed as the list of ledger entries"`
	}
}

// exportView is a file that is made or can be fetched.
type exportView struct {
	ID        string            `json:"id" example:"exp_06a1…"`
	Kind      string            `json:"kind" enum:"invoices,checkouts,anticipations,ledger,events,statement"`
	Format    string            `json:"format" enum:"csv,ofx"`
	Filter    map[string]string `json:"filter" nullable:"false"`
	State     string            `json:"state" enum:"running,done,failed"`
	Rows      int               `json:"rows" doc:"In the file so far, without its heading"`
	CreatedAt time.Time         `json:"createdAt"`
	EndsAt    time.Time         `json:"endsAt" doc:"From then on it is not there"`
	Links     exportLinks       `json:"links"`
}

type exportLinks struct {
	Self      string  `json:"self"`
	Operation string  `json:"operation"`
	File      *string `json:"file" doc:"Null until it is done"`
}

// exportOf returns a file as the world sees it; o is the long work that makes it.
func exportOf(c tenants.Clinic, e tenants.Export, o tenants.Operation) exportView {
	id := e.ID.Public("exp")
	self := "/v1/tenants/" + c.PublicID.Public("ten") + "/exports/" + id
	v := exportView{
		ID:        id,
		Kind:      e.Kind,
		Format:    e.Format,
		Filter:    map[string]string{},
		State:     o.State,
		Rows:      e.Rows,
		CreatedAt: e.CreatedAt,
		EndsAt:    e.EndsAt,
		Links:     exportLinks{Self: self, Operation: "/v1/operations/" + e.ID.Public("opr")},
	}
	_ = json.Unmarshal(e.Filter, &v.Filter) // we wrote it
	switch {
	case e.Done:
		v.State, v.Links.File = "done", rest.TextOrNull(self+"/file")
	case v.State == "done": // it ended between the two reads
		v.State = "running"
	}
	return v
}

// createExport begins a file. What is wrong with its filter is told before anything runs. A
// suspended clinic may have its files: it can be read.
func (s *Handler) createExport(ctx context.Context, in *createExportInput) (*operations.OperationOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	who := rest.CallerOf(ctx)
	if !rest.May(who.Principal, exportScopes[in.Body.Kind]) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	narrow, err := narrowed(in.Body.Kind, in.Body.Format, in.Body.Filter)
	if err != nil {
		return nil, err
	}
	now := s.Instant()
	e := tenants.Export{
		ID:        tenants.NewID(now),
		Kind:      in.Body.Kind,
		Format:    in.Body.Format,
		By:        who.Subject,
		CreatedAt: now,
		EndsAt:    now.Add(tenants.ExportLife),
	}
	filter := invoices.Nameless(in.Body.Filter)
	if e.Filter, err = json.Marshal(filter); err != nil || filter == nil {
		e.Filter = json.RawMessage("{}")
	}
	o := tenants.Operation{
		ID:        e.ID,
		Clinic:    c.PublicID,
		Kind:      domain.OperationExport,
		State:     "running",
		CreatedAt: now,
		UpdatedAt: now,
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		l, err := s.ClinicView(ctx, tx, c)
		if err != nil {
			return err
		}
		request, err := narrow(tx, l)
		if err != nil {
			return err
		}
		request.Personal, request.Texts = l.Personal, l.Texts
		if request.OFX != nil {
			request.OFX.Of(c, now)
		}
		if err := s.startExport(tx, e, &o, request); err != nil {
			return err
		}
		return tx.Audit(
			s.Chain,
			s.AuditEntry(ctx, "export.create", e.ID.Public("exp"),
				map[string]any{"kind": e.Kind, "format": e.Format, "filter": filter}),
		)
	})
	if err != nil {
		return nil, err
	}
	s.NotifyOperation(c.ID, o.ID)
	return operations.Accepted(o), nil
}

// startExport stores the file and its long work, once it is known how long that will be.
func (s *Handler) startExport(tx *tenants.Tx, e tenants.Export, o *tenants.Operation, request exports.Request) error {
	size, parts, tooMany, err := exports.Length(tx, request)
	if err != nil {
		return err
	}
	if tooMany {
		return &problem.Error{
			Code: string(domain.Invalid),
			Fields: []problem.Field{
				{Pointer: "/filter", Code: "out_of_range", Detail: "São mais de 1.000.000 de linhas. Restrinja o filtro."},
			},
		}
	}
	o.Total = parts
	if o.Input, err = exports.Input(tx, s.Vault, e.ID, request, size); err != nil {
		return err
	}
	if err := tx.AddExport(e); err != nil {
		if domain.CodeOf(err) == domain.Conflict {
			return &problem.Error{
				Code: string(domain.Conflict),
				Detail: fmt.Sprintf(
					"Já há %d exportações guardadas. Cada uma fica 24 horas; aguarde a mais antiga terminar.",
					tenants.ExportsKept,
				),
				Err: err,
			}
		}
		return err
	}
	if err = tx.StartOperation(*o); domain.CodeOf(err) == domain.Conflict {
		return &problem.Error{
			Code:   string(domain.Conflict),
			Detail: "Outra exportação está em andamento. Aguarde que termine.",
			Err:    err,
		}
	}
	return err
}

type getExportInput struct {
	rest.TenantPath
	ID string `path:"id" doc:"exp_…"`
}

type exportOutput struct{ Body exportView }

func (s *Handler) getExport(ctx context.Context, in *getExportInput) (*exportOutput, error) {
	c, e, err := s.export(ctx, in)
	if err != nil {
		return nil, err
	}
	o, err := s.DB.Operation(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	return &exportOutput{exportOf(c, e, o)}, nil
}

// export returns the file that a path names, if the caller may read what is in it.
func (s *Handler) export(ctx context.Context, in *getExportInput) (c tenants.Clinic, e tenants.Export, err error) {
	if c, err = s.Clinic(ctx, in.Tenant); err != nil {
		return c, e, err
	}
	id, ok := domain.ParseUUID("exp", in.ID)
	if !ok {
		return c, e, domain.Errorf(domain.NotFound, "")
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		e, err = tx.Export(id, s.Instant())
		return err
	})
	if err == nil && !rest.May(rest.CallerOf(ctx).Principal, exportScopes[e.Kind]) {
		err = domain.Errorf(domain.Forbidden, "")
	}
	return c, e, err
}

// getExportFile sends the file part by part: each is opened on its own.
func (s *Handler) getExportFile(ctx context.Context, in *getExportInput) (*huma.StreamResponse, error) {
	c, e, err := s.export(ctx, in)
	if err != nil {
		return nil, err
	}
	if !e.Done {
		return nil, &problem.Error{Code: string(domain.Conflict), Detail: "O arquivo ainda não está pronto."}
	}
	detail := map[string]any{"kind": e.Kind, "rows": e.Rows}
	if err := s.RecordAccess(ctx, c.ID, "export.download", e.ID.Public("exp"), detail); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", contentTypes[e.Format])
		h.SetHeader("Content-Disposition", `attachment; filename="`+exportNames[e.Kind]+"."+e.Format+`"`)
		if err := s.sendParts(h, c, e); err != nil {
			s.Log.WarnContext(h.Context(), "export cut short", "clinic", c.ID, "err", err)
		}
	}}, nil
}

// partTime is how long one part of a file may take to be read by who asked for it.
const partTime = 2 * time.Minute

// contentTypes are what the files are, by format.
var contentTypes = map[string]string{"csv": "text/csv; charset=utf-8", "ofx": "application/x-ofx"}

// exportNames are what the files are called.
var exportNames = map[string]string{
	"invoices":      "faturas",
	"checkouts":     "checkouts",
	"anticipations": "antecipacoes",
	"ledger":        "lancamentos",
	"events":        "eventos",
	"statement":     "extrato",
}

func (s *Handler) sendParts(h huma.Context, c tenants.Clinic, e tenants.Export) error {
	out, control := h.BodyWriter(), http.NewResponseController(rest.CallerOf(h.Context()).Writer)
	for n := 1; n <= e.Parts; n++ {
		var part []byte
		err := s.DB.In(h.Context(), c.ID, func(tx *tenants.Tx) (err error) {
			part, err = tx.ExportPart(s.Vault, e, n)
			return err
		})
		if err != nil {
			_, _ = out.Write([]byte("Arquivo incompleto. Baixe de novo.\r\n"))
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(partTime)) // instead of one for the whole file
		if _, err := out.Write(part); err != nil {
			return err // who asked is gone
		}
	}
	return nil
}
