package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The memory of Go that a process may have, in bytes; some 38 MiB of the program itself are mapped beside it
// (docs/decisions/0025-a-small-fast-process.md).
const (
	memoryLeast = 38 << 20
	memoryMost  = 80 << 20
)

// memoryEvery is how often the limit follows what is held.
const memoryEvery = time.Second

// keepMemory lets the collector rest until ctx ends: the live heap is a few MiB, so Go's default collects all the
// time and takes a third of the acks with it. The limit keeps the process small, and follows what it holds: a
// thousand open streams under a limit that was made for none kept the collector busy without a pause, and every
// answer waited for it.
func keepMemory(ctx context.Context) {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(memoryLeast)
	go func() {
		for tick := time.NewTicker(memoryEvery); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				debug.SetMemoryLimit(memoryLimit(memoryHeld()))
			}
		}
	}()
}

// memoryLimit returns the limit for a process whose live objects and whose stacks and books of the runtime have so
// many bytes: room for one and a half times the objects between two collections.
func memoryLimit(live, other uint64) int64 {
	return int64(min(max(other+live*5/2, memoryLeast), memoryMost))
}

// memoryHeld returns the bytes of the objects that the last collection found alive, and of what is no heap.
func memoryHeld() (live, other uint64) {
	held := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(held)
	other = held[1].Value.Uint64()
	for _, heap := range held[2:] {
		other -= min(other, heap.Value.Uint64())
	}
	return held[0].Value.Uint64(), other
}
