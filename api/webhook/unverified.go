package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/gin-gonic/gin"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants/inbox"
)

// unproved answers a delivery without a valid token. Only a trusted sender gets further
// than 401, and never further than an unverified delivery: nothing of its body is applied (9 to 12). To
// anyone else the answer is the same bytes at the same pace, and the body is not looked at.
func (h *Handler) unproved(ctx context.Context, c *gin.Context, d *delivery) int {
	if !h.trusted(d.ip) {
		h.Watch.refused("stranger")
		return http.StatusUnauthorized // 12
	}
	body, code := h.Bodies.ofStranger(ctx, c)
	if code == http.StatusRequestEntityTooLarge {
		h.Watch.refused("too_large")
	}
	if code != 0 {
		problem.NoteCause(ctx, errNoBody)
		return code // 16, 17, 21
	}
	defer body.release()
	return h.keepUnverified(ctx, d, formData(body.Bytes()))
}

// formData returns the event inside of a form, and any other body as it is: a configuration
// of API version 2 posts `data=<json>`, and never a token (docs/gateway.md, webhook
// configurations). The body decides and not its header, which people and proxies change.
func formData(body []byte) []byte {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return body
	}
	form, err := url.ParseQuery(string(body))
	if data := form["data"]; err == nil && len(data) == 1 {
		return []byte(data[0])
	}
	return body
}

// keepUnverified keeps an unverified delivery, sealed and within quotas.
func (h *Handler) keepUnverified(ctx context.Context, d *delivery, body []byte) int {
	body, _ = asaas.HideCards(body) // of nobody that could be told: who sent it is not proved
	env := asaas.Peek(body)
	if env.Withdrawal != "" { // 20: whose it is nobody can tell, unless it names its account
		return h.unverifiedWithdrawal(ctx, d, env.Account)
	}
	if env.Malformed != "" || env.Ambiguous != "" || env.Account == "" {
		h.Watch.refused("unreadable")
		return http.StatusUnauthorized // nobody's, as far as anyone can tell
	}
	t := &inbox.Unverified{
		Account:  env.Account,
		BodyHash: sha256.Sum256(body),
		At:       d.at,
		Type:     env.Event,
		Kind:     env.Kind,
		Entity:   env.Entity,
		SourceIP: d.ip,
	}
	if err := h.seal(ctx, t, body); err != nil {
		h.failed(ctx, "unverified", err)
		return http.StatusServiceUnavailable
	}
	kept, err := h.Inbox.KeepUnverified(ctx, t)
	switch {
	case err != nil:
		h.failed(ctx, "unverified", err)
		return http.StatusServiceUnavailable
	case !kept:
		h.Watch.refused("quota")
		return http.StatusUnauthorized // 11
	}
	h.Watch.Unverified(t.Clinic, d.at)
	return http.StatusOK // 9, 10
}

// unverifiedWithdrawal tells of a withdrawal that asks for our approval without our token. Its
// answer fails like any other without a token.
func (h *Handler) unverifiedWithdrawal(ctx context.Context, d *delivery, account string) int {
	var clinic domain.ClinicID // 0: the operators are told
	if account != "" {
		if owner, err := h.TokenResolver.ByAccount(ctx, account); err == nil {
			clinic = owner.Clinic
		}
	}
	h.Watch.Withdrawal(clinic, d.at)
	return http.StatusUnauthorized
}

// seal finds the clinic the account is bound to and seals the body for it, or for nobody.
func (h *Handler) seal(ctx context.Context, t *inbox.Unverified, body []byte) error {
	owner, err := h.TokenResolver.ByAccount(ctx, t.Account)
	switch {
	case err == nil && owner.State != "deleted" && owner.Key != nil:
		t.Clinic = owner.Clinic
		t.Sealed, err = owner.Key.Seal("hint", t.Account, body)
	case err == nil: // deleted: id and hash only (8)
		t.Sealed = []byte{}
	case domain.CodeOf(err) == domain.NotFound:
		t.Sealed, err = h.Vault.SealUnclaimed(body)
	}
	return err
}

// trusted reports whether ip is one of the gateway's addresses (a signal, never a proof).
func (h *Handler) trusted(ip string) bool {
	addr, err := netip.ParseAddr(ip)
	return err == nil && h.Trusted(addr.Unmap())
}
