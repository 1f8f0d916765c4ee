package connect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

// The statuses of a check.
const (
	checkOK      = "ok"
	checkWarning = "warning"
	checkFailed  = "failed"
	checkUnknown = "unknown"
)

// lossAfter is how long the gateway keeps what a paused queue holds (docs/gateway.md, pause).
const lossAfter = 14 * 24 * time.Hour

// warnFailures is how many failures in a row are worth a warning: long before the
// fifteenth pauses the queue.
const warnFailures = 3

// healthCheck is one health check of a connection.
type healthCheck struct {
	*Connector
	now     time.Time
	conn    connection.Connection
	cred    asaasapi.Credential
	traffic connection.Traffic
	list    []connection.Check
	refusal *asaasapi.Error // of the key: what the gateway would not let us read
	ours    []asaasapi.Webhook
	seen    bool // the configurations were read

	clinic   tenants.Clinic
	before   []connection.Check     // the health check before, nil: none
	regained bool                   // the key may read what it might not before
	person   bool                   // somebody asked for it: what lacked is asked for again
	asked    time.Time              // when a withdrawal last asked for our approval; zero: none did lately
	observed connection.Observation // what was seen before, and at the end what is seen now
	at       time.Time              // of the health check before
	ending   time.Time              // since when the key is known to end soon; zero: it is not
	cause    int                    // our last answer but 200 to the clinic's deliveries of a day; 0: there was none
}

// Check looks at the clinic's connection, at the gateway and here, stores the result, and
// moves the connection's state accordingly: key_refused, paused with the day on which the
// gateway begins to drop, attention, silent, or back to active. Its alarms open once an
// incident and close when it is over. It fails with NotFound for a clinic that is not
// connected; a gateway that does not answer is a result, not a failure.
func (c *Connector) Check(ctx context.Context, clinic tenants.Clinic) ([]connection.Check, error) {
	l := &healthCheck{Connector: c, now: c.Now().UTC(), clinic: clinic, person: true}
	err := l.run(ctx)
	return l.list, err
}

// healthCheck is Check with all that was seen.
func (c *Connector) healthCheck(ctx context.Context, clinic tenants.Clinic) (*healthCheck, error) {
	l := &healthCheck{Connector: c, now: c.Now().UTC(), clinic: clinic}
	return l, l.run(ctx)
}

// healthTries is how often a health check begins anew because the connection changed under it.
const healthTries = 3

// run asks, judges and stores. While the gateway is asked the first event may come, or another key: a judgement of the
// connection as it was would take that back, and so it asks again. It fails with Overtaken when that happens each time.
func (l *healthCheck) run(ctx context.Context) error {
	fresh := *l
	for tries := 1; ; tries++ {
		err := l.once(ctx)
		if !errors.Is(err, errChanged) || tries == healthTries {
			return err
		}
		*l = fresh
		l.now = l.Now().UTC()
	}
}

// errChanged says that the connection is another one than was judged.
var errChanged = &asaasapi.Error{Code: asaasapi.Overtaken}

func (l *healthCheck) once(ctx context.Context) error {
	if err := l.DB.In(ctx, l.clinic.ID, l.begin); err != nil {
		return err
	}
	l.askKey(ctx)
	l.askWebhook(ctx)
	l.commercialCheck()
	l.withdrawalCheck()
	l.here()
	return l.DB.In(ctx, l.clinic.ID, func(tx *tenants.Tx) error {
		if now, err := l.connectedNow(tx, Precondition{Match: anyVersion}); err != nil {
			return err
		} else if now.Version != l.conn.Version {
			return errChanged
		}
		if err := connection.SaveChecks(tx, l.list, l.now); err != nil {
			return err
		}
		if err := l.noteObservation(tx); err != nil {
			return err
		}
		return l.apply(tx)
	})
}

// begin reads what is known here, and counts what came lately.
func (l *healthCheck) begin(tx *tenants.Tx) (err error) {
	if l.conn, err = l.connectedNow(tx, Precondition{Match: anyVersion}); err != nil {
		return err
	}
	if err = connection.CountTraffic(tx, l.now); err != nil {
		return err
	}
	if l.traffic, err = connection.MeasureTraffic(tx, l.now, l.conn.KeySetAt); err != nil {
		return err
	}
	if l.before, l.at, err = connection.Checks(tx); err != nil && domain.CodeOf(err) != domain.NotFound {
		return err
	}
	if l.observed, err = connection.LastObservation(tx); err != nil {
		return err
	}
	if l.ending, err = alarm.OpenAlarm(tx, domain.AlarmKeyEnding); err != nil {
		return err
	}
	if l.asked, err = alarm.LastRaised(tx, domain.AlarmWithdrawal); err != nil {
		return err
	}
	if l.cause, err = connection.LastRefusal(tx, l.now.Add(-24*time.Hour)); err != nil {
		return err
	}
	key, err := connection.APIKey(tx, l.Vault)
	l.cred = asaasapi.Credential{Environment: l.conn.Environment, Key: key}
	return err
}

// keyEnds tells whether the gateway said that this key ends soon. The alarm remembers it
// when the event has left the sample; a key that was set later is another one.
func (l *healthCheck) keyEnds() bool {
	return l.traffic.Ending || !l.ending.IsZero() && l.ending.After(l.conn.KeySetAt)
}

func (l *healthCheck) add(name, status, detail, action string) {
	if status == checkOK {
		action = ""
	}
	l.list = append(l.list, connection.Check{Name: name, Status: status, Detail: detail, Action: action})
}

// askKey asks whether the key opens its account, and what it may do there.
func (l *healthCheck) askKey(ctx context.Context) {
	_, err := l.Client.AccountStatus(ctx, l.cred)
	if err == nil {
		err = l.askPermissions(ctx)
	}
	if err == nil {
		var all []asaasapi.Webhook
		if all, err = l.Client.Webhooks(ctx, l.cred); err == nil {
			l.seen = true
			l.ours = (&ensuring{Connector: l.Connector, conn: l.conn}).choose(all)
		}
	}
	if err != nil {
		l.refusal = asError(err)
	}
	l.keyCheck("key_accepted", "Chave aceita.", "replace_key", asaasapi.KeyRefused, asaasapi.WrongEnvironment)
	l.keyExpiry()
	l.permissionCheck()
	l.keyCheck("ip", "O Asaas aceita nosso endereço.", "allow_ips", asaasapi.IPBlocked)
}

// keyCheck fails for the refusals that it is about, and knows nothing after another one.
func (l *healthCheck) keyCheck(name, fine, action string, about ...asaasapi.Code) {
	if l.refusal == nil || l.refusal.Code == asaasapi.PermissionLacks { // the gateway knew the key, and let us in
		l.add(name, checkOK, fine, "")
		return
	}
	for _, code := range about {
		if l.refusal.Code == code {
			l.add(name, checkFailed, l.refusal.Detail(), action)
			return
		}
	}
	l.add(name, checkUnknown, "O Asaas não respondeu a esta verificação.", "retry")
}

// askWebhook judges the configuration that calls our door.
func (l *healthCheck) askWebhook(context.Context) {
	if !l.seen {
		for _, name := range []string{"webhook", "webhook_enabled", "queue", "penalties", "webhook_settings"} {
			l.add(name, checkUnknown, "Não conseguimos ler os webhooks no Asaas.", "retry")
		}
		return
	}
	if len(l.ours) != 1 {
		text := "Não há webhook com nosso endereço no Asaas."
		if len(l.ours) > 1 {
			text = fmt.Sprintf(
				"Encontramos %d webhooks com nosso endereço; isso duplicaria avisos. Em Completar, escolha Manter só um.",
				len(l.ours),
			)
		}
		l.add("webhook", checkFailed, text, "ensure_webhook")
	} else {
		l.add("webhook", checkOK, "O webhook existe e é um só.", "")
	}
	if len(l.ours) == 0 {
		for _, name := range []string{"webhook_enabled", "queue", "penalties", "webhook_settings"} {
			l.add(name, checkUnknown, "", "ensure_webhook")
		}
		return
	}
	l.hook(l.ours[0])
}

func (l *healthCheck) hook(w asaasapi.Webhook) {
	l.judge(
		"webhook_enabled", w.Enabled, checkFailed, "O webhook está ativado.", "O webhook está desativado no Asaas.",
		"ensure_webhook",
	)
	l.judge("queue", !w.Interrupted, checkFailed, "A fila está ativa.", "A fila está pausada no Asaas.", "reactivate")
	if w.Interrupted {
		l.list[len(l.list)-1].Cause = l.probable()
	}
	switch {
	case w.Penalized == nil:
		l.add("penalties", checkUnknown, "não informado pelo Asaas", "")
	default:
		text := fmt.Sprintf("%d falhas seguidas.", *w.Penalized)
		l.judge("penalties", *w.Penalized < warnFailures, checkWarning, text, text, "reactivate")
	}
	setUp := l.SetUp(l.conn)
	for _, line := range setUp.Lines(w) {
		switch line.Field {
		case "name", "email", "enabled", "interrupted": // told above, or a matter of taste
			continue
		}
		if !line.OK {
			text := "O webhook difere no campo " + line.Field + "."
			if line.Missing != nil {
				text = fmt.Sprintf("Faltam %d eventos.", len(line.Missing))
			}
			l.add("webhook_settings", checkWarning, text, "ensure_webhook")
			return
		}
	}
	l.add("webhook_settings", checkOK, "Versão v3, sequencial, eventos completos.", "")
}

func (l *healthCheck) judge(name string, fine bool, otherwise, good, bad, action string) {
	if fine {
		l.add(name, checkOK, good, "")
		return
	}
	l.add(name, otherwise, bad, action)
}

// here judges what our own tables tell.
func (l *healthCheck) here() {
	t := l.traffic
	if t.Last.IsZero() {
		l.add("last_event", checkUnknown, "Nenhum evento ainda.", "test")
		l.add("delay", checkUnknown, "", "")
	} else {
		l.add("last_event", checkOK, "Último evento em "+t.Last.UTC().Format(time.RFC3339)+".", "")
		delay := "Atraso mediano: " + spelled(t.Delay) + "."
		l.judge(
			"delay", t.Delay < 5*time.Minute, checkWarning, delay,
			delay+" Volta ao normal com os próximos avisos que chegarem a tempo: nada a fazer.", "",
		)
	}
	quiet := "Sem avisos há mais tempo que o normal."
	if t.Weeks >= 2 {
		quiet = fmt.Sprintf("Nestas horas costumam chegar ao menos %d eventos; chegaram 0.", t.Usual)
	}
	if t.Known() {
		l.judge("silence", !t.Silent(l.now), checkWarning, "Os avisos chegam como de costume.", quiet, "test")
	} else {
		l.add("silence", checkUnknown, "Ainda chegaram poucos avisos para saber o que é costume.", "")
	}
	switch waiting := !t.Oldest.IsZero() && l.now.Sub(t.Oldest) > time.Minute; {
	case t.Dead > 0:
		l.add(
			"processing", checkWarning, fmt.Sprintf("%d eventos com falha. Abra cada um e reprocesse.", t.Dead),
			"see_events",
		)
	case waiting:
		l.add(
			"processing", checkWarning,
			"Há eventos esperando há mais de um minuto. Nós mesmos os trataremos: nada a fazer.", "",
		)
	default:
		l.add("processing", checkOK, "Nossa fila está em dia.", "")
	}
}

// spelled returns a duration as people here write it: 12 s, 3 min, 46 h 26 min.
func spelled(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	switch hours, minutes := seconds/3600, seconds%3600/60; {
	case seconds < 60:
		return fmt.Sprintf("%d s", max(seconds, 0))
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	default:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
}

// status returns the status of a check by name.
func (l *healthCheck) status(name string) string {
	for _, c := range l.list {
		if c.Name == name {
			return c.Status
		}
	}
	return ""
}

// received tells whether an event came since the key was set: one that came out of a resumed
// queue finds no connection that waits for it.
func (l *healthCheck) received() bool { return l.traffic.Last.After(l.conn.KeySetAt) }

// state says which state the health check calls for; "" leaves it: the gateway did not answer,
// which says nothing of the clinic.
func (l *healthCheck) state() (state domain.ConnectionState, reason, action string) {
	switch {
	case l.refusal != nil && l.refusal.Code == asaasapi.KeyRefused: // only a 401 says that the key is dead
		return domain.ConnectionKeyRefused, "key_refused", "replace_key"
	case l.refusal != nil && l.refusal.DomainCode() == domain.Unavailable:
		return "", "", ""
	case l.seen && len(l.ours) > 0 && l.ours[0].Interrupted:
		return domain.ConnectionPaused, "queue_interrupted", "reactivate"
	case l.status("silence") == checkWarning:
		return domain.ConnectionSilent, "silence", "test"
	}
	for _, c := range l.list { // a check without an action, as late events that are there now, asks nobody for attention
		if c.Action != "" && (c.Status == checkFailed || c.Status == checkWarning) {
			return domain.ConnectionAttention, c.Name, c.Action
		}
	}
	if l.conn.FirstEventAt.IsZero() && !l.received() {
		return domain.ConnectionAwaiting, "", "wait_for_event"
	}
	return domain.ConnectionActive, "", ""
}
