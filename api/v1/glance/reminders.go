package glance

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/glance"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/query"
)

func (s *Handler) registerReminders(api huma.API) {
	const path = "/v1/tenants/{tenant}/reminders/{kind}"
	off := rest.NewOperation(http.MethodPut, path, "putOffReminder",
		"Put off a reminder of the first page: one more of what it tells brings it back sooner", "Ledger", rest.LedgerWrite)
	up := rest.NewOperation(
		http.MethodDelete, path, "takeUpReminder", "Take back that a reminder was put off", "Ledger", rest.LedgerWrite,
	)
	off.DefaultStatus, up.DefaultStatus = http.StatusNoContent, http.StatusNoContent
	rest.Register(api, off, s.putOffReminder)
	rest.Register(api, up, s.takeUpReminder)
}

// ReminderView is something that waits for a person and says nothing against the numbers.
type ReminderView struct {
	Kind        rest.Word[glance.ReminderKind] `json:"kind"`
	Count       int                            `json:"count"`
	Value       rest.MoneyView                 `json:"value"`
	PutOffUntil *string                        `json:"putOffUntil" doc:"The last day on which it stays away; null: it is not put off. What is put off still waits" format:"date"`
}

func reminderOf(r glance.Reminder) ReminderView {
	return ReminderView{rest.Word[glance.ReminderKind](r.Kind), r.Count, rest.MoneyOf(r.Amount), rest.TextOrNull(r.Until)}
}

// pilesOf returns what the reminders tell of.
func pilesOf(money *query.GlanceMoney) map[glance.ReminderKind]glance.Pile {
	pile := func(d query.DayMoney) glance.Pile { return glance.Pile{Count: d.Count, Amount: domain.Some(d.Value)} }
	return map[glance.ReminderKind]glance.Pile{
		glance.ReminderOverdue: pile(money.Overdue), glance.ReminderDenied: pile(money.Denied),
	}
}

// ReminderPath names a reminder.
type ReminderPath struct {
	rest.TenantPath
	Kind string `path:"kind" maxLength:"40" example:"overdue" doc:"overdue or denied; of anything else there is no reminder"`
}

type putOffReminderInput struct {
	ReminderPath
	Body struct {
		Days int `json:"days" minimum:"1" maximum:"30" example:"7" doc:"For how many days, today not counted"`
	}
}

// putOffReminder needs no If-Match: the last word counts.
func (s *Handler) putOffReminder(ctx context.Context, in *putOffReminderInput) (*struct{}, error) {
	today := domain.Day(s.Instant().In(asaas.SaoPaulo).Format(time.DateOnly))
	return s.changeReminder(ctx, in.ReminderPath, func(tx *tenants.Tx, kind glance.ReminderKind) error {
		money, err := query.MoneyAtAGlance(tx, firstOfMonth(today, -1))
		if err != nil {
			return err
		}
		off := glance.PutOff{Until: daysAfter(today, in.Body.Days), Seen: pilesOf(&money)[kind].Count}
		detail := map[string]any{"until": off.Until, "count": off.Seen}
		if err := agenda.PutOff(tx, kind, off); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "reminder.put_off", in.Kind, detail))
	})
}

type takeUpReminderInput struct{ ReminderPath }

func (s *Handler) takeUpReminder(ctx context.Context, in *takeUpReminderInput) (*struct{}, error) {
	return s.changeReminder(ctx, in.ReminderPath, func(tx *tenants.Tx, kind glance.ReminderKind) error {
		if err := agenda.TakeUp(tx, kind); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "reminder.take_up", in.Kind, nil))
	})
}

func (s *Handler) changeReminder(
	ctx context.Context, in ReminderPath, change func(*tenants.Tx, glance.ReminderKind) error,
) (*struct{}, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(glance.ReminderKind("").Values(), glance.ReminderKind(in.Kind)) {
		return nil, domain.Errorf(domain.NotFound, "reminder")
	}
	return nil, s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error { return change(tx, glance.ReminderKind(in.Kind)) })
}
