package connect

import (
	"context"
	"encoding/json"
	"time"

	"patapay/tenants"
	"patapay/tenants/connection"
)

// progress is where an operation goes on when the process that worked on it ended.
type progress struct {
	Checkout             string                           `json:"checkout,omitempty"`    // test: the throw-away checkout that may be open
	Ensured              bool                             `json:"ensured,omitempty"`     // set-up: the webhook stands
	ResumedAt            *time.Time                       `json:"resumedAt,omitempty"`   // reactivate: the queue runs again since
	Begun                *time.Time                       `json:"begun,omitempty"`       // backfill: its days are counted from here
	Windows              int                              `json:"windows,omitempty"`     // backfill: that are imported
	ReconciliationReport *connection.ReconciliationReport `json:"certificate,omitempty"` // backfill: of these windows
	Seen                 []tenants.EntityRef              `json:"seen,omitempty"`        // backfill: compared in these windows
}

// remember stores where the operation goes on from now on; gotOn says that what was done is
// never done again.
func (o *operating) remember(ctx context.Context, gotOn bool) error {
	text, err := json.Marshal(o.done)
	if err != nil {
		return err
	}
	o.op.Progress = text
	return o.DB.In(ctx, o.op.ClinicID, func(tx *tenants.Tx) error {
		if gotOn {
			return tx.SaveStep(o.op, o.Now().UTC())
		}
		return tx.SaveHeld(o.op, o.Now().UTC())
	})
}
