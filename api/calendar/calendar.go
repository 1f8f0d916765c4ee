// Package calendar serves a clinic's agenda to people's calendar programs, at addresses that are secrets. Its one
// rule: an entry is a kind and a day, never a payer, a reference or an amount, for whoever has the address reads it.
package calendar

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/people"
)

// Path is the route's template: what logs and metrics have of a request.
const Path = "/agenda/:file"

// Handler answers calendar programs.
type Handler struct {
	DB    *tenants.DB  // of the api role
	Limit auth.Limiter // of requests from one address
	Home  string       // where our pages begin, with a slash at the end
	Now   func() time.Time
}

// Serve answers with the calendar of an address; whatever opens nothing is one and the same 404.
func (h *Handler) Serve(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("X-Robots-Tag", "noindex")
	if wait, ok := h.Limit.Allow(c.Request.Context(), c.ClientIP()); !ok {
		c.Header("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		c.AbortWithStatus(http.StatusTooManyRequests)
		return
	}
	entries, err := h.entries(c)
	switch {
	case domain.CodeOf(err) == domain.NotFound:
		c.AbortWithStatus(http.StatusNotFound)
		return
	case err != nil: // a calendar program keeps what it has, and asks again
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	c.Data(http.StatusOK, "text/calendar; charset=utf-8", []byte(h.calendar(entries)))
}

// entries returns the agenda behind the request's address.
func (h *Handler) entries(c *gin.Context) (entries []agenda.Entry, err error) {
	text, named := strings.CutSuffix(c.Param("file"), ".ics")
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || !named || len(secret) != sha256.Size {
		return nil, domain.Errorf(domain.NotFound, "calendar")
	}
	ctx := c.Request.Context()
	found, err := people.CalendarOf(h.DB, ctx, sha256.Sum256(secret), h.Now().UTC())
	if err != nil {
		return nil, err
	}
	err = h.DB.In(ctx, found.Clinic, func(tx *tenants.Tx) error {
		entries, err = agenda.Open(tx)
		return err
	})
	return entries, err
}

// calendar writes each entry that has a day as a whole day of São Paulo.
func (h *Handler) calendar(entries []agenda.Entry) string {
	cal := ics.NewCalendarFor("PataPay")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("PataPay · Agenda")
	for _, e := range entries {
		if e.Due.IsZero() {
			continue
		}
		day, err := time.Parse(time.DateOnly, string(asaas.DayOf(e.Due)))
		if err != nil {
			continue
		}
		event := cal.AddEvent(e.ID.Public("ddl") + "@patapay")
		event.SetDtStampTime(e.UpdatedAt)
		event.SetSequence(e.Version)
		event.SetAllDayStartAt(day)
		event.SetAllDayEndAt(day.AddDate(0, 0, 1))
		event.SetSummary(agenda.Title(e.Kind) + " — ver no PataPay")
		event.SetURL(h.Home + "app/agenda")
	}
	return cal.Serialize(ics.WithNewLineWindows)
}
