package connect

import (
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

// webhookRight tells whether the configuration makes every event that we live by, and sends
// it to our door: a disabled one makes none at all (docs/gateway.md, pause), and so does
// none, one without the events that are folded, one of another version or send type. What is
// merely told to people, as the events about keys, is no reason to compare.
func (l *healthCheck) webhookRight() bool {
	if len(l.ours) == 0 {
		return false
	}
	w := l.ours[0]
	folded := asaas.Events(asaas.FamilyPayment, asaas.FamilyCheckout, asaas.FamilyAnticipation)
	lacks := slices.ContainsFunc(folded, func(event string) bool { return !slices.Contains(w.Events, event) })
	return w.Enabled && !lacks && !outdated(w) && w.SendType == asaasapi.Sequentially
}

// noteObservation remembers what was seen, and opens a gap from the last health check that saw the
// webhook right when events may have been lost since: it is not right, it was not, or it is
// another one. While it stays wrong the gap is not opened again: what is lost until then is
// compared once it is right.
func (l *healthCheck) noteObservation(tx *tenants.Tx) error {
	if l.seen {
		if since := l.lostSince(); !since.IsZero() {
			if err := connection.OpenGap(tx, since, l.now); err != nil {
				return err
			}
		}
		l.observed.Webhook = ""
		if len(l.ours) > 0 {
			l.observed.Webhook = l.ours[0].ID
		}
		if l.observed.SeenAt = l.now; l.webhookRight() {
			l.observed.RightAt = l.now
		}
	}
	if l.regained {
		if err := apply.ReadAnew(tx, l.now); err != nil {
			return err
		}
	}
	l.observed.QuotaAccount = asaasapi.QuotaAccount(l.cred)
	return connection.SaveObservation(tx, l.observed)
}

// lostSince returns since when events may have been lost that no comparison is asked for
// yet; zero: none were. The first health check of a connection finds nothing lost: the first
// import reads what was there before.
func (l *healthCheck) lostSince() time.Time {
	if l.observed.SeenAt.IsZero() || l.observed.SeenAt.Before(l.conn.KeySetAt) {
		return time.Time{}
	}
	was := l.observed.RightAt.Equal(l.observed.SeenAt)
	another := l.observed.Webhook != "" && len(l.ours) > 0 && l.ours[0].ID != l.observed.Webhook
	if is := l.webhookRight(); is == was && (!is || !another) {
		return time.Time{}
	}
	if l.observed.RightAt.IsZero() {
		return l.observed.SeenAt
	}
	return l.observed.RightAt
}

// outdated tells whether a configuration was made for another version of the API than ours,
// which no PUT changes; one whose version the gateway does not tell is taken for ours.
func outdated(w asaasapi.Webhook) bool {
	return w.APIVersion != 0 && w.APIVersion != asaasapi.APIVersion
}
