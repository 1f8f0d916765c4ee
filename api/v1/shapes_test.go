package v1_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/api/rest"
	"patapay/domain/asaas/samples"
	"patapay/tenants/radar"
)

// What Asaas sends that no list has is told to the platform, by its form, and to no clinic; closing it takes a note.
func TestWhatAsaasSendsAnewIsToldToThePlatformAndClosedWithANote(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.applier.Radar = &radar.Recorder{DB: w.worker, Now: w.clock}
	w.deliver(t, c, samples.Event("payment_received_pix_extra_attributes.made"), samples.Event("unknown_event_future.made"))
	require.NoError(t, w.applier.Radar.Flush(t.Context()))

	platform := &reader{t, w, "/v1/ops", w.token(t, nil, auth.RoleService, rest.AllScopes()...)}
	var ids []any
	told := map[string]bool{}
	for _, row := range platform.ok("/shapes").data() {
		ids = append(ids, row["id"])
		told[row["kind"].(string)+" "+row["path"].(string)+" "+row["form"].(string)] = true
		require.NotContains(t, row, "note")
	}
	require.Equal(t, map[string]bool{
		"member payment.brandNewAttribute object": true, "member payment.brandNewAttribute.nested list": true,
		"member newTopLevel string": true, "event event SOMETHING_NEW_HAPPENED": true,
	}, told)
	require.Equal(t, "gateway_shapes", platform.ok("/alarms?kind=gateway_shapes").data()[0]["kind"])
	require.Equal(t, 403, w.as(t, c, "admin").get("/v1/ops/shapes").status)

	require.Equal(t, 422, platform.post("/shapes/close", map[string]any{"ids": ids, "note": ""}).status)
	require.Equal(t, 404, platform.post("/shapes/close", map[string]any{"ids": []string{"shp_1"}, "note": "known"}).status)
	closed := platform.post("/shapes/close", map[string]any{"ids": ids, "note": "in the changelog of November"})
	require.Equal(t, 200, closed.status, closed.text)
	require.EqualValues(t, 4, closed.body["closed"])
	require.Empty(t, platform.ok("/shapes").data())
	require.Empty(t, platform.ok("/alarms?kind=gateway_shapes").data(), "the alarm ends with the last of them")
	require.Equal(t, "in the changelog of November", platform.ok("/shapes?state=closed").data()[0]["note"])
}
