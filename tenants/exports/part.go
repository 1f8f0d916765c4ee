package exports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// partTime bounds one part.
const partTime = time.Minute

// Maker makes files, part by part.
type Maker struct {
	DB    *tenants.DB // of the api role
	Vault *vault.Vault
	Now   func() time.Time
	Crash func(point string) // kills the process at named points in fault tests; nil otherwise
}

// place is where the next part begins.
type place struct {
	Cursor string `json:"cursor"`
}

// Make makes the parts that a file still lacks. Each is read, written and stored in one
// transaction, with how far the file is: a process that ends loses the part it was at, and
// no part is there twice.
func (m *Maker) Make(ctx context.Context, h *tenants.HeldOperation) error {
	for h.State == "running" {
		if err := m.part(ctx, h); err != nil {
			return err
		}
		if m.Crash != nil {
			m.Crash("export-part")
		}
	}
	return nil
}

// part makes the next part. The file always ends: what comes to a list comes before its
// newest, and what was read is not read again.
func (m *Maker) part(ctx context.Context, h *tenants.HeldOperation) error {
	ctx, cancel := context.WithTimeout(ctx, partTime)
	defer cancel()
	begun, next := m.Now(), *h
	next.Steps = append([]tenants.Step(nil), h.Steps...)
	err := m.DB.In(ctx, h.ClinicID, func(tx *tenants.Tx) error {
		file, err := tx.Export(h.ID, h.CreatedAt) // also one whose day is over: its operation has to end
		if err != nil {
			return err
		}
		at, err := m.write(tx, h, &file)
		if err != nil {
			return err
		}
		next.Step(
			tenants.Step{
				Name:   fmt.Sprintf("rows %d-%d", at.first, file.Rows),
				State:  "done",
				Millis: m.Now().Sub(begun).Milliseconds(),
			},
		)
		if file.Done {
			next.Done()
		}
		if next.Progress, err = json.Marshal(at.place); err != nil {
			return err
		}
		if next.Result, err = json.Marshal(map[string]any{"export": file.ID.Public("exp"), "rows": file.Rows}); err != nil {
			return err
		}
		return tx.SaveStep(&next, m.Now().UTC())
	})
	if err == nil {
		*h = next
	}
	return err
}

// written is where a part began, and where the next one does.
type written struct {
	place
	first int // row, from 1
}

// write reads the next part's objects and stores it.
func (m *Maker) write(tx *tenants.Tx, h *tenants.HeldOperation, file *tenants.Export) (at written, err error) {
	if h.Progress != nil {
		if err := json.Unmarshal(h.Progress, &at.place); err != nil {
			return at, err
		}
	}
	at.first = file.Rows + 1
	open, err := tx.Opener(m.Vault)
	if err != nil {
		return at, err
	}
	if h.Input == nil { // of a version that kept no request: nobody knows what was asked for
		return at, domain.Errorf(domain.Internal, "an export without a request")
	}
	request, size, err := opened(open, h.ID, h.Input)
	if err != nil {
		return at, err
	}
	from, err := sourceOf(request)
	if err != nil {
		return at, err
	}
	d := from.document()
	lines := 0
	for left, more := size, true; more; more = left > 0 && at.Cursor != "" {
		b, err := from.read(tx, reader{request, open}, at.Cursor)
		if err != nil {
			return at, err
		}
		if at.Cursor == "" {
			d.Begin(slices.Concat(from.heading, b.heading))
		}
		d.Add(b.lines)
		lines, left, at.Cursor = lines+len(b.lines), left-b.objects, b.next
		if at.Cursor == "" {
			d.Finish(b.ending)
		}
	}
	return at, tx.AddExportPart(m.Vault, file, d.End(), lines, at.Cursor == "")
}
