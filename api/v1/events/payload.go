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
	Reveal bool   `query:"reveal" doc:"Show personal data; for administrators, and written into the audit log"`
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

func (s *Handler) getPayload(ctx context.Context, in *payloadInput) (out *payloadOutput, err error) {
	if in.Reveal && !mayReveal(rest.CallerOf(ctx).Principal) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		e, err := eventBy(tx, in.ID)
		if err != nil {
			return err
		}
		body, err := query.EventBody(tx, e.Key, s.Vault)
		if err != nil {
			return err
		}
		if in.Reveal {
			err = tx.Audit(s.Chain, s.AuditEntry(ctx, "event.reveal", e.Key.Public(), map[string]any{"type": string(e.Type)}))
		}
		out = &payloadOutput{payloadOf(e.Key.Public(), body, in.Reveal)}
		return err
	})
	return out, err
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
