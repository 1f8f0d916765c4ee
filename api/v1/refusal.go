package v1

import (
	"errors"

	"patapay/api/problem"
	"patapay/tenants/gateway"
)

// refusalPlaces is which member of the request a key message is about.
var refusalPlaces = map[gateway.Code]string{
	gateway.Required: "/apiKey", gateway.InnerWhitespace: "/apiKey", gateway.LooksLikeWallet: "/apiKey", gateway.NotAsaasKey: "/apiKey",
	gateway.WrongEnvironment: "/apiKey", gateway.KeyRefused: "/apiKey", gateway.PermissionLacks: "/apiKey", gateway.IPBlocked: "/apiKey",
	gateway.AccountInUse: "/apiKey", gateway.AccountDiffers: "/apiKey", gateway.InvalidWallet: "/walletId", gateway.WalletDiffers: "/walletId",
	gateway.CNPJDiffers: "/confirmTaxId",
}

// filled are the messages that name something of this case; the others are their kind's.
var filled = map[gateway.Code]bool{gateway.WrongEnvironment: true, gateway.PermissionLacks: true, gateway.RateLimited: true, gateway.WalletDiffers: true, gateway.Overtaken: true}

// refusal returns what the gateway, or the connector, said as a problem with the code and
// the text of the key messages. Another error stays as it is.
func refusal(err error) error {
	var e *gateway.Error
	if !errors.As(err, &e) {
		return err
	}
	p := &problem.Error{Code: string(e.Code), RetryAfter: e.RetryAfter, Err: err}
	if filled[e.Code] {
		p.Detail = e.Detail()
	}
	if place := refusalPlaces[e.Code]; place != "" {
		p.Fields = []problem.Field{{Pointer: place, Code: string(e.Code), Detail: e.Detail()}}
	}
	if e.Status != 0 {
		p.Upstream = &problem.Upstream{Status: e.Status, Code: e.Upstream}
	}
	return p
}
