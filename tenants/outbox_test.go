package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants"
)

func TestAnIncidentWritesToThoseWhoWantToHearOfItsKind(t *testing.T) {
	t.Parallel()
	db, clinic, _ := audited(t, 0)
	now := time.Now().UTC()
	within := func(fn func(*tenants.Tx) error) { t.Helper(); require.NoError(t, db.In(t.Context(), clinic.ID, fn)) }
	mute := func(email string, kinds ...string) tenants.User {
		u := tenants.User{ID: tenants.NewID(now), Email: email, Name: email, PasswordHash: "x", Role: "admin"}
		within(func(tx *tenants.Tx) error {
			if err := tx.AddUser(u, now); err != nil {
				return err
			}
			return tx.SaveSelf(u.ID, u.Name, tenants.Wishes{Muted: kinds})
		})
		return u
	}
	taken := func(kind string) (m tenants.Mail) {
		within(func(tx *tenants.Tx) error {
			if _, err := tx.OpenIncident(kind, "x", tenants.Letter{Subject: "s", Body: "b"}, now); err != nil {
				return err
			}
			list, err := tx.TakeMails(now)
			require.Len(t, list, 1)
			m = list[0]
			return err
		})
		return m
	}
	mute("ana@example.com", "paused", "silent")
	mute("bia@example.com", "silent")
	require.Equal(t, []string{"bia@example.com"}, taken("paused").Recipients)
	require.Equal(t, []string{"ana@example.com", "bia@example.com"}, taken("key_refused").Recipients)
	m := taken("silent")
	require.Empty(t, m.Recipients)
	require.True(t, m.Muted, "all of them muted it: nobody is missing")
	within(func(tx *tenants.Tx) error { return tx.MailMuted(m, now) })
	within(func(tx *tenants.Tx) error {
		list, err := tx.TakeMails(now.Add(time.Hour))
		require.Len(t, list, 2, "the muted one is over; the others were not told as sent")
		return err
	})
}
