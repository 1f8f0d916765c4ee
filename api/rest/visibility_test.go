package rest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

func TestFieldsDecideWhatIsOpenedBeforeTheyDecideWhatIsAnswered(t *testing.T) {
	t.Parallel()
	opened := 0
	view := ClinicView{
		Visibility: Visibility{Texts: true},
		Decryptor: Decryptor{func(string, string, []byte) ([]byte, error) {
			opened++
			return []byte(`{"description":"x","cut":["description"]}`), nil
		}},
	}
	for fields, opens := range map[string]int{"": 1, "id,status": 0, "id,description": 1, "cutTexts": 1, "value": 0} {
		var texts struct {
			Description string   `json:"description"`
			Cut         []string `json:"cut"`
		}
		opened = 0
		require.NoError(t, view.Only(fields).ReadTexts(domain.KindPayment, "pay_1", []byte{1}, &texts))
		require.Equal(t, opens, opened, fields)
		require.Equal(t, opens == 1, texts.Description == "x", fields)
	}
}
