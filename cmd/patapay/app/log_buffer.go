package app

import (
	"bufio"
	"io"
	"sync"
	"time"
)

// logBuffer writes log lines in larger pieces: one write a request would cost the receiver
// a system call each. What is in it is written at least each 100 ms, and at Close.
type logBuffer struct {
	mu   sync.Mutex
	w    *bufio.Writer
	stop chan struct{}
	once sync.Once
}

func newLogBuffer(w io.Writer) *logBuffer {
	b := &logBuffer{w: bufio.NewWriterSize(w, 64<<10), stop: make(chan struct{})}
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				b.flush()
			case <-b.stop:
				return
			}
		}
	}()
	return b
}

// Write takes one line.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.w.Write(line)
}

func (b *logBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.w.Flush() // a log that cannot be written has nowhere to complain
}

// Close writes what is left. Lines written after it stay in the buffer.
func (b *logBuffer) Close() {
	b.once.Do(func() { close(b.stop) })
	b.flush()
}
