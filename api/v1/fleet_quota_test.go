package v1_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	"patapay/tenants/asaasapi"
	"patapay/tenants/fleet"
	"patapay/tenants/tenantstest"
)

func TestTheFleetShowsHowMuchOfItsQuotaEachClinicHasUsed(t *testing.T) {
	options, err := redis.ParseURL(tenantstest.New(t).RedisURL())
	require.NoError(t, err)
	shared := redis.NewClient(options)
	t.Cleanup(func() { shared.Close() })
	counter := asaasapi.RedisCounter{Redis: shared}
	w := newWorld(t, func(s *v1.Server) { s.Connector.Client.ShareQuota(counter) })
	path, token, account, _ := connected(w, "cota")
	_, _ = w.tenant("sem-conta")
	support := w.operator(auth.RoleSupport)
	row := func() map[string]any {
		require.NoError(t, fleet.CountQuota(w.worker, t.Context(), counter.Used))
		rows := w.must(200, support, "GET", "/v1/ops/fleet?sort=-quota", nil).body["data"].([]any)
		require.Len(t, rows, 2)
		require.Nil(t, rows[1].(map[string]any)["quotaCalls"], "who was never checked is not counted")
		return rows[0].(map[string]any)
	}
	require.Nil(t, row()["quotaCalls"])
	checkUp(w, path, token)
	first := row()
	require.Equal(t, "ext:cota", "ext:"+first["externalId"].(string))
	checkUp(w, path, token)
	require.Greater(t, row()["quotaCalls"], first["quotaCalls"], "a check asks the gateway")

	names, err := shared.Keys(t.Context(), "patapay:quota:*").Result()
	require.NoError(t, err)
	for _, name := range names {
		require.NotContains(t, name, account.Key)
		require.NoError(t, shared.Set(t.Context(), name, 19_999, 0).Err())
	}
	require.EqualValues(t, 19_999, row()["quotaCalls"])
	near := func() any { return w.must(200, support, "GET", "/v1/ops/overview", nil).body["quotaNear"] }
	listed := func() []any {
		return w.must(200, support, "GET", "/v1/ops/fleet?concern=quota", nil).body["data"].([]any)
	}
	require.EqualValues(t, 0, near())
	require.Empty(t, listed())
	for _, name := range names {
		require.NoError(t, shared.Incr(t.Context(), name).Err())
	}
	row()
	require.EqualValues(t, 1, near())
	require.Len(t, listed(), 1)

	require.NoError(t, shared.Del(t.Context(), names...).Err()) // the window is over
	require.EqualValues(t, 0, row()["quotaCalls"])
	shared.Close()
	require.Error(t, fleet.CountQuota(w.worker, t.Context(), counter.Used), "and the figure stays as it was")
	rows := w.must(200, support, "GET", "/v1/ops/fleet?sort=-quota", nil).body["data"].([]any)
	require.EqualValues(t, 0, rows[0].(map[string]any)["quotaCalls"])
}
