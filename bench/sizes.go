package main

import (
	"fmt"
	"strconv"
	"time"
)

// manyClinics is how many clinics the large database has.
const manyClinics = 10_000

// sizes measures our build with the usual clinics and with ten thousand: acks a second, processor time for each event
// at 500 a second, and what serve and work hold in memory. First most clinics deliver, two deliveries to a clinic on
// average, so that their keys and tokens are held as in a process that has run for a while: what a clinic's first
// delivery costs is no figure of this.
func (b *bench) sizes() error {
	for _, clinics := range []int{usualClinics, manyClinics} {
		c := b.oursBuild()
		name := strconv.Itoa(clinics) + " clinics "
		if clinics == manyClinics {
			c.tokens = b.manyTokens
		}
		c.side = ""
		start := func() (*receiver, error) { return b.startBuild(c) }
		err := b.inTurn(func(r *receiver, _ string) error { return b.sized(r, name) }, []func() (*receiver, error){start})
		if err != nil {
			return fmt.Errorf("%s%w", name, err)
		}
	}
	return nil
}

func (b *bench) sized(r *receiver, name string) error {
	if err := b.prime(r, 2*manyClinics); err != nil {
		return err
	}
	l, err := b.post(r, max(b.count, manyClinics), "-c", "32")
	if err != nil {
		return err
	}
	b.took.add(name+"ack/s", l.PerSec)
	w, err := b.work(r)
	if err != nil {
		return err
	}
	defer w.stop()
	if _, err := r.applied(); err != nil {
		return err
	}
	if err := r.analyze(); err != nil {
		return err
	}
	pids := append(services(), r.cmd.Process.Pid, w.cmd.Process.Pid)
	before, began, events := cpu(pids...), time.Now(), b.paces(500)
	if _, err := b.post(r, events, "-c", "32", "-rate", "500", "-seed", "5", "-first", "200000000"); err != nil {
		return err
	}
	if _, err := r.applied(); err != nil {
		return err
	}
	b.took.add(name+"at 500/s cpu µs", (cpu(pids...)-before)*1e6/float64(events))
	b.took.add(name+"rss serve", r.rss())
	b.took.add(name+"rss work", w.rss())
	return b.waited(r, began, name+"at 500/s")
}
