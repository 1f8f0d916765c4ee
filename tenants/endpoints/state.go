package endpoints

import (
	"time"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

// Pause stops an endpoint of the transaction's clinic, or of the platform. One that is paused already
// stays as it is. What is under way still arrives.
func Pause(tx *tenants.Tx, id domain.UUID, reason string, now time.Time) error {
	n, err := run(tx, `UPDATE endpoints SET state = 'paused', reason = $3, state_since = $4, version = version + 1
		WHERE clinic_id = $1 AND endpoint_id = $2 AND state = 'active'`, tx.Clinic(), id, reason, now)
	if err != nil || n == 0 || reason == endpoint.ByRequest {
		return err
	}
	if tx.Clinic() == 0 {
		return alarm.RaiseIn(tx, domain.AlarmEndpointPaused, now)
	}
	_, err = alarm.OpenIncident(tx, domain.AlarmEndpointPaused, pausedMail(reason), now)
	return err
}

// Resume lets an endpoint go on where it stood: what waits is sent at once, as if it had never failed.
func Resume(tx *tenants.Tx, id domain.UUID, now time.Time) error {
	n, err := run(tx, `UPDATE endpoints
		SET state = 'active', reason = '', state_since = $3::timestamptz, version = version + 1,
			failures = 0, next_at = $3::timestamptz, due_at = CASE WHEN waiting > 0 THEN $3::timestamptz END
		WHERE clinic_id = $1 AND endpoint_id = $2 AND state = 'paused'`, tx.Clinic(), id, now)
	if err != nil || n == 0 {
		return err
	}
	if err := freshEntries(tx, id, now); err != nil {
		return err
	}
	return solved(tx, now)
}

func freshEntries(tx *tenants.Tx, id domain.UUID, now time.Time) error {
	_, err := run(tx, `UPDATE endpoint_entries SET tries = 0, failed_at = NULL, next_at = $3
		WHERE clinic_id = $1 AND endpoint_id = $2 AND (tries > 0 OR next_at > $3)`, tx.Clinic(), id, now)
	return err
}

// solved ends the alarm when no endpoint is paused by itself any more.
func solved(tx *tenants.Tx, now time.Time) error {
	left := 0
	err := tx.Gorm().Raw(`SELECT count(*) FROM endpoints WHERE clinic_id = $1 AND state = 'paused' AND reason <> $2`,
		tx.Clinic(), endpoint.ByRequest).Scan(&left).Error
	switch {
	case err != nil || left > 0:
		return tenants.Translate(err, "endpoints")
	case tx.Clinic() == 0:
		return alarm.CloseAlarm(tx, domain.AlarmEndpointPaused, now)
	}
	return alarm.CloseIncident(tx, domain.AlarmEndpointPaused, solvedMail, now)
}

// pausedMail is what a clinic's administrators read when an endpoint stops by itself.
func pausedMail(reason string) alarm.MailText {
	why := map[string]string{
		endpoint.Failing:       "Há três dias ele não confirma o que enviamos.",
		endpoint.Gone:          "Ele respondeu que não quer mais receber nada (410).",
		endpoint.CursorExpired: "O que ele tinha a receber passou de 30 dias e não existe mais para envio.",
		endpoint.NewEpoch: "Nossos dados foram restaurados de uma cópia: ele pode ter recebido o que não existe mais, " +
			"e deve ler tudo de novo pela API antes de retomar.",
	}[reason]
	return alarm.MailText{
		Subject: "PataPay parou de avisar um sistema conectado",
		Body: why + "\n\nNada se perdeu no PataPay, e seus pagamentos não mudam: " +
			"só o outro sistema deixa de ser avisado.\n\n" +
			"O que fazer: veja com quem cuida do sistema o que ele respondeu, e retome o envio. Ele continua de onde parou.\n",
	}
}

var solvedMail = alarm.MailText{
	Subject: "PataPay voltou a avisar o sistema conectado",
	Body:    "O envio foi retomado ou o endereço foi removido. Não é preciso fazer nada.\n",
}
