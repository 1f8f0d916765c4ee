package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"patapay/domain"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/vault"
)

// GatewayReader is jobs.Gateway on the gateway's REST client.
type GatewayReader struct{ Client *asaasapi.Client }

// shares has which share of the quota a read is taken from (docs/architecture.md, gateway
// snapshots).
var shares = map[domain.ReadClass]asaasapi.Share{
	domain.ReadOfDoubt:        asaasapi.Doubts,
	domain.ReadOfConfirmation: asaasapi.Confirmations,
	domain.ReadOfUpkeep:       asaasapi.Upkeep,
}

// Read returns the entity as the gateway has it. An id that cannot stand in a path is
// nobody's, so nothing is asked; a checkout, which has no read, is told by its payments.
func (r GatewayReader) Read(
	ctx context.Context, env domain.Environment, key vault.Secret, kind domain.Kind, id string, why domain.ReadReason,
) (Reading, error) {
	ctx = asaasapi.For(ctx, shares[why.Class()])
	cred := asaasapi.Credential{Environment: env, Key: key}
	var reading Reading
	var err error
	switch kind {
	case domain.KindPayment:
		reading, err = single(r.Client.Payment(ctx, cred, id))
	case domain.KindAnticipation:
		reading, err = single(r.Client.Anticipation(ctx, cred, id))
	case domain.KindCheckout:
		reading, err = r.checkout(ctx, cred, id)
	default:
		reading.Nothing = true
	}
	var failed *asaasapi.Error
	switch {
	case !errors.As(err, &failed):
		return reading, err
	case failed.Code == asaasapi.InvalidID:
		return Reading{Nothing: true}, nil
	}
	return reading, refusal{failed}
}

func single(o asaasapi.Object, err error) (Reading, error) {
	return Reading{GatewayAnswer: answerOf(o)}, err
}

func answerOf(o asaasapi.Object) apply.GatewayAnswer {
	return apply.GatewayAnswer{Body: o.Body, Clock: o.Clock, Found: o.Found}
}

// checkout reads a checkout's payments. A paid one proves it PAID; anything else proves
// nothing about the checkout itself (docs/gateway.md, checkouts).
func (r GatewayReader) checkout(ctx context.Context, cred asaasapi.Credential, session string) (Reading, error) {
	list, at, err := r.Client.PaymentsOfCheckout(ctx, cred, session)
	if err != nil {
		return Reading{}, err
	}
	reading := Reading{Nothing: true, Payments: map[string]apply.GatewayAnswer{}}
	for _, o := range list {
		var p struct{ ID, Status string }
		if err := json.Unmarshal(o.Body, &p); err != nil || p.ID == "" {
			return Reading{}, &asaasapi.Error{Code: asaasapi.Unexpected, Err: errors.New("a charge without an id")}
		}
		reading.Payments[p.ID] = answerOf(o)
		if slices.Contains(paidStatuses, p.Status) {
			reading.Nothing = false
		}
	}
	if reading.Nothing {
		return reading, nil
	}
	body, err := json.Marshal(map[string]string{"id": session, "status": "PAID"})
	reading.GatewayAnswer = apply.GatewayAnswer{Body: body, Clock: at, Found: true}
	return reading, err
}

// paidStatuses are the gateway's words for a payment that its payer has made.
var paidStatuses = []string{"CONFIRMED", "RECEIVED", "RECEIVED_IN_CASH"}

// refusal is a gateway error as jobs.Refusal.
type refusal struct{ cause *asaasapi.Error }

// Error returns the gateway error's text, for logs.
func (r refusal) Error() string { return r.cause.Error() }

// Unwrap returns the gateway's error.
func (r refusal) Unwrap() error { return r.cause }

// KeyRefused tells whether the key is dead: only a 401 says so.
func (r refusal) KeyRefused() bool { return r.cause.Code == asaasapi.KeyRefused }

// AboutEntity tells whether asking again would bring the same: a 403, or an answer that makes no sense.
func (r refusal) AboutEntity() bool {
	return r.cause.Code == asaasapi.PermissionLacks || r.cause.Code == asaasapi.Unexpected
}

// RetryAfter returns how long the gateway asks to be left alone; 0: it did not say.
func (r refusal) RetryAfter() time.Duration { return r.cause.RetryAfter }
