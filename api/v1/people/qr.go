package people

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrView is a QR code as a page draws it: one path of an SVG, without a request to anybody.
type qrView struct {
	Size int    `json:"size" doc:"Modules of a side, without the margin"`
	Path string `json:"path" doc:"The dark modules, as the d of an SVG's path in modules"`
}

// qrOf returns the QR code of a text.
func qrOf(text string) (qrView, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrView{}, fmt.Errorf("QR code: %w", err)
	}
	view, path := qrView{Size: code.Bounds().Dx()}, strings.Builder{}
	for y := range view.Size {
		for x := 0; x < view.Size; x++ {
			from := x
			for x < view.Size && code.At(x, y) == color.Black {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	view.Path = path.String()
	return view, nil
}
