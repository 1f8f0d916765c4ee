package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/people"
	"patapay/tenants/tenantstest"
)

// A program's token outlives the key that signed it only while that key is believed: nobody may take it away unwarned.
func TestASigningKeyIsNotRetiredWhileATokenThatItSignedCounts(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	right := settingsOf(db)
	seed := func(b byte) string {
		raw := bytes.Repeat([]byte{b}, ed25519.SeedSize)
		for i := range raw {
			raw[i] += byte(i * 7)
		}
		return base64.StdEncoding.EncodeToString(raw)
	}
	was, fresh := seed(3), seed(90)
	with := func(settings ...string) *app.App {
		return opened(t, append(right[:len(right):len(right)], settings...))
	}
	old := with("JWT_SIGNING_KEY="+was, "JWT_OLD_KEY="+fresh) // the first step: everybody believes the new one
	both := with("JWT_SIGNING_KEY="+fresh, "JWT_OLD_KEY="+was)
	alone := with("JWT_SIGNING_KEY=" + fresh)

	sign := func(a *app.App, name string) string {
		token, err := a.SignService(t.Context(), tenants.Clinic{}, name, []string{"tenants:read"}, 40*24*time.Hour)
		require.NoError(t, err)
		return token
	}
	routers := map[*app.App]http.Handler{}
	for _, a := range []*app.App{old, both, alone} {
		router, done, err := a.Router(t.Context(), nil)
		require.NoError(t, err)
		defer done()
		routers[a] = router
	}
	opens := func(a *app.App, token string) bool {
		ask := httptest.NewRequest(http.MethodGet, "/v1/auth/me", nil)
		ask.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		routers[a].ServeHTTP(answer, ask)
		require.Contains(t, []int{http.StatusOK, http.StatusUnauthorized}, answer.Code, answer.Body.String())
		return answer.Code == http.StatusOK
	}
	before, after := sign(old, "before"), sign(both, "after")
	for _, token := range []string{before, after} {
		require.True(t, opens(old, token))
		require.True(t, opens(both, token))
	}
	require.False(t, opens(alone, before), "the old key is believed no longer")
	require.True(t, opens(alone, after))

	var told bytes.Buffer
	require.Equal(t, unhealthy(1), rotateJWT(both, t.Context(), true, &told))
	require.Contains(t, told.String(), "the last ends on "+time.Now().UTC().Add(40*24*time.Hour).Format(time.DateOnly))
	told.Reset()
	require.NoError(t, rotateJWT(both, t.Context(), false, &told))
	require.Contains(t, told.String(), "before, until")
	require.NotContains(t, told.String(), "after, until")
	require.NoError(t, both.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
		list, _, err := people.SignedByOther(tx, "", time.Now(), 10)
		require.NoError(t, err)
		for _, s := range list {
			if s.Name == "before" {
				_, err = people.EndServiceToken(tx, s.ID, time.Now())
			}
		}
		return err
	}))
	told.Reset()
	require.NoError(t, rotateJWT(both, t.Context(), true, &told))
	require.Contains(t, told.String(), "15m0s")
}
