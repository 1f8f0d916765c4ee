package v1_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// What ends a person's sessions is held twice: by the rows of the sessions, and by a version that every token says.
// Each wall stands alone here, since a check that another one hides could go without anybody's notice.

func TestASessionThatEndedWithAllOfItsPersonsStaysOutWhicheverOfTheTwoWallsStands(t *testing.T) {
	w := newWorld(t)
	clinic, email := w.tenant("muros")
	admin := w.login(email)
	path, _ := settled(w, admin, clinic, "bia@example.com", "admin")
	b := &browser{w: w}
	token := b.login("bia@example.com").text("accessToken")
	id, ok := domain.ParseUUID("usr", path[strings.LastIndex(path, "/")+1:])
	require.True(t, ok)
	u, err := people.FindUser(w.db, t.Context(), id)
	require.NoError(t, err)
	signed, err := w.issuer.Sign(auth.Principal{
		Subject: id.Public("usr"), Tenant: clinic, Role: "admin", Scopes: []string{"invoices:read"}, Issuer: auth.Name,
		Session: auth.Session(u.SessionVersion, auth.CommandLine), Kind: auth.Access,
	}, time.Hour)
	require.NoError(t, err)
	w.must(200, signed, "GET", "/v1/auth/me", nil)
	w.must(200, admin, "PATCH", path, map[string]any{"role": "finance"}, "If-Match: *")
	w.must(401, signed, "GET", "/v1/auth/me", nil) // no session stands behind it: the version alone
	require.Zero(t, w.count(`SELECT count(*) FROM sessions WHERE ended_at IS NULL AND user_id = $1`, tenants.DBUUID(id)))
	w.exec(`UPDATE sessions SET ended_at = NULL`)
	w.must(401, token, "GET", "/v1/auth/me", nil)
	require.Equal(t, 401, b.post("refresh", nil).status)
}

func TestTheEndOfAClinicShutsItsPeopleOutBesidesTheClinic(t *testing.T) {
	w := newWorld(t)
	clinic, email := w.tenant("fecha")
	w.login(email)
	w.endClinic(clinic)
	require.Zero(t, w.count(`SELECT count(*) FROM users WHERE clinic_id > 0 AND disabled_at IS NULL`))
}

// TestOfTwoUsesAtOnceTheSecondIsRefusedWhereItIsWritten: what counts once looked unused to both of them.
func TestOfTwoUsesAtOnceTheSecondIsRefusedWhereItIsWritten(t *testing.T) {
	p := newProtected(t)
	b := &browser{w: p.world}
	admin := "fator@example.com"
	b.login(admin)
	_, cookie, _ := strings.Cut(b.cookie, "=")
	digest := sha256.Sum256([]byte(cookie))
	rotated := func() error {
		return people.RotateSession(p.db, t.Context(), digest, sha256.Sum256(nil), people.Browser{}, p.now())
	}
	p.later(people.SessionIdle)
	require.Equal(t, domain.Unauthenticated, domain.CodeOf(rotated()), "idle")
	p.later(-people.SessionIdle)
	b.post("logout", nil)
	require.Equal(t, domain.Unauthenticated, domain.CodeOf(rotated()), "ended")

	secret := p.challenge(p.email)
	p.must(202, "", "POST", "/v1/auth/password-link", map[string]string{"email": p.email})
	link := p.mails.link(p.world, p.email)
	u, err := people.UserByEmail(p.db, t.Context(), p.email)
	require.NoError(t, err)
	require.NoError(t, p.db.In(t.Context(), u.Clinic, func(tx *tenants.Tx) error {
		for what, use := range map[string]func() error{
			"a challenge": func() error { return people.MeetChallenge(tx, sha256.Sum256([]byte(secret)), p.now()) },
			"a link":      func() error { return people.UseLink(tx, sha256.Sum256([]byte(link)), p.now()) },
		} {
			require.NoError(t, use(), what)
			require.Equal(t, domain.NotFound, domain.CodeOf(use()), what)
		}
		return nil
	}))
}
