package tenants_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/people"
)

func TestAnIncidentWritesToThoseWhoWantToHearOfItsKind(t *testing.T) {
	t.Parallel()
	db, clinic, _ := audited(t, 0)
	now := time.Now().UTC()
	within := func(fn func(*tenants.Tx) error) { t.Helper(); require.NoError(t, db.In(t.Context(), clinic.ID, fn)) }
	mute := func(email string, kinds ...string) people.User {
		u := people.User{ID: tenants.NewID(now), Email: email, Name: email, PasswordHash: "x", Role: "admin"}
		within(func(tx *tenants.Tx) error {
			if err := people.AddUser(tx, u, now); err != nil {
				return err
			}
			return people.SaveSelf(tx, u.ID, people.SelfChange{Muted: &kinds})
		})
		return u
	}
	taken := func(kind string) (m alarm.Mail) {
		within(func(tx *tenants.Tx) error {
			if _, err := alarm.OpenIncident(
				tx,
				domain.AlarmKind(kind),
				alarm.MailText{Subject: "s", Body: "b"},
				now,
			); err != nil {
				return err
			}
			list, err := alarm.TakeMails(tx, now)
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
	within(func(tx *tenants.Tx) error { return alarm.MailMuted(tx, m, now) })
	within(func(tx *tenants.Tx) error {
		list, err := alarm.TakeMails(tx, now.Add(time.Hour))
		require.Len(t, list, 2, "the muted one is over; the others were not told as sent")
		return err
	})
}

// A change wrote back all that a person had chosen when it was read: of two at once one was lost.
func TestAChangeOfOnesOwnLeavesWhatItDoesNotName(t *testing.T) {
	t.Parallel()
	db, clinic, _ := audited(t, 0)
	now, dark, keys, muted := time.Now().UTC(), "dark", true, []string{"paused"}
	u := people.User{ID: tenants.NewID(now), Email: "ana@example.com", Name: "Ana", PasswordHash: "x", Role: "admin"}
	require.NoError(t, db.In(t.Context(), clinic.ID, func(tx *tenants.Tx) error {
		err := people.AddUser(tx, u, now)
		for _, c := range []people.SelfChange{{Theme: &dark}, {Shortcuts: &keys}, {Muted: &muted}} {
			err = errors.Join(err, people.SaveSelf(tx, u.ID, c))
		}
		return err
	}))
	u, err := people.FindUser(db, t.Context(), u.ID)
	require.NoError(t, err)
	require.Equal(t, "Ana", u.Name)
	require.Equal(t, people.Wishes{Theme: dark, Shortcuts: keys, Muted: muted}, u.Wishes)
}
