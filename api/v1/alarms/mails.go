package alarms

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

func (s *Handler) registerMails(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/ops/mails", "listMails",
			"The last 100 e-mails about incidents and the agenda, newest first, sent or not", "Operation", rest.AlarmsRead,
		),
		s.listMails,
	)
}

// mailView is one e-mail; to whom it goes is not told.
type mailView struct {
	TenantID  string     `json:"tenantId"`
	Kind      string     `json:"kind" doc:"Of the alarm; agenda: of what must not be missed, whose text is made when it leaves" example:"silent"`
	Incident  time.Time  `json:"incident" doc:"When the alarm opened; of the agenda, when it was written down"`
	Phase     string     `json:"phase" enum:"opened,solved"`
	Subject   string     `json:"subject"`
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"createdAt"`
	SentAt    *time.Time `json:"sentAt" doc:"null: not yet"`
	GivenUpAt *time.Time `json:"givenUpAt" doc:"Too old, or tried too often"`
	Tries     int        `json:"tries"`
	LastError string     `json:"lastError,omitempty"`
}

type mailsOutput struct {
	Body struct {
		Data []mailView `json:"data"`
	}
}

func (s *Handler) listMails(ctx context.Context, _ *struct{}) (*mailsOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	out := &mailsOutput{}
	out.Body.Data = []mailView{}
	err := s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		list, err := alarm.Mails(tx, 100)
		for _, m := range list {
			out.Body.Data = append(out.Body.Data, mailView{
				TenantID:  m.ClinicID.Public("ten"),
				Kind:      m.Kind,
				Incident:  m.Incident,
				Phase:     m.Phase,
				Subject:   m.Subject,
				Body:      m.Body,
				CreatedAt: m.CreatedAt,
				SentAt:    rest.TimeOrNull(m.SentAt),
				GivenUpAt: rest.TimeOrNull(m.GivenUpAt),
				Tries:     m.Tries,
				LastError: m.LastError,
			})
		}
		return err
	})
	return out, err
}
