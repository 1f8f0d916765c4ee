package asaasapi

import (
	"strings"
	"testing"

	"patapay/domain/asaas/simulator"
	"patapay/tenants/vault"
)

func TestAWebhookIsMadeReadChangedAndRemoved(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, k := t.Context(), w.cred()
	made, err := w.CreateWebhook(ctx, k, NewWebhook{
		Name: "PataPay – Faturas", URL: "https://example.com/hook", Email: "a@example.com",
		Token: NewWebhookToken(), Events: []string{"PAYMENT_RECEIVED", "CHECKOUT_PAID"},
	})
	if err != nil || !made.Enabled || made.Interrupted || made.APIVersion != 3 || made.SendType != Sequentially ||
		len(made.Events) != 2 ||
		made.HasAuthToken == nil || !*made.HasAuthToken || made.Penalized == nil ||
		*made.Penalized != 0 {
		t.Fatalf("%+v %v", made, err)
	}
	paused, token := true, NewWebhookToken()
	changed, err := w.UpdateWebhook(
		ctx,
		k,
		made.ID,
		WebhookChange{Interrupted: &paused, Token: &token, Events: []string{"PAYMENT_CREATED"}},
	)
	if err != nil || !changed.Interrupted || changed.Name != made.Name ||
		strings.Join(changed.Events, "") != "PAYMENT_CREATED" {
		t.Errorf("%+v %v", changed, err)
	}
	if err := w.RemoveBackoff(ctx, k, made.ID); err != nil {
		t.Errorf("remove penalty: %v", err)
	}
	if all, err := w.Webhooks(ctx, k); err != nil || len(all) != 1 || all[0].ID != made.ID {
		t.Errorf("%+v %v", all, err)
	}
	for range 2 { // one that is gone is no failure
		if err := w.DeleteWebhook(ctx, k, made.ID); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := w.UpdateWebhook(ctx, k, made.ID, WebhookChange{Interrupted: &paused}); failure(t, err).Code != NotFound {
		t.Errorf("change of a removed one: %v", err)
	}
	if err := w.RemoveBackoff(ctx, k, made.ID); failure(t, err).Code != NotFound {
		t.Errorf("penalty of a removed one: %v", err)
	}
}

func TestTheEleventhWebhookIsExplained(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	hook := NewWebhook{
		Name:   "x",
		URL:    "https://example.com/hook",
		Email:  "a@example.com",
		Token:  NewWebhookToken(),
		Events: []string{"PAYMENT_CREATED"},
	}
	for range 10 {
		if _, err := w.CreateWebhook(t.Context(), w.cred(), hook); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.CreateWebhook(t.Context(), w.cred(), hook)
	if got := failure(t, err); got.Code != WebhookLimit ||
		got.Detail() != "Você já tem 10 webhooks no Asaas, o limite. Exclua um e tente de novo." {
		t.Errorf("%v", err)
	}
}

func TestARefusedWebhookIsNotTakenForTheLimit(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, bad := range []NewWebhook{
		{
			Name: "x", URL: "https://example.com", Email: "a@example.com",
			Token: vault.NewSecret("short"), Events: []string{"PAYMENT_CREATED"},
		},
		{
			Name: "x", URL: "https://example.com", Email: "a@example.com",
			Token: NewWebhookToken(), Events: []string{"PAYMENT_PAID"},
		},
	} {
		if _, err := w.CreateWebhook(t.Context(), w.cred(), bad); failure(t, err).Code != Unexpected ||
			failure(t, err).Status != 400 {
			t.Errorf("%v", err)
		}
	}
}
