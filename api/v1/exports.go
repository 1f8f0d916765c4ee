package v1

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/exports"
)

func (s *Server) registerExports(api huma.API) {
	const path = "/v1/tenants/{tenant}/exports"
	create := operation(http.MethodPost, path, "createExport", "A file of a whole list, as long work; it can be fetched for 24 h", "Exports", exportsWrite)
	create.DefaultStatus = http.StatusAccepted
	add(api, create, s.createExport)
	add(api, operation(http.MethodGet, path+"/{id}", "getExport", "A file, and how far it is", "Exports", exportsWrite), s.getExport)
	file := csvOperation(path+"/{id}/file", "getExportFile", "The file: semicolons between cells, commas in numbers, dates as dd/mm/aaaa, UTF-8 with a byte order mark")
	file.Tags, file.Security = []string{"Exports"}, []map[string][]string{{bearer: {exportsWrite}}}
	add(api, file, s.getExportFile)
}

// exportScopes are what a caller needs beside exports:write: nobody gets as a file what
// they may not read as a list.
var exportScopes = map[string]string{"invoices": invoicesRead, "checkouts": checkoutsRead, "anticipations": anticipationsRead, "ledger": ledgerRead, "events": eventsRead}

type createExportInput struct {
	TenantPath
	Body struct {
		Kind   string            `json:"kind" enum:"invoices,checkouts,anticipations,ledger,events"`
		Format string            `json:"format,omitempty" enum:"csv" default:"csv"`
		Filter map[string]string `json:"filter,omitempty" doc:"Parameters of the list of the same kind, by name and as they stand in its address, without sort, limit, cursor, include and fields: {\"status\":\"overdue,pending\",\"dueDate[gte]\":\"2026-11-01\"}. The newest come first"`
	}
}

// exportView is a file that is made or can be fetched.
type exportView struct {
	ID        string            `json:"id" example:"exp_06a1…"`
	Kind      string            `json:"kind" enum:"invoices,checkouts,anticipations,ledger,events"`
	Format    string            `json:"format" enum:"csv"`
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
	v := exportView{ID: id, Kind: e.Kind, Format: "csv", Filter: map[string]string{}, State: o.State, Rows: e.Rows, CreatedAt: e.CreatedAt, EndsAt: e.EndsAt,
		Links: exportLinks{Self: self, Operation: "/v1/operations/" + e.ID.Public("opr")}}
	_ = json.Unmarshal(e.Filter, &v.Filter) // we wrote it
	switch {
	case e.Done:
		v.State, v.Links.File = "done", some(self+"/file")
	case v.State == "done": // it ended between the two reads
		v.State = "running"
	}
	return v
}

// createExport begins a file. What is wrong with its filter is told before anything runs. A
// suspended clinic may have its files: it can be read.
func (s *Server) createExport(ctx context.Context, in *createExportInput) (*operationOutput, error) {
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	if !may(who.Principal, exportScopes[in.Body.Kind]) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	narrow, err := narrowed(in.Body.Kind, in.Body.Filter)
	if err != nil {
		return nil, err
	}
	now := s.now()
	e := tenants.Export{ID: tenants.NewID(now), Kind: in.Body.Kind, By: who.Subject, CreatedAt: now, EndsAt: now.Add(tenants.ExportLife)}
	filter := nameless(in.Body.Filter)
	if e.Filter, err = json.Marshal(filter); err != nil || filter == nil {
		e.Filter = json.RawMessage("{}")
	}
	o := tenants.Operation{ID: e.ID, Clinic: c.PublicID, Kind: exports.Operation, State: "running", CreatedAt: now, UpdatedAt: now}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		l, err := s.lens(ctx, tx, c)
		if err != nil {
			return err
		}
		request, err := narrow(tx, l)
		if err != nil {
			return err
		}
		request.Personal, request.Texts = l.personal, l.texts
		if err := s.startExport(tx, e, &o, request); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.entry(ctx, "export.create", e.ID.Public("exp"), map[string]any{"kind": e.Kind, "filter": filter}))
	})
	if err != nil {
		return nil, err
	}
	s.waits(c.ID, o.ID)
	return accepted(o), nil
}

// startExport stores the file and its long work, once it is known how long that will be.
func (s *Server) startExport(tx *tenants.Tx, e tenants.Export, o *tenants.Operation, request exports.Request) error {
	size, parts, tooMany, err := exports.Length(tx, request)
	if err != nil {
		return err
	}
	if tooMany {
		return &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: "/filter", Code: "out_of_range", Detail: "São mais de 1.000.000 de linhas. Restrinja o filtro."}}}
	}
	o.Total = parts
	if o.Input, err = exports.Input(tx, s.Vault, e.ID, request, size); err != nil {
		return err
	}
	if err := tx.AddExport(e); err != nil {
		if domain.CodeOf(err) == domain.Conflict {
			return &problem.Error{Code: string(domain.Conflict), Detail: fmt.Sprintf("Já há %d exportações guardadas. Cada uma fica 24 horas; aguarde a mais antiga terminar.", tenants.ExportsKept), Err: err}
		}
		return err
	}
	if err = tx.StartOperation(*o); domain.CodeOf(err) == domain.Conflict {
		return &problem.Error{Code: string(domain.Conflict), Detail: "Outra exportação está em andamento. Aguarde que termine.", Err: err}
	}
	return err
}

type getExportInput struct {
	TenantPath
	ID string `path:"id" doc:"exp_…"`
}

type exportOutput struct{ Body exportView }

func (s *Server) getExport(ctx context.Context, in *getExportInput) (*exportOutput, error) {
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
func (s *Server) export(ctx context.Context, in *getExportInput) (c tenants.Clinic, e tenants.Export, err error) {
	if c, err = s.clinic(ctx, in.Tenant); err != nil {
		return c, e, err
	}
	id, ok := domain.ParseUUID("exp", in.ID)
	if !ok {
		return c, e, domain.Errorf(domain.NotFound, "")
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		e, err = tx.Export(id, s.now())
		return err
	})
	if err == nil && !may(callerOf(ctx).Principal, exportScopes[e.Kind]) {
		err = domain.Errorf(domain.Forbidden, "")
	}
	return c, e, err
}

// getExportFile sends the file part by part: each is opened on its own.
func (s *Server) getExportFile(ctx context.Context, in *getExportInput) (*huma.StreamResponse, error) {
	c, e, err := s.export(ctx, in)
	if err != nil {
		return nil, err
	}
	if !e.Done {
		return nil, &problem.Error{Code: string(domain.Conflict), Detail: "O arquivo ainda não está pronto."}
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		return tx.Audit(s.Chain, s.entry(ctx, "export.download", e.ID.Public("exp"), map[string]any{"kind": e.Kind, "rows": e.Rows}))
	})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "text/csv; charset=utf-8")
		h.SetHeader("Content-Disposition", `attachment; filename="`+exportNames[e.Kind]+`.csv"`)
		if err := s.sendParts(h, c, e); err != nil {
			s.Log.WarnContext(h.Context(), "export cut short", "clinic", c.ID, "err", err)
		}
	}}, nil
}

// exportNames are what the files are called.
var exportNames = map[string]string{"invoices": "faturas", "checkouts": "checkouts", "anticipations": "antecipacoes", "ledger": "lancamentos", "events": "eventos"}

func (s *Server) sendParts(h huma.Context, c tenants.Clinic, e tenants.Export) error {
	out := h.BodyWriter()
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
		if _, err := out.Write(part); err != nil {
			return err // who asked is gone
		}
	}
	return nil
}
