package jobs

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/tenants/alarm"
)

// refusing is a Sender that refuses one reader, for good or by a trouble of its own.
type refusing struct {
	reader string
	with   error
	got    []string
}

// Send keeps the readers of what it took.
func (r *refusing) Send(_ context.Context, _ string, to []string, _, _ string) error {
	if to[0] == r.reader {
		return r.with
	}
	r.got = append(r.got, to...)
	return nil
}

func TestOneReaderWhomTheMailServerRefusesKeepsTheEMailFromNobodyElse(t *testing.T) {
	t.Parallel()
	m := alarm.Mail{Recipients: []string{"gone@x.example", "ana@x.example", "bia@x.example"}}
	sender := &refusing{reader: "gone@x.example", with: RefusedReader(550)}
	p := &Postman{Send: sender, Log: slog.New(slog.DiscardHandler)}
	require.NoError(t, p.each(t.Context(), "id", m))
	require.Equal(t, []string{"ana@x.example", "bia@x.example"}, sender.got)
	m.Recipients = m.Recipients[:1]
	require.EqualError(t, p.each(t.Context(), "id", m), "the mail server answered 550")
	sender.with = errors.New("the mail server cannot be reached")
	m.Recipients = []string{"ana@x.example", "gone@x.example"}
	require.Error(t, p.each(t.Context(), "id", m), "it is tried again, for all")
}
