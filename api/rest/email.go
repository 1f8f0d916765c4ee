package rest

import "patapay/api/problem"

// WrongEmail returns what is wrong with an e-mail at a place of the body that is no bare address.
func WrongEmail(pointer string) *problem.Field {
	return &problem.Field{
		Pointer: pointer, Code: "wrong_format", Detail: "Digite só o endereço, como nome@clinica.com.br.",
	}
}
