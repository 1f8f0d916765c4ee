package connection

import (
	"time"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/connection"
)

// ConnectionStateView is a connection as an entry of the feed has it: its state, and what has a
// date. The rest is at its own address.
type ConnectionStateView struct {
	ID           string                            `json:"id" example:"con_06a1…"`
	State        rest.Word[domain.ConnectionState] `json:"state"`
	Since        *time.Time                        `json:"since"`
	Reason       *string                           `json:"reason"`
	NextAction   *string                           `json:"nextAction"`
	LossAt       *time.Time                        `json:"lossAt" doc:"When Asaas begins to drop what waits"`
	Environment  string                            `json:"environment" enum:"production,sandbox"`
	AccountID    *string                           `json:"accountId"`
	APIKeySetAt  *time.Time                        `json:"apiKeySetAt"`
	KeyExpiresOn *domain.Day                       `json:"keyExpiresOn" doc:"As a person typed it"`
	FirstEventAt *time.Time                        `json:"firstEventAt"`
	Version      int                               `json:"version"`
	UpdatedAt    time.Time                         `json:"updatedAt"`
}

// StateOf shows the state of a connection. Neither its key nor whose account it is stands in it.
func StateOf(c connection.Connection) ConnectionStateView {
	v := ConnectionStateView{
		ID: c.PublicID.Public("con"), State: rest.Word[domain.ConnectionState](c.State), Since: rest.TimeOrNull(c.Since),
		Reason: rest.TextOrNull(c.Reason), NextAction: rest.TextOrNull(c.NextAction), LossAt: rest.TimeOrNull(c.LossAt),
		Environment: c.Environment.String(), AccountID: rest.TextOrNull(c.Account), APIKeySetAt: rest.TimeOrNull(c.KeySetAt),
		FirstEventAt: rest.TimeOrNull(c.FirstEventAt), Version: c.Version, UpdatedAt: c.UpdatedAt,
	}
	if c.KeyExpiresOn != "" {
		v.KeyExpiresOn = &c.KeyExpiresOn
	}
	return v
}
