package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// replayChunk is how many events one transaction of a bulk replay applies.
const replayChunk = 50

// replayInput is which events a bulk replay is about.
type replayInput struct {
	Events []byte `json:"events"` // their keys, packed
}

// replayProgress is how many of them were applied.
type replayProgress struct {
	Events int `json:"events"`
}

// replayResult is what came of a bulk replay.
type replayResult struct {
	Events  int `json:"events"`  // applied anew
	Changes int `json:"changes"` // versions of objects that came of it
	Failed  int `json:"failed"`  // wait for their next try
}

// NewReplay returns the operation that applies events of the clinic anew.
func NewReplay(c tenants.Clinic, keys []domain.EventKey, now time.Time) (tenants.Operation, error) {
	input, err := json.Marshal(replayInput{packKeys(keys)})
	return tenants.Operation{
		ID: tenants.NewID(now), Clinic: c.PublicID, Kind: domain.OperationReplay, State: "running", Input: input,
		Total: max((len(keys)+replayChunk-1)/replayChunk, 1), CreatedAt: now, UpdatedAt: now,
	}, err
}

// ReplayAll does a bulk replay that this process holds, from where it was left: chunk by
// chunk, each in one transaction with how far the replay is. What a chunk did stays when the
// next one fails.
func (a *Applier) ReplayAll(ctx context.Context, h *tenants.HeldOperation) error {
	var in replayInput
	var at replayProgress
	if h.Input == nil { // of a version that kept no input: nobody knows what was asked for
		return domain.Errorf(domain.Internal, "a replay without events")
	}
	if err := json.Unmarshal(h.Input, &in); err != nil {
		return err
	}
	if h.Progress != nil {
		if err := json.Unmarshal(h.Progress, &at); err != nil {
			return err
		}
	}
	keys := unpackKeys(in.Events)
	for h.State == "running" {
		chunk := keys[min(at.Events, len(keys)):min(at.Events+replayChunk, len(keys))]
		begun, first := a.Now(), at.Events+1
		at.Events += len(chunk)
		step := tenants.Step{Name: fmt.Sprintf("events %d-%d", first, at.Events), State: "done"}
		if len(keys) == 0 {
			step.Name = "events 0"
		}
		err := a.replayChunk(ctx, h, chunk, func(next *tenants.HeldOperation, told Replayed) {
			step.Millis = a.Now().Sub(begun).Milliseconds()
			next.Step(step)
			next.Result = addReplayed(next.Result, told)
			next.Progress, _ = json.Marshal(at) // a number
			if at.Events == len(keys) {
				next.Done()
			}
		})
		if err != nil {
			return err
		}
		a.crash("replay-chunk")
	}
	return nil
}

func (a *Applier) replayChunk(
	ctx context.Context, h *tenants.HeldOperation, chunk []domain.EventKey,
	note func(*tenants.HeldOperation, Replayed),
) error {
	ctx, cancel := context.WithTimeout(ctx, ReplayTime)
	defer cancel()
	return a.ReplayStep(ctx, h, chunk, note)
}

// addReplayed adds what a chunk did to what came of the chunks before it.
func addReplayed(sum json.RawMessage, told Replayed) json.RawMessage {
	var r replayResult
	_ = json.Unmarshal(sum, &r) // our own writing, or nothing yet
	r.Events += len(told.Events)
	r.Changes += len(told.Objects)
	for _, e := range told.Events {
		if e.Now == "" {
			r.Failed++
		}
	}
	sum, _ = json.Marshal(r) // three numbers
	return sum
}
