package endpoint

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The secret, id, instant and body of the specification's own example, and what it says comes out.
func TestTheSpecificationsExampleIsSignedAsItSays(t *testing.T) {
	t.Parallel()
	got := Signature(
		[]string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		"msg_p5jXN8AQM9LWM0D4loKWxJek",
		time.Unix(1614265330, 0),
		[]byte(`{"test": 2432232314}`),
	)
	require.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", got)
}

func TestASecretIsPaddedBase64OfThirtyTwoBytesAndTwoSignTwice(t *testing.T) {
	t.Parallel()
	one, two := SecretText([SecretBytes]byte{1}), SecretText([SecretBytes]byte{2})
	require.Len(t, one, len("whsec_")+44)
	require.True(t, strings.HasSuffix(one, "="))
	at := time.Unix(1, 0)
	both := Signature([]string{one, two, "whsec_"}, "m", at, nil)
	require.Equal(t, Signature([]string{one}, "m", at, nil)+" "+Signature([]string{two}, "m", at, nil), both)
}
