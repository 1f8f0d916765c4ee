package asaasapi

import (
	"context"
	"errors"
	"net/http"
)

// ReadCustomers is the permission to read payers, in the words of the key form (unverified).
const ReadCustomers = "Clientes (ler)"

// errAnother is an answer about another object than the one asked for.
var errAnother = &Error{
	Code:   Unexpected,
	Status: http.StatusOK,
	Err:    errors.New("another object than the one asked for"),
}

// Payer is who pays, as the gateway has them: personal data, never logged.
type Payer struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	TaxID     string `json:"cpfCnpj"` // CPF or CNPJ, digits
	Email     string `json:"email"`
	Reference string `json:"externalReference"`
	Deleted   bool   `json:"deleted"`
}

// ProbeList reads one object of a list, to learn whether the key may.
func ProbeList(ctx context.Context, c *Client, cred Credential, path, permission string) error {
	_, err := c.do(ctx, cred, request{method: http.MethodGet, path: path + "?limit=1", permission: permission})
	return err
}

// Customer reads a payer by the gateway's id. It fails with not_found for an id that is not
// the account's.
func (c *Client) Customer(ctx context.Context, cred Credential, id string) (p Payer, err error) {
	if !cleanID(id) {
		return p, &Error{Code: InvalidID}
	}
	if err = c.read(ctx, cred, "/customers/"+id, ReadCustomers, &p); err == nil && p.ID != id {
		err = errAnother
	}
	return p, err
}
