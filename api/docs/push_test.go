package docs_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// delivery is what one of the page's programs is asked about.
type delivery struct {
	secret, id, timestamp, signature string
	body                             []byte
}

// signed returns a delivery that the published library signed at an instant.
func signed(t *testing.T, secret string, at time.Time) delivery {
	t.Helper()
	d := delivery{
		secret:    secret,
		id:        "msg_1",
		timestamp: fmt.Sprint(at.Unix()),
		body:      []byte(`{"type":"invoice.updated","object":{"name":"Ação"}}`),
	}
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	d.signature, err = signer.Sign(d.id, at, d.body)
	require.NoError(t, err)
	return d
}

func secretOf(b byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32))
}

// The page's programs take what the published library signs, and nothing that was altered.
func TestTheProgramsOfThePageVerifyWhatIsOursAndNothingElse(t *testing.T) {
	t.Parallel()
	built := filepath.Join(t.TempDir(), "verify")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", built, "./examples/verify").CombinedOutput()
	require.NoError(t, err, "%s", out)
	now := time.Now()
	good, other := signed(t, secretOf(1), now), signed(t, secretOf(2), now)
	alter := func(change func(*delivery)) delivery { d := good; change(&d); return d }
	cases := map[string]struct {
		delivery
		ours bool
	}{
		"as it was sent": {good, true},
		"with two signatures": {
			alter(func(d *delivery) { d.signature = other.signature + " " + d.signature }),
			true,
		},
		"a signature of a later kind": {alter(func(d *delivery) { d.signature = "v1a,AAAA " + d.signature }), true},
		"another body": {
			alter(func(d *delivery) { d.body = bytes.Replace(d.body, []byte("updated"), []byte("deleted"), 1) }),
			false,
		},
		"a blank more":                 {alter(func(d *delivery) { d.body = append([]byte(" "), d.body...) }), false},
		"another name":                 {alter(func(d *delivery) { d.id = "msg_2" }), false},
		"another instant":              {alter(func(d *delivery) { d.timestamp = fmt.Sprint(now.Unix() + 1) }), false},
		"no instant":                   {alter(func(d *delivery) { d.timestamp = "" }), false},
		"an instant that is no number": {alter(func(d *delivery) { d.timestamp = "agora" }), false},
		"no signature":                 {alter(func(d *delivery) { d.signature = "" }), false},
		"half a signature":             {alter(func(d *delivery) { d.signature = d.signature[:20] }), false},
		"a signature without its kind": {
			alter(func(d *delivery) { d.signature = strings.TrimPrefix(d.signature, "v1,") }),
			false,
		},
		"of another secret": {alter(func(d *delivery) { d.signature = other.signature }), false},
		"six minutes old":   {signed(t, secretOf(1), now.Add(-6*time.Minute)), false},
		"six minutes early": {signed(t, secretOf(1), now.Add(6*time.Minute)), false},
	}
	programs := map[string][]string{"Go": {built}, "JavaScript": {"node", "examples/verify.mjs"}}
	if php, err := exec.LookPath("php"); err == nil { // no part of what a build needs
		programs["PHP"] = []string{
			php,
			"-r",
			`require "examples/verify.php";
			exit(verify(getenv("WEBHOOK_SECRET"), ["webhook-id" => getenv("WEBHOOK_ID"),
			"webhook-timestamp" => getenv("WEBHOOK_TIMESTAMP"), "webhook-signature" => getenv("WEBHOOK_SIGNATURE")],
			stream_get_contents(STDIN), time()) ? 0 : 1);`,
		}
	}
	for program, command := range programs {
		for name, c := range cases {
			verify := exec.CommandContext(t.Context(), command[0], command[1:]...)
			verify.Stdin = bytes.NewReader(c.body)
			verify.Env = append(
				os.Environ(),
				"WEBHOOK_SECRET="+c.secret,
				"WEBHOOK_ID="+c.id,
				"WEBHOOK_TIMESTAMP="+c.timestamp,
				"WEBHOOK_SIGNATURE="+c.signature,
			)
			require.Equal(t, c.ours, verify.Run() == nil, "%s: %s", program, name)
		}
	}
}

func TestThePageAboutPushShowsThePrograms(t *testing.T) {
	page := html.UnescapeString(get(t, "/docs/envios").Body.String())
	for _, file := range []string{"verify/main.go", "verify.mjs", "verify.php"} {
		text, err := os.ReadFile("examples/" + file)
		require.NoError(t, err)
		require.Contains(t, page, string(text))
	}
	require.Contains(t, get(t, "/docs").Body.String(), `href="/docs/envios"`)
	require.Equal(t, http.StatusOK, get(t, "/docs/operacoes/createEndpoint").Code)
}
