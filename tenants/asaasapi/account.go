package asaasapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"patapay/domain"
)

// AccountStatus is the account's id and how far the gateway approved it: PENDING,
// APPROVED, REJECTED or AWAITING_APPROVAL, the gateway's words.
type AccountStatus struct {
	ID              string `json:"id"`
	CommercialInfo  string `json:"commercialInfo"`
	BankAccountInfo string `json:"bankAccountInfo"`
	Documentation   string `json:"documentation"`
	General         string `json:"general"`
}

// CommercialInfo is who owns an account. It has no id.
type CommercialInfo struct {
	Status      string `json:"status"`
	PersonType  string `json:"personType"` // JURIDICA or FISICA
	TaxID       string `json:"cpfCnpj"`    // CNPJ or CPF, without punctuation
	Name        string `json:"name"`
	CompanyName string `json:"companyName"`
	TradingName string `json:"tradingName"`
	Email       string `json:"email"`
	// Confirmation is until when the commercial data hold; they are confirmed once a year.
	Confirmation *struct {
		Expired   bool   `json:"isExpired"`
		Scheduled string `json:"scheduledDate"` // yyyy-MM-dd HH:MM:SS, in São Paulo; "" none
	} `json:"commercialInfoExpiration"`
}

// Account is what a verified key opens.
type Account struct {
	ID          string   // the gateway account; webhook deliveries name it
	WalletID    string   // the wanted wallet, else the first
	Wallets     []string // all of them
	Name        string   // trading name, company name or the owner's name
	TaxID       string   // CNPJ or CPF, without punctuation
	PersonType  string   // JURIDICA or FISICA
	Email       string
	Environment domain.Environment
	Status      AccountStatus
}

// AccountStatus reads which account a key belongs to (docs/gateway.md, accounts).
func (c *Client) AccountStatus(ctx context.Context, cred Credential) (AccountStatus, error) {
	var out AccountStatus
	err := c.read(ctx, cred, "/myAccount/status", ReadAccount, &out)
	if err == nil && out.ID == "" {
		return out, &Error{Code: Unexpected, Status: http.StatusOK}
	}
	return out, err
}

// Wallets reads the ids of the account's wallets, normally one.
func (c *Client) Wallets(ctx context.Context, cred Credential) ([]string, error) {
	items, _, err := c.list(ctx, cred, "/wallets", url.Values{}, ReadAccount)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, raw := range items {
		var wallet struct{ ID string }
		if json.Unmarshal(raw, &wallet) == nil && wallet.ID != "" {
			ids = append(ids, wallet.ID)
		}
	}
	return ids, nil
}

// CommercialInfo reads who owns the account, to be shown to the person who pasted the key.
func (c *Client) CommercialInfo(ctx context.Context, cred Credential) (CommercialInfo, error) {
	var out CommercialInfo
	return out, c.read(ctx, cred, "/myAccount/commercialInfo", ReadAccount, &out)
}

// Verify makes the three calls of a save of a key, within the time of one
// read in all. wantWallet may be ""; else it must be one of the account's wallets. It
// fails with key_refused, wrong_environment, permission_missing, ip_blocked,
// asaas_rate_limited, asaas_timeout, asaas_error, invalid_wallet or wallet_differs.
func (c *Client) Verify(ctx context.Context, cred Credential, wantWallet string) (Account, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	status, err := c.AccountStatus(ctx, cred)
	if err != nil {
		return Account{}, err
	}
	wallets, err := c.Wallets(ctx, cred)
	if err != nil {
		return Account{}, err
	}
	wallet, err := chooseWallet(wallets, wantWallet)
	if err != nil {
		return Account{}, err
	}
	info, err := c.CommercialInfo(ctx, cred)
	if err != nil {
		return Account{}, err
	}
	return Account{
		ID: status.ID, WalletID: wallet, Wallets: wallets, Name: info.shownName(), TaxID: info.TaxID,
		PersonType: info.PersonType, Email: info.Email, Environment: cred.Environment, Status: status,
	}, nil
}

// chooseWallet returns the wanted wallet if it is the account's, else the first one.
func chooseWallet(wallets []string, want string) (string, error) {
	if len(wallets) == 0 {
		return "", &Error{Code: Unexpected, Status: http.StatusOK}
	}
	if want == "" {
		return wallets[0], nil
	}
	clean, bad := CheckWallet(want)
	if bad != nil {
		return "", bad
	}
	i := slices.IndexFunc(wallets, func(id string) bool { return strings.EqualFold(id, clean) })
	if i < 0 {
		return "", &Error{Code: WalletDiffers, WalletID: wallets[0]}
	}
	return wallets[i], nil
}

func (i CommercialInfo) shownName() string {
	for _, name := range []string{i.TradingName, i.CompanyName} {
		if name != "" {
			return name
		}
	}
	return i.Name
}

// read makes a GET whose answer is one object.
func (c *Client) read(ctx context.Context, cred Credential, path, permission string, out any) error {
	res, err := c.do(ctx, cred, request{method: http.MethodGet, path: path, permission: permission})
	if err != nil {
		return err
	}
	return decode(res, out)
}
