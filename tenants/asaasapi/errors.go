package asaasapi

import (
	"fmt"
	"time"

	"patapay/domain"
)

// Code says why a call to the gateway, or a pasted value, did not do. The API shows it
// as it stands (key messages).
type Code string

// The codes; the first eight come from what was pasted, the others from the gateway.
const (
	Required         Code = "required"
	InnerWhitespace  Code = "inner_whitespace"
	LooksLikeWallet  Code = "looks_like_wallet"
	NotAsaasKey      Code = "not_asaas_key"
	WrongEnvironment Code = "wrong_environment"
	InvalidWallet    Code = "invalid_wallet" // not the 36 characters of a wallet ID
	WalletDiffers    Code = "wallet_differs" // not a wallet of the key's account
	InvalidID        Code = "invalid_id"     // not an id that can stand in a URL
	KeyRefused       Code = "key_refused"    // 401
	PermissionLacks  Code = "permission_missing"
	IPBlocked        Code = "ip_blocked"
	RateLimited      Code = "asaas_rate_limited"
	TimedOut         Code = "asaas_timeout"    // no answer, 5xx, or the breaker is open
	Unexpected       Code = "asaas_error"      // an answer that makes no sense: redirect, too big, no JSON, 400
	NotFound         Code = "not_found"        // 404 where an object must exist
	WebhookLimit     Code = "webhook_limit"    // the account has 10 webhooks
	AccountInUse     Code = "account_in_use"   // the account is another clinic's; found by the caller
	AccountDiffers   Code = "account_differs"  // the clinic is connected to another account; found by the caller
	CNPJDiffers      Code = "cnpj_differs"     // a warning; found by the caller
	Overtaken        Code = "conflict"         // another save was faster
	Busy             Code = "webhook_busy"     // the webhook is being set up already
	DollarCompleted  Code = "dollar_completed" // a note, not a failure
	UnknownPrefix    Code = "unknown_prefix"   // a note: an older key that names no environment
)

// Error is what went wrong with one call. It never contains the key or a body.
type Error struct {
	Code        Code
	Status      int                // HTTP status of the gateway; 0: there was no answer
	Upstream    string             // the gateway's own error code, such as invalid_access_token; safe to show
	RetryAfter  time.Duration      // asaas_rate_limited: until the gateway will listen again
	Permission  []string           // permission_missing: what lacks, in pt-BR
	WalletID    string             // wallet_differs: the right one
	Environment domain.Environment // wrong_environment: the one that was chosen
	Err         error              // the cause, for logs
}

// Error returns the code, the call's status and the cause, for logs.
func (e *Error) Error() string {
	text := "gateway: " + string(e.Code)
	if e.Status != 0 {
		text += fmt.Sprintf(" (%d %s)", e.Status, e.Upstream)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Detail returns the pt-BR text for the person who caused the failure.
func (e *Error) Detail() string { return Message(e.Code, e.args()...) }

// As lets errors.As read the failure as a domain.Error, for the edges that know only
// that vocabulary.
func (e *Error) As(target any) bool {
	d, ok := target.(**domain.Error)
	if ok {
		*d = &domain.Error{Code: e.DomainCode(), Detail: e.Detail(), Err: e}
	}
	return ok
}

// DomainCode returns what a caller can do about the error.
func (e *Error) DomainCode() domain.Code {
	switch e.Code {
	case RateLimited, TimedOut, Unexpected:
		return domain.Unavailable
	case NotFound:
		return domain.NotFound
	case KeyRefused, PermissionLacks, IPBlocked:
		return domain.Forbidden
	case AccountInUse, AccountDiffers, Overtaken, WebhookLimit, Busy:
		return domain.Conflict
	}
	return domain.Invalid
}
