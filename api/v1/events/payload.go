package events

import (
	"context"
	"encoding/json"

	"patapay/api/auth"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

type payloadInput struct {
	rest.TenantPath
	ID     string `path:"id" doc:"Ours, or Asaas's"`
	Reveal bool   `doc:"Show personal data; for administrators, and written into the audit log" query:"reveal"`
}

// payloadView is an event's body.
type payloadView struct {
	EventID string  `json:"eventId"`
	Masked  bool    `json:"masked" doc:"Whether personal data is hidden"`
	Payload any     `json:"payload" doc:"The body; null when it is not JSON"`
	Text    *string `json:"text" doc:"The body when it is not JSON; only revealed"`
}

// payloadOutput is never cached by anyone: every reveal is a read of its own.
type payloadOutput struct{ Body payloadView }

func (s *Handler) getPayload(ctx context.Context, in *payloadInput) (*payloadOutput, error) {
	if in.Reveal && !mayReveal(rest.CallerOf(ctx).Principal) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	var clinic domain.ClinicID
	var event query.EventDetail
	var body []byte
	err := s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) (err error) {
		clinic = tx.Clinic()
		if event, err = eventBy(tx, in.ID); err != nil {
			return err
		}
		body, err = query.EventBody(tx, event.Key, s.Vault)
		return err
	})
	id := event.Key.Public()
	if err == nil && in.Reveal {
		err = s.RecordAccess(ctx, clinic, "event.reveal", id, map[string]any{"type": string(event.Type)})
	}
	if err != nil {
		return nil, err
	}
	return &payloadOutput{payloadOf(id, body, in.Reveal)}, nil
}

// mayReveal tells whether p may see personal data of a body: a clinic's administrator.
func mayReveal(p auth.Principal) bool {
	return p.Role == auth.RoleAdmin && rest.May(p, rest.PersonalRead)
}

func payloadOf(id string, body []byte, reveal bool) payloadView {
	v := payloadView{EventID: id, Masked: !reveal}
	switch {
	case !json.Valid(body) && reveal:
		v.Text = rest.TextOrNull(string(body))
	case !json.Valid(body):
	default:
		v.Payload = json.RawMessage(rest.MaskPayload(body, reveal))
	}
	return v
}
