package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *calendarRoutes) registerCalendars(api huma.API) {
	const path = "/v1/auth/calendars"
	rest.Register(api, ownOperation(http.MethodGet, path, "listCalendars",
		"The person's calendar addresses that open the days of their clinic's agenda, the newest first"), s.listCalendars)
	// The address outlives the session that made it, as a token does.
	add := rest.WithFreshFactor(rest.WithFreshSession(ownOperation(http.MethodPost, path, "createCalendar",
		"Make an address for a calendar program; it is shown in this answer only")))
	add.DefaultStatus = http.StatusCreated
	rest.Register(api, add, s.createCalendar)
	end := ownOperation(http.MethodDelete, path+"/{id}", "endCalendar", "Revoke an address: it opens nothing any more")
	end.DefaultStatus = http.StatusNoContent
	rest.Register(api, end, s.endCalendar)
}

// calendarView is an address of a calendar; the address itself is in the answer that made it only.
type calendarView struct {
	ID         string     `json:"id" example:"cal_06a1…"`
	CreatedAt  time.Time  `json:"createdAt"`
	LastUsedAt *time.Time `json:"lastUsedAt" doc:"To a day; null: never. After 180 days without use it opens nothing"`
	URL        string     `json:"url,omitempty" doc:"In the answer that made it only"`
}

func calendarOf(c people.Calendar) calendarView {
	return calendarView{ID: c.ID.Public("cal"), CreatedAt: c.CreatedAt, LastUsedAt: rest.TimeOrNull(c.UsedAt)}
}

type listCalendarsOutput struct {
	Body struct {
		Data []calendarView `json:"data" nullable:"false"`
	}
}

// clinicPerson returns the person who asks, of a clinic: operators have no agenda.
func (s *calendarRoutes) clinicPerson(ctx context.Context) (people.User, error) {
	u, err := s.person(ctx)
	if err == nil && u.Clinic == 0 {
		err = domain.Errorf(domain.Forbidden, "")
	}
	return u, err
}

func (s *calendarRoutes) listCalendars(ctx context.Context, _ *struct{}) (*listCalendarsOutput, error) {
	u, err := s.clinicPerson(ctx)
	if err != nil {
		return nil, err
	}
	var list []people.Calendar
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		list, err = people.Calendars(tx, u.ID, s.Instant())
		return err
	})
	out := &listCalendarsOutput{}
	out.Body.Data = rest.Map(list, calendarOf)
	return out, err
}

type calendarOutput struct{ Body calendarView }

// createCalendar makes 256 bits that nobody guesses; only their digest is kept.
func (s *calendarRoutes) createCalendar(ctx context.Context, _ *struct{}) (*calendarOutput, error) {
	u, err := s.clinicPerson(ctx)
	if err != nil {
		return nil, err
	}
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	out := &calendarOutput{}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		made, err := people.AddCalendar(tx, u, sha256.Sum256(secret[:]), s.Instant())
		if err != nil {
			return err
		}
		out.Body = calendarOf(made)
		out.Body.URL = s.PublicURL + "/agenda/" + base64.RawURLEncoding.EncodeToString(secret[:]) + ".ics"
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "calendar.create", out.Body.ID, nil))
	})
	return out, err
}

type endCalendarInput struct {
	ID string `path:"id" doc:"cal_…"`
}

func (s *calendarRoutes) endCalendar(ctx context.Context, in *endCalendarInput) (*struct{}, error) {
	u, err := s.clinicPerson(ctx)
	if err != nil {
		return nil, err
	}
	id, ok := domain.ParseUUID("cal", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	return nil, s.within(u)(ctx, func(tx *tenants.Tx) error {
		if err := people.EndCalendar(tx, u.ID, id); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "calendar.end", in.ID, nil))
	})
}
