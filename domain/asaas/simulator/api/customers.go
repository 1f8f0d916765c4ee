package api

import "slices"

// customerCalls answer /customers.
type customerCalls struct{ *call }

func (c customerCalls) create() answer {
	if c.body.Text("name") == "" || c.body.Text("cpfCnpj") == "" {
		return invalid("O campo name e o campo cpfCnpj devem ser informados.")
	}
	made := c.scene().Customer(c.body.Text("name"), c.body.Text("cpfCnpj"))
	for _, field := range []string{"email", "externalReference"} {
		if text := c.body.Text(field); text != "" {
			made.Set(field, text)
		}
	}
	return good(made)
}

// list answers newest first.
func (c customerCalls) list() answer {
	var items []any
	for _, o := range slices.Backward(c.books.Customers) {
		reference, _ := o.Get("externalReference").(string)
		if c.is("name", o.Text("name")) && c.is("cpfCnpj", o.Text("cpfCnpj")) && c.is("email", o.Text("email")) &&
			c.is("externalReference", reference) {
			items = append(items, o)
		}
	}
	return c.page(items)
}

func (c customerCalls) get() answer {
	for _, o := range c.books.Customers {
		if o.Text("id") == c.r.PathValue("id") {
			return good(o)
		}
	}
	return absent()
}
