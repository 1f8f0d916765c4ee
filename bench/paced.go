package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The paces that apply is measured at, and for how many seconds: at 100 and 300 a second an event is alone in its
// clinic, at 1,000 a slower build does not keep up.
var paceLasts = map[int]int{100: 10, 300: 10, 500: 8, 1000: 6}

// paces returns how many deliveries a pace is measured with; a short run has fewer of them.
func (b *bench) paces(rate int) int { return max(rate, min(rate*paceLasts[rate], b.count/2)) }

// endToEnd measures received → applied at 1,000 a second, what an event costs then, and
// what our idle worker costs.
func (b *bench) endToEnd() error {
	return b.each(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		if r.ours {
			time.Sleep(time.Second)
			before := cpu(w.cmd.Process.Pid)
			time.Sleep(idleLasts)
			b.took.add(prefix+"idle worker %", (cpu(w.cmd.Process.Pid)-before)/idleLasts.Seconds()*100)
		}
		if err := b.paced(r, w, 1000, prefix+"end to end"); err != nil {
			return err
		}
		if r.ours {
			b.took.add(prefix+"rss work", w.rss())
		}
		return nil
	})
}

// idleLasts is how long an idle worker is looked at; the kernel counts in hundredths of a second.
const idleLasts = 6 * time.Second

// lone measures the same at 300 a second, where an event is alone in its clinic.
func (b *bench) lone() error { return b.atPace(300, "lone") }

// sparse measures the same at 100 a second.
func (b *bench) sparse() error { return b.atPace(100, "at 100/s") }

func (b *bench) atPace(rate int, name string) error {
	return b.each(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		return b.paced(r, w, rate, prefix+name)
	})
}

// paced posts events at a rate and notes, from receipt to applied, what they cost and how long they took.
func (b *bench) paced(r *receiver, w *program, rate int, name string) error {
	if _, err := b.settle(r); err != nil {
		return err
	}
	t := readTurns()
	pids := append(services(), r.cmd.Process.Pid, w.cmd.Process.Pid)
	before, start, events := cpu(pids...), time.Now(), b.paces(rate)
	if _, err := b.post(r, events, "-c", "32", "-rate", strconv.Itoa(rate)); err != nil {
		return err
	}
	if _, err := r.applied(); err != nil {
		return err
	}
	b.took.add(name+" cpu µs", (cpu(pids...)-before)*1e6/float64(events))
	b.took.emptyTurns(t, name)
	return b.waited(r, start, name)
}

// turns are clinics' turns in runs of apply, by whether they found events.
type turns struct{ found, nothing float64 }

// readTurns asks our worker how many turns there were; a build that does not count them has none.
func readTurns() (t turns) {
	res, err := http.Get("http://" + workerOps + "/metrics")
	if err != nil {
		return t // naive has no such port
	}
	defer res.Body.Close()
	for scan := bufio.NewScanner(res.Body); scan.Scan(); {
		name, value, _ := strings.Cut(scan.Text(), " ")
		switch v, _ := strconv.ParseFloat(value, 64); name {
		case `patapay_apply_turns_total{found="events"}`:
			t.found = v
		case `patapay_apply_turns_total{found="nothing"}`:
			t.nothing = v
		}
	}
	return t
}

// emptyTurns notes how many of the turns since before found nothing, in percent.
func (f figures) emptyTurns(before turns, name string) {
	now := readTurns()
	found, nothing := now.found-before.found, now.nothing-before.nothing
	if found+nothing > 0 {
		f.add(fmt.Sprintf("%s empty turns %%", name), 100*nothing/(found+nothing))
	}
}
