package rest

import (
	"errors"

	"patapay/api/problem"
	"patapay/tenants/asaasapi"
)

// refusalPlaces is which member of the request a key message is about.
var refusalPlaces = map[asaasapi.Code]string{
	asaasapi.Required:         "/apiKey",
	asaasapi.InnerWhitespace:  "/apiKey",
	asaasapi.LooksLikeWallet:  "/apiKey",
	asaasapi.NotAsaasKey:      "/apiKey",
	asaasapi.WrongEnvironment: "/apiKey",
	asaasapi.KeyRefused:       "/apiKey",
	asaasapi.PermissionLacks:  "/apiKey",
	asaasapi.IPBlocked:        "/apiKey",
	asaasapi.AccountInUse:     "/apiKey",
	asaasapi.AccountDiffers:   "/apiKey",
	asaasapi.InvalidWallet:    "/walletId",
	asaasapi.WalletDiffers:    "/walletId",
	asaasapi.CNPJDiffers:      "/confirmTaxId",
}

// filled are the messages that name something of this case; the others are their kind's.
var filled = map[asaasapi.Code]bool{
	asaasapi.WrongEnvironment: true,
	asaasapi.PermissionLacks:  true,
	asaasapi.RateLimited:      true,
	asaasapi.WalletDiffers:    true,
	asaasapi.Overtaken:        true,
}

// GatewayProblem returns what the gateway, or the connector, said as a problem with the code and
// the text of the key messages. Another error stays as it is.
func GatewayProblem(err error) error {
	var e *asaasapi.Error
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

// GatewayProblemKeyless is GatewayProblem for calls that save no key: the key messages of a gateway that does
// not answer speak of the key.
func GatewayProblemKeyless(err error) error {
	err = GatewayProblem(err)
	var p *problem.Error
	if errors.As(err, &p) {
		p.Fields = nil
		if p.Code == string(asaasapi.TimedOut) {
			p.Detail = "Não conseguimos falar com o Asaas. Tente de novo em alguns minutos."
		}
	}
	return err
}
