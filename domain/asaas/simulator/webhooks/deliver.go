package webhooks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// deliveryClient sends as the gateway does: its own time-out, no redirects, no proxy.
func deliveryClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 2 * parallel, IdleConnTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Send makes one delivery outside of any queue, with the gateway's headers and its 10 s.
// token "" sends none. Status 0 and Failure tell of a delivery without an answer.
func Send(ctx context.Context, url, token string, body []byte) Delivery {
	client := deliveryClient(10 * time.Second)
	defer client.CloseIdleConnections()
	return post{url: url, token: token, body: body}.deliver(ctx, client)
}

// SendForm is Send as a configuration of API version 2 does: a form, and never a token
// (docs/gateway.md, webhook configurations).
func SendForm(ctx context.Context, url string, body []byte) Delivery {
	client := deliveryClient(10 * time.Second)
	defer client.CloseIdleConnections()
	return post{url: url, form: true, body: body}.deliver(ctx, client)
}

// post is one delivery to make.
type post struct {
	url, token string
	form       bool // body is the member data of a form
	body       []byte
	trickle    bool // body comes in ten pieces, slowly
}

// deliver makes one HTTP delivery with the gateway's headers (docs/gateway.md, the request).
func (p post) deliver(ctx context.Context, client *http.Client) (d Delivery) {
	started := time.Now()
	d = Delivery{At: started.UTC(), Token: p.token != ""}
	defer func() { d.Took = time.Since(started) }()
	kind, body := "application/json", p.body
	if p.form {
		kind, body = "application/x-www-form-urlencoded", []byte(url.Values{"data": {string(p.body)}}.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bodyOf(body, p.trickle))
	if err != nil {
		d.Failure = err.Error()
		return d
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("User-Agent", "Java/1.8.0_282")
	if p.token != "" {
		req.Header.Set("asaas-access-token", p.token)
	}
	res, err := client.Do(req)
	if err != nil {
		d.Failure = failure(err)
		return d
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	d.Status, d.Answer = res.StatusCode, string(answer)
	if err != nil {
		d.Status, d.Failure = 0, failure(err)
	}
	return d
}

// bodyOf returns what a delivery sends: body at once, or in ten pieces, slowly.
func bodyOf(body []byte, slowly bool) io.Reader {
	if !slowly {
		return bytes.NewReader(body)
	}
	return &trickle{left: body, piece: len(body)/10 + 1}
}

// trickle is a body that comes piece by piece.
type trickle struct {
	left  []byte
	piece int
}

// Read waits 20 ms and returns the next piece.
func (t *trickle) Read(into []byte) (int, error) {
	if len(t.left) == 0 {
		return 0, io.EOF
	}
	time.Sleep(20 * time.Millisecond)
	n := copy(into, t.left[:min(t.piece, len(t.left))])
	t.left = t.left[n:]
	return n, nil
}

// failure returns the words of the gateway's log for a delivery without an answer.
func failure(err error) string {
	var timeout net.Error
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "dial":
		return "Connect timed out"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "408 Read Timed Out"
	}
	return err.Error()
}
