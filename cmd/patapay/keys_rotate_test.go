package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/endpoints"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// onlyPrimary returns the keyset without the key that is not its primary one.
func onlyPrimary(t *testing.T, keysetJSON string) string {
	t.Helper()
	var set struct {
		PrimaryKeyID uint32           `json:"primaryKeyId"`
		Key          []map[string]any `json:"key"`
	}
	require.NoError(t, json.Unmarshal([]byte(keysetJSON), &set))
	require.Len(t, set.Key, 2)
	for _, key := range set.Key {
		if uint32(key["keyId"].(float64)) == set.PrimaryKeyID {
			set.Key = []map[string]any{key}
			text, err := json.Marshal(set)
			require.NoError(t, err)
			return string(text)
		}
	}
	t.Fatal("the keyset has no primary key")
	return ""
}

// sealedText seals a text in a clinic and returns what opens it again in another process.
func sealedText(t *testing.T, a *app.App, clinic domain.ClinicID, text string) (opens func(*app.App) error) {
	t.Helper()
	var sealed []byte
	require.NoError(t, a.APIDB.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		sealed, err = tx.Seal(a.Vault, "test", "1", []byte(text))
		return err
	}))
	return func(b *app.App) error {
		return b.APIDB.In(context.Background(), clinic, func(tx *tenants.Tx) error {
			open, err := tx.Opener(b.Vault)
			if err != nil {
				return err
			}
			plain, err := open("test", "1", sealed)
			if err == nil && string(plain) != text {
				err = fmt.Errorf("%q", plain)
			}
			return err
		})
	}
}

func TestAMasterKeyIsRetiredWhileProcessesWithTheOldOneGoOnAndNothingIsLeftUnderIt(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	oldSettings := settingsOf(db)
	old := opened(t, oldSettings)
	both, err := vault.AddMasterKey(app.DevelopmentKeyset)
	require.NoError(t, err)
	with := func(keyset string) *app.App {
		return opened(t, append(oldSettings[:len(oldSettings):len(oldSettings)], "MASTER_KEYSET="+keyset))
	}
	added := with(both.Reveal())

	var opens []func(*app.App) error
	add := func(a *app.App, name string) {
		c, _, err := a.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: name, ExternalID: name}, a.Vault, time.Now())
		require.NoError(t, err)
		opens = append(opens, sealedText(t, a, c.ID, name))
	}
	for i := range 5 {
		add(old, fmt.Sprintf("before-%d", i))
	}
	var made endpoints.Endpoint
	require.NoError(t, old.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
		end, err := endpoints.PresentEnd(tx)
		if err != nil {
			return err
		}
		made, _, err = endpoints.Add(
			tx,
			old.Vault,
			endpoints.Endpoint{URL: "https://platform.example/hook", Payload: endpoint.Thin, Place: end, CreatedBy: "t"},
			time.Now(),
		)
		return err
	}))
	require.NoError(t, old.KeysFit(t.Context()))
	require.Equal(
		t,
		unhealthy(8),
		rotateMaster(added, t.Context(), true, io.Discard),
		"five data keys, an endpoint's secret, the keys of the chains",
	)

	// What a run did that was killed in the middle stays done, and the next one does the rest.
	require.NoError(t, added.APIDB.EachClinic(t.Context(), 2, func(tx *tenants.Tx) error {
		n, err := tenants.RewrapKeys(tx, added.Vault, false)
		require.Equal(t, 1, n)
		return err
	}))
	require.Equal(t, unhealthy(6), rotateMaster(added, t.Context(), true, io.Discard))
	require.NoError(t, rotateMaster(added, t.Context(), false, io.Discard))

	add(old, "by-an-old-process") // that was not started anew yet
	require.Equal(t, unhealthy(1), rotateMaster(added, t.Context(), true, io.Discard))
	require.NoError(t, rotateMaster(added, t.Context(), false, io.Discard))
	var out bytes.Buffer
	require.NoError(t, rotateMaster(added, t.Context(), true, &out))
	require.Contains(t, out.String(), "nothing that lasts is left")

	alone := with(onlyPrimary(t, both.Reveal()))
	for _, a := range []*app.App{added, alone} {
		for i, open := range opens {
			require.NoError(t, open(a), "text %d", i)
		}
		for _, chain := range []string{tenants.AuditChain, tenants.LedgerChain} {
			_, err := a.Chains.Key(chain)
			require.NoError(t, err)
		}
		require.NoError(t, a.APIDB.Platform(t.Context(), func(tx *tenants.Tx) error {
			_, err := endpoints.Rotate(tx, a.Vault, mustFind(t, tx, made.ID), time.Now())
			return err
		}))
	}
	require.Error(t, opens[0](opened(t, oldSettings)), "the old key alone opens nothing any more")
}

func mustFind(t *testing.T, tx *tenants.Tx, id domain.UUID) endpoints.Endpoint {
	t.Helper()
	e, err := endpoints.Find(tx, id, true)
	require.NoError(t, err)
	return e
}
