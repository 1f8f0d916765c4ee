package accounts

import (
	"fmt"
	"strings"

	"patapay/domain/asaas/jsonobject"
)

// dot is a picture of one white point.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="

// QRCode returns what a payer scans to pay a charge by Pix.
func (p *Payment) QRCode() *jsonobject.Object {
	return jsonobject.Of(
		"encodedImage", dot, "payload",
		"00020101021226730014br.gov.bcb.pix2551pix-h.asaas.com/pixqrcode/cobv/"+p.ID+"5204000053039865802BR",
		"expirationDate", Date(p.Due.AddDate(1, 0, 0)).(string)+" 23:59:59", "description", TextOrNull(p.description),
	)
}

// Slip returns a boleto's line and bar code; the check digits are not reckoned.
func (p *Payment) Slip() *jsonobject.Object {
	number := fmt.Sprint(12_000_000 + p.invoice)
	line := fmt.Sprintf("0019000009%s%010d%015d", fmt.Sprintf("%012s", number), p.invoice, int64(p.Value))
	return jsonobject.Of("identificationField", line, "nossoNumero", number,
		"barCode", "001"+strings.Repeat("0", 44-3-len(number))+number)
}
