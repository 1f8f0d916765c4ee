package auth

import (
	"context"
	"crypto"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/MicahParks/jwkset"
)

const (
	JWKSURLEvery  = time.Minute     // between reads of a JWKS URL, all in the background
	JWKSFileEvery = 5 * time.Second // between looks at a JWKS file, in the background too

	jwksLimit = 1 << 20 // bytes of an answer that are read
)

// jwks are the keys of a JWK set (RFC 7517). Keys for encryption are not among them, nor
// symmetric ones.
type jwks struct{ storage jwkset.Storage }

// JWKSURL returns the keys found at url, read now (a failure is only logged: nobody of the
// platform gets in until a read succeeds) and then each time every has passed, until ctx
// ends: so long after its removal at most, and the read's own time, a key still counts.
// After a failed read the last keys stand. Redirects are not followed.
func JWKSURL(ctx context.Context, url string, every time.Duration, log *slog.Logger) (Keys, error) {
	storage, err := jwkset.NewStorageFromHTTP(url, jwkset.HTTPClientStorageOptions{
		Ctx:                       ctx,
		Client:                    &http.Client{Transport: limited{http.DefaultTransport}, CheckRedirect: keepAnswer},
		HTTPTimeout:               5 * time.Second,
		NoErrorReturnFirstHTTPReq: true,
		RefreshInterval:           every,
		RefreshErrorHandler: func(ctx context.Context, err error) {
			log.WarnContext(ctx, "the platform's keys were not read; the last ones stand", "err", err)
		},
	})
	if err != nil {
		return nil, errors.New("PLATFORM_JWKS: not a URL")
	}
	return jwks{storage}, nil
}

// Key returns a key from memory.
func (j jwks) Key(kid string) (any, bool) {
	jwk, err := j.storage.KeyRead(context.Background(), kid)
	if err != nil || jwk.Marshal().USE == jwkset.UseEnc {
		return nil, false
	}
	if private, ok := jwk.Key().(interface{ Public() crypto.PublicKey }); ok {
		return private.Public(), true
	}
	return jwk.Key(), true
}

func keepAnswer(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// limited cuts answers off after jwksLimit bytes.
type limited struct{ next http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, jwksLimit), resp.Body}
	return resp, nil
}
