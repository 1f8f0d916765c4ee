package webhook

import (
	"bytes"
	"errors"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
)

// buffers are reused: bodies are most of what a delivery allocates.
var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 4096)) }}

// readBody returns the whole body, or the code to answer: 413 beyond limit, 400 when the
// body ended before its announced length (the whole will come again). No content coding is
// undone. The buffer goes back with free.
func readBody(c *gin.Context, limit int64) (*bytes.Buffer, int) {
	if c.Request.ContentLength > limit {
		return nil, http.StatusRequestEntityTooLarge
	}
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	_, err := b.ReadFrom(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if err == nil {
		return b, 0
	}
	free(b)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge
	}
	return nil, http.StatusBadRequest
}

// free gives a buffer back; a huge one is left to the collector.
func free(b *bytes.Buffer) {
	if b.Cap() <= 64<<10 {
		buffers.Put(b)
	}
}
