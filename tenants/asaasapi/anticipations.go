package asaasapi

import (
	"context"
	"net/url"
	"time"
)

// Anticipations reads the advances of a status, all for "", newest first, and the gateway's
// clock of the first page. The gateway has no filter by date.
func (c *Client) Anticipations(ctx context.Context, cred Credential, status string) ([]Object, time.Time, error) {
	query := url.Values{}
	if status != "" {
		query.Set("status", status)
	}
	return c.objects(ctx, cred, "/anticipations", query, ReadAnticipations, maxPaymentPages)
}
