package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"patapay/api/shares"
	"patapay/domain"
)

// DefaultBodyLimit is how many bytes a body with a valid token may have: a hundred times what
// the gateway's have.
const DefaultBodyLimit = 1 << 20

const (
	unverifiedLimit = 128 << 10 // bytes of a body without a valid token

	// unannounced is what a body takes of its sender's share that does not say how long it is:
	// real ones fit in. A longer one takes the limit once it has come so far.
	unannounced = 16 << 10

	// bodiesWaiting is how many deliveries of one clinic may wait for their clinic's share.
	bodiesWaiting = 256
)

// Bodies is the room for bodies on their way from the network to the database. A body takes it
// before its first byte is read and gives it back after the answer, so that nobody's bodies,
// finished or not, fill the memory or keep a neighbour's waiting: each clinic has a share, and
// all senders without a valid token together have one of their own.
type Bodies struct {
	limit     int64
	clinics   *shares.Budget
	strangers *shares.Budget
}

// NewBodies returns the room for bodies of up to limit bytes: two of them at once for each
// clinic, eight for all. What a body costs beside itself, sealed and on its way to Postgres,
// makes about four times that.
func NewBodies(limit int64) *Bodies {
	each := 2 * max(limit, DefaultBodyLimit)
	return &Bodies{
		limit:     limit,
		clinics:   shares.NewBudget(4*each, each, bodiesWaiting),
		strangers: shares.NewBudget(8*unverifiedLimit, 8*unverifiedLimit, bodiesWaiting),
	}
}

// InFlight returns how many bytes of room are taken.
func (b *Bodies) InFlight() int64 { return b.clinics.Used() + b.strangers.Used() }

// heldBody is a body with the room that it takes until release.
type heldBody struct {
	*bytes.Buffer
	room *shares.Budget
	key  int64
	n    int64
}

// ofClinic reads the body of a delivery with a valid token.
func (b *Bodies) ofClinic(ctx context.Context, c *gin.Context, clinic domain.ClinicID) (heldBody, int) {
	return readBody(ctx, c, b.limit, heldBody{room: b.clinics, key: int64(clinic)})
}

// ofStranger reads the body of a delivery without one.
func (b *Bodies) ofStranger(ctx context.Context, c *gin.Context) (heldBody, int) {
	return readBody(ctx, c, unverifiedLimit, heldBody{room: b.strangers})
}

// buffers are reused: bodies are most of what a delivery allocates.
var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 4096)) }}

// readBody returns the whole body, or the code to answer: 413 beyond limit, 503 when its sender's
// share did not become free before ctx ended, 400 when the body ended before its announced length
// (the whole will come again). No content coding is undone. The body is given back by release.
func readBody(ctx context.Context, c *gin.Context, limit int64, h heldBody) (heldBody, int) {
	announced := c.Request.ContentLength
	if announced > limit {
		return h, http.StatusRequestEntityTooLarge
	}
	if announced < 0 {
		announced = min(unannounced, limit)
	}
	if !h.take(ctx, announced) {
		return h, http.StatusServiceUnavailable
	}
	h.Buffer = buffers.Get().(*bytes.Buffer)
	h.Reset()
	if code := h.fill(ctx, c, limit); code != 0 {
		h.release()
		return h, code
	}
	return h, 0
}

// fill reads the body into the room that h has, and takes more when it was not announced.
func (h *heldBody) fill(ctx context.Context, c *gin.Context, limit int64) int {
	body := http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	if c.Request.ContentLength >= 0 {
		h.Grow(int(h.n) + bytes.MinRead) // else a long one is copied each time its buffer doubles
		return codeOf(h.ReadFrom(body))
	}
	first := &io.LimitedReader{R: body, N: h.n}
	if code := codeOf(h.ReadFrom(first)); code != 0 || first.N > 0 {
		return code
	}
	if !h.take(ctx, limit-h.n) {
		return http.StatusServiceUnavailable
	}
	return codeOf(h.ReadFrom(body))
}

// codeOf returns the answer to a body that could not be read, 0 for one that could.
func codeOf(_ int64, err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// take takes n more bytes of room, and tells whether it got them in time.
func (h *heldBody) take(ctx context.Context, n int64) bool {
	if h.room.Take(ctx, h.key, n) != nil {
		return false
	}
	h.n += n
	return true
}

// release gives back the room and the buffer; a huge one is left to the collector.
func (h *heldBody) release() {
	if h.Cap() <= 64<<10 {
		buffers.Put(h.Buffer)
	}
	h.room.Give(h.key, h.n)
}
