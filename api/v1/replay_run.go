package v1

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
)

// replayResult is what came of a bulk replay.
type replayResult struct {
	Events  int `json:"events"`  // applied anew
	Changes int `json:"changes"` // versions of objects that came of it
	Failed  int `json:"failed"`  // wait for their next try
}

// replayAll applies the events chunk by chunk, and stores after each how far it is. A
// chunk is one transaction: what it did stays when the next one fails.
func (s *Server) replayAll(ctx context.Context, c tenants.Clinic, keys []domain.EventKey, o tenants.Operation) {
	var sum replayResult
	first := 1
	for chunk := range slices.Chunk(keys, replayChunk) {
		begun := s.now()
		step := tenants.Step{Name: fmt.Sprintf("events %d-%d", first, first+len(chunk)-1), State: "done"}
		first += len(chunk)
		err := s.replayOne(ctx, c, chunk, &sum)
		if err != nil {
			step.State, step.Detail = "failed", "O problema é do nosso lado; já avisamos a equipe."
			o.State, o.Code = "failed", string(domain.CodeOf(err))
			s.Log.WarnContext(ctx, "replay stopped", "operation", o.ID.Public("opr"), "err", err)
		}
		step.Millis = s.now().Sub(begun).Milliseconds()
		o.Steps = append(o.Steps, step)
		if o.State == "failed" {
			break
		}
		s.saveReplay(ctx, c, o, sum)
	}
	if o.State == "running" {
		o.State = "done"
	}
	if len(keys) == 0 {
		o.Steps = []tenants.Step{{Name: "events 0", State: "done"}}
	}
	s.saveReplay(ctx, c, o, sum)
}

func (s *Server) replayOne(ctx context.Context, c tenants.Clinic, chunk []domain.EventKey, sum *replayResult) error {
	ctx, cancel := context.WithTimeout(ctx, apply.ReplayTime)
	defer cancel()
	done, err := s.Applier.Replay(ctx, c.ID, chunk, false)
	if err != nil {
		return err
	}
	sum.Events += len(done.Events)
	sum.Changes += len(done.Objects)
	for _, e := range done.Events {
		if e.Now == "" {
			sum.Failed++
		}
	}
	return nil
}

// saveReplay stores how far it is; a row that stays running counts as interrupted.
func (s *Server) saveReplay(ctx context.Context, c tenants.Clinic, o tenants.Operation, sum replayResult) {
	o.Result, _ = json.Marshal(sum) // three numbers
	if err := s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error { return tx.SaveOperation(o, s.now()) }); err != nil {
		s.Log.WarnContext(ctx, "progress of a replay not stored", "err", err)
	}
}
