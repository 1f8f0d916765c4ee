package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

const (
	testValue   = domain.Money(500) // centavos
	testMinutes = 10                // the gateway's least
	eventWait   = time.Minute       // that an event may take, more than the gateway ever took
	eventPoll   = 200 * time.Millisecond
)

// test is the round trip alone.
func (o *operating) test(ctx context.Context) error {
	o.leave(0)
	return o.roundTrip(ctx)
}

// roundTrip opens a throw-away checkout, waits until the gateway tells our door of it,
// cancels it and waits for that too. Nobody is told and nothing is charged. The checkout
// is cancelled whatever happens; what cannot be cancelled expires in ten minutes. A process
// that ends in between leaves its checkout to the next one, which begins anew.
func (o *operating) roundTrip(ctx context.Context) error {
	if o.done.Checkout != "" {
		_ = o.Client.CancelCheckout(ctx, o.cred, o.done.Checkout)
	}
	if err := o.step(ctx, "create_checkout"); err != nil {
		return err
	}
	id, err := o.Client.CreateCheckout(
		ctx, o.cred,
		asaasapi.NewCheckout{
			Name:      "Teste do PataPay",
			Value:     testValue,
			Minutes:   testMinutes,
			Reference: domain.RoundTripReference,
			Back:      o.home(),
		},
	)
	if err != nil {
		return err
	}
	canceled := false
	defer func() {
		if !canceled &&
			!errors.Is(ctx.Err(), context.Canceled) { // a process that ends waits for nobody: the next one cancels it
			_ = o.Client.CancelCheckout(context.WithoutCancel(ctx), o.cred, id)
		}
	}()
	o.done.Checkout = id
	if err := o.remember(ctx, false); err != nil {
		return err
	}
	if err := o.await(ctx, "created_event", id, "CHECKOUT_CREATED"); err != nil {
		return err
	}
	if err := o.step(ctx, "cancel_checkout"); err != nil {
		return err
	}
	if err := o.Client.CancelCheckout(ctx, o.cred, id); err != nil {
		return err
	}
	canceled = true
	return o.await(ctx, "canceled_event", id, "CHECKOUT_CANCELED")
}

func webhookPath(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	_, path, ok := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return "/" + path
}

// await is a step that waits for an event about the checkout.
func (o *operating) await(ctx context.Context, step, id, typ string) error {
	if err := o.step(ctx, step); err != nil {
		return err
	}
	since := o.begun
	for end := time.Now().Add(eventWait); ; {
		var came connection.EntityDelivery
		err := o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) {
			came, err = connection.EntityEvent(tx, domain.KindCheckout, id, typ)
			return err
		})
		var other time.Time
		if domain.CodeOf(err) == domain.NotFound {
			if other, err = o.otherToken(ctx, id); err == nil && other.IsZero() {
				err = domain.Errorf(domain.NotFound, "event")
			}
		}
		switch {
		case !other.IsZero():
			return &stopped{
				"other_token",
				"O Asaas chegou aqui às " + clock(other) + ", mas com outro token. Atualize o token no Asaas.",
			}
		case err == nil:
			took := "menos de 100 ms" // such an answer may leave no row in the log
			if came.Micros > 0 {
				took = fmt.Sprintf("%d ms", (came.Micros+999)/1000)
			}
			o.tell(fmt.Sprintf("Asaas avisou em %s s · respondemos em %s", comma(max(came.At.Sub(since), 0)), took))
			return nil
		case domain.CodeOf(err) != domain.NotFound:
			return err
		case time.Now().After(end) || !asaasapi.Sleep(ctx, eventPoll):
			return &stopped{"no_event", "O Asaas ainda não avisou. Confira o webhook e tente de novo."}
		}
	}
}

// otherToken tells when the gateway told of our own checkout without our token: it did get
// here, and waiting longer helps nobody.
func (o *operating) otherToken(ctx context.Context, checkout string) (at time.Time, err error) {
	err = o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) (err error) {
		at, err = connection.OtherToken(tx, domain.KindCheckout, checkout)
		return err
	})
	return at, err
}

// comma returns a duration in seconds with one decimal, as people here write it.
func comma(d time.Duration) string {
	tenths := d.Milliseconds() / 100
	return fmt.Sprintf("%d,%d", tenths/10, tenths%10)
}
