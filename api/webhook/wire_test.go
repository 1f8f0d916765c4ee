package webhook_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
)

// spoken writes bytes on a connection of its own, and returns the codes of all answers until we close it.
func (w *world) spoken(t *testing.T, text string) (codes []int) {
	t.Helper()
	conn, err := net.Dial("tcp", w.door.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	for in := bufio.NewReader(conn); ; {
		if _, err := in.Peek(1); err != nil {
			return codes // closed
		}
		res, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		codes = append(codes, res.StatusCode)
	}
}

// delivery returns a request as it goes over the wire; lines say how long it is, and what else its head has.
func delivery(token, lines, body string) string {
	return fmt.Sprintf(
		"POST %s HTTP/1.1\r\nHost: x\r\nasaas-access-token: %s\r\n%s\r\n%s", webhook.Path, token, lines, body,
	)
}

func lengthOf(body []byte) string { return fmt.Sprintf("Content-Length: %d\r\n", len(body)) }

func TestPipelinedDeliveriesAreAnsweredEachInTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	var text strings.Builder
	for i := range 4 {
		text.WriteString(delivery(vida.token, lengthOf(vida.paid(1+i)), string(vida.paid(1+i))))
	}
	text.WriteString(delivery(vida.token, lengthOf(vida.paid(5))+"Connection: close\r\n", string(vida.paid(5))))
	require.Equal(t, []int{200, 200, 200, 200, 200}, w.spoken(t, text.String()))
	require.Equal(t, 5, w.count(t, `SELECT count(*) FROM events`))
}

// Where two programs may read different lengths, the second reads another request in the body of the first: it was
// smuggled past what stood before us (RFC 9112, section 11.2).
func TestARequestOfTwoLengthsIsAnsweredOnceAndNothingBehindItIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	body := string(vida.paid(1))
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	behind := delivery(vida.token, lengthOf(vida.paid(2))+"Connection: close\r\n", string(vida.paid(2)))
	length := lengthOf(vida.paid(1))
	for name, form := range map[string]struct {
		lines, body string
		code        int
	}{
		"two lengths":              {length + "Content-Length: 1\r\n", body, 400},
		"two lengths in one line":  {fmt.Sprintf("Content-Length: %d, 1\r\n", len(body)), body, 400},
		"a signed length":          {fmt.Sprintf("Content-Length: +%d\r\n", len(body)), body, 400},
		"a length in hexadecimal":  {"Content-Length: 0x10\r\n", body, 400},
		"a negative length":        {"Content-Length: -1\r\n", body, 400},
		"a space before the colon": {fmt.Sprintf("Content-Length : %d\r\n", len(body)), body, 400},
		"two hosts":                {"Host: y\r\n" + length, body, 400},
		"a tab before the coding":  {"Transfer-Encoding:\x0bchunked\r\n", chunked, 400},
		"a coding that is none":    {"Transfer-Encoding: xchunked\r\n", chunked, 501},
		"two codings":              {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked, 501},
		"chunked twice":            {"Transfer-Encoding: chunked, chunked\r\n", chunked, 501},
		"a length and a coding":    {length + "Transfer-Encoding: chunked\r\n", chunked, 200}, // the coding counts
		"a length of the coding's": {
			fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", len(chunked)), chunked, 200,
		},
		"a chunk of no number": {"Transfer-Encoding: chunked\r\n", "+" + chunked, 400},
	} {
		require.Equal(t, []int{form.code}, w.spoken(t, delivery(vida.token, form.lines, form.body)+behind), name)
	}
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`), "the one whose coding counted, twice")
}
