package app

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
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

// When a process is calm and when it is busy, in shares of one core, and for how many looks in a row it has to be calm.
const (
	loadEvery = 250 * time.Millisecond
	busyFrom  = 0.25
	calmBelow = 0.2
	calmLooks = 8
)

// keepProcessors lets Go's scheduler have one processor while the process is calm, and all that the machine or its
// container gives while it is busy, until ctx ends. With several, each goroutine that becomes ready has a thread
// look for more: at some hundred events a second that was a tenth of what an event costs
// (docs/decisions/0059-one-processor-while-calm.md). Whoever sets GOMAXPROCS decides by that.
func keepProcessors(ctx context.Context) {
	if os.Getenv("GOMAXPROCS") != "" || runtime.GOMAXPROCS(0) == 1 {
		return
	}
	go func() {
		var l load
		isOne, before := false, processorTime()
		for tick := time.NewTicker(loadEvery); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			used := processorTime()
			one := l.after(float64(used-before) / float64(loadEvery))
			if before = used; one == isOne {
				continue
			}
			if isOne = one; one {
				runtime.GOMAXPROCS(1)
			} else {
				runtime.SetDefaultGOMAXPROCS()
			}
		}
	}()
}

// load is what the last looks at a process found.
type load struct {
	calm int // looks in a row
	one  bool
}

// after notes which share of a core was used since the last look, and returns whether one processor is enough. A busy
// process has all of them at once, a calm one gives them up when it has been calm for a while.
func (l *load) after(share float64) (one bool) {
	switch {
	case share > busyFrom:
		*l = load{}
	case share < calmBelow:
		l.calm++
		l.one = l.one || l.calm >= calmLooks
	default:
		l.calm = 0
	}
	return l.one
}

// processorTime returns what the process has used so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
