package v1_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
)

// A reminder of the first page could only be ended by what it tells of: one of months ago stood there for ever.
func TestAReminderIsPutOffAndBackAndIsNeverGone(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	r := w.as(t, c, auth.RoleAdmin)
	change := func(by *reader, method, kind string, days int) int {
		return by.request(method, by.base+"/reminders/"+kind, map[string]any{"days": days}).status
	}
	require.Empty(t, r.ok("/glance").body["reminders"], "nothing is overdue")
	w.exec(t, plantedInvoice, c.ID, "overdue", "api", nil, w.now)
	told := func() map[string]any {
		body := r.ok("/glance").body
		require.EqualValues(t, 1, body["overdue"].(map[string]any)["count"], "the number stands all the same")
		return body["reminders"].([]any)[0].(map[string]any)
	}
	require.Equal(t, "overdue", told()["kind"])
	require.Nil(t, told()["putOffUntil"])
	require.Equal(t, http.StatusNoContent, change(r, "PUT", "overdue", 7))
	require.Equal(t, "2026-11-29", told()["putOffUntil"])
	require.EqualValues(t, 1, told()["count"], "put off is not gone")
	require.Equal(t, http.StatusNoContent, change(r, "DELETE", "overdue", 0))
	require.Nil(t, told()["putOffUntil"], "and back")
	require.Equal(t, http.StatusNoContent, change(r, "PUT", "overdue", 7))
	w.exec(t, `UPDATE put_off_reminders SET seen = 0 WHERE clinic_id = $1`, c.ID) // as if one more came since
	require.Nil(t, told()["putOffUntil"])
	require.Equal(t, http.StatusUnprocessableEntity, change(r, "PUT", "overdue", 31))
	require.Equal(
		t,
		http.StatusNotFound,
		change(r, "PUT", "dispute", 7),
		"what speaks against the numbers is put off by nobody",
	)
	require.Equal(t, http.StatusForbidden, change(w.as(t, c, auth.RoleReader), "PUT", "overdue", 7))
}
