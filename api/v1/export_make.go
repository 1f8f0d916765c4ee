package v1

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"time"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

const (
	exportMost  = 1_000_000 // objects of a file: more than any spreadsheet opens
	exportPart  = 1_000     // of a part at least
	exportParts = 100       // of a file, about: a longer file has longer parts
	exportTime  = time.Minute
)

// making is a file while it is made, on a goroutine of its own. Each part is read, written
// and stored in one transaction; how far it is stands in its operation.
type making struct {
	s      *Server
	clinic tenants.Clinic
	file   tenants.Export
	work   tenants.Operation
	source source
	size   int // objects of a part
}

// begin stores the file and its long work, once it is known how long that will be.
func (m *making) begin(tx *tenants.Tx, l lens) error {
	objects, more, err := m.source.count(tx, l)
	if err != nil {
		return err
	}
	if more {
		return &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: "/filter", Code: "out_of_range", Detail: "São mais de 1.000.000 de linhas. Restrinja o filtro."}}}
	}
	m.size = max(exportPart, (objects/exportParts+pageRows-1)/pageRows*pageRows)
	m.work.Total = max((objects+m.size-1)/m.size, 1)
	if err := tx.AddExport(m.file); err != nil {
		if domain.CodeOf(err) == domain.Conflict {
			return &problem.Error{Code: string(domain.Conflict), Detail: fmt.Sprintf("Já há %d exportações guardadas. Cada uma fica 24 horas; aguarde a mais antiga terminar.", tenants.ExportsKept), Err: err}
		}
		return err
	}
	if err = tx.StartOperation(m.work); domain.CodeOf(err) == domain.Conflict {
		return &problem.Error{Code: string(domain.Conflict), Detail: "Outra exportação está em andamento. Aguarde que termine.", Err: err}
	}
	return err
}

// run makes the file, part by part, and stores after each how far it is.
func (m *making) run(ctx context.Context) {
	defer func() { // a row that cannot be written must not end the process: its work counts as interrupted
		if cause := recover(); cause != nil {
			m.s.Log.ErrorContext(ctx, "export panicked", "export", m.file.ID.Public("exp"), "cause", cause)
		}
	}()
	for place := ""; m.work.State == "running"; {
		begun, first := m.s.now(), m.file.Rows+1
		next, err := m.part(ctx, place)
		step := tenants.Step{Name: fmt.Sprintf("rows %d-%d", first, m.file.Rows), State: "done", Millis: m.s.now().Sub(begun).Milliseconds()}
		switch {
		case err != nil:
			step.State, step.Detail = "failed", "O problema é do nosso lado; já avisamos a equipe."
			m.work.State, m.work.Code = "failed", string(domain.CodeOf(err))
			m.s.Log.WarnContext(ctx, "export stopped", "export", m.file.ID.Public("exp"), "err", err)
		case next == "":
			m.work.State = "done"
		}
		m.work.Steps = append(m.work.Steps, step)
		place = next
		m.save(ctx)
	}
}

// part makes the part that begins at place, and returns where the next one begins; "" when
// the file is whole. It always ends: what comes to a list comes before its newest, and what
// was read is not read again.
func (m *making) part(ctx context.Context, place string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	file := m.file
	err := m.s.DB.In(ctx, m.clinic.ID, func(tx *tenants.Tx) error {
		l, err := m.s.lens(ctx, tx, m.clinic)
		if err != nil {
			return err
		}
		t := newTable()
		if file.Parts == 0 {
			t.begin(m.source.heading)
		}
		lines := 0
		for left, more := m.size, true; more; more = left > 0 && place != "" {
			b, err := m.source.read(tx, l, place)
			if err != nil {
				return err
			}
			t.add(b.lines)
			lines, left, place = lines+len(b.lines), left-b.objects, b.next
		}
		return tx.AddExportPart(m.s.Vault, &file, t.end(), lines, place == "")
	})
	if err == nil {
		m.file = file
	}
	return place, err
}

// save stores how far it is; a row that stays running counts as interrupted.
func (m *making) save(ctx context.Context) {
	m.work.Result, _ = json.Marshal(map[string]any{"export": m.file.ID.Public("exp"), "rows": m.file.Rows}) // a text and a number
	if err := m.s.DB.In(ctx, m.clinic.ID, func(tx *tenants.Tx) error { return tx.SaveOperation(m.work, m.s.now()) }); err != nil {
		m.s.Log.WarnContext(ctx, "progress of an export not stored", "err", err)
	}
}

// table writes rows as the spreadsheets of Brazil read them; cells never act as formulas.
type table struct {
	out  bytes.Buffer
	rows *csv.Writer
}

func newTable() *table {
	t := &table{}
	t.rows = csv.NewWriter(&t.out)
	t.rows.Comma, t.rows.UseCRLF = ';', true
	return t
}

// begin writes the byte order mark and the heading.
func (t *table) begin(heading []string) {
	t.out.WriteString("\ufeff")
	_ = t.rows.Write(heading) // into memory
}

func (t *table) add(lines [][]string) {
	for _, line := range lines {
		for i := range line {
			line[i] = inert(line[i])
		}
		_ = t.rows.Write(line)
	}
}

func (t *table) end() []byte {
	t.rows.Flush()
	return t.out.Bytes()
}
