package v1

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

const (
	exportMost  = 1_000_000 // rows of a file: more than any spreadsheet opens
	exportPart  = 1_000     // rows of a part at least
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
	size   int // rows of a part
}

// begin stores the file and its long work, once it is known how long that will be.
func (m *making) begin(tx *tenants.Tx) error {
	rows, more, err := m.source.count(tx)
	if err != nil {
		return err
	}
	if more {
		return &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: "/filter", Code: "out_of_range", Detail: "São mais de 1.000.000 de linhas. Restrinja o filtro."}}}
	}
	m.size = max(exportPart, (rows/exportParts+pageRows-1)/pageRows*pageRows)
	m.work.Total = max((rows+m.size-1)/m.size, 1)
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
// the file is whole.
func (m *making) part(ctx context.Context, place string) (next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	before := m.file
	err = m.s.DB.In(ctx, m.clinic.ID, func(tx *tenants.Tx) error {
		m.file = before // a transaction may be tried again
		l, err := m.s.lens(ctx, tx, m.clinic)
		if err != nil {
			return err
		}
		t := newTable()
		if m.file.Parts == 0 {
			t.begin(m.source.heading)
		}
		rows := 0
		for next = place; rows < m.size && (rows == 0 || next != ""); {
			var lines [][]string
			if lines, next, err = m.source.read(tx, l, next); err != nil {
				return err
			}
			t.add(lines)
			if rows += len(lines); len(lines) == 0 {
				break
			}
		}
		if next != "" && m.file.Rows+rows >= exportMost {
			return errors.New("the list grows faster than it is written")
		}
		return tx.AddExportPart(m.s.Vault, &m.file, t.end(), rows, next == "")
	})
	if err != nil {
		m.file = before
	}
	return next, err
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
