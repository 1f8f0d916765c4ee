//go:build faults

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/client"
	"patapay/tenants/tenantstest"
)

// What is pushed beside a plain sender. Figures are ratios of rounds in turn.
const (
	speedRounds   = 5    // PUSH_ROUNDS makes it other
	speedPayments = 1000 // of three events each
	plainAtOnce   = 8    // as many as one endpoint gets at once
	speedOfPlain  = 0.4  // deliveries a second to one receiver, at least
	costOfPlain   = 3.0  // processor time for each delivery, at most
)

// receiveFast writes the instant and the body of each delivery, a line each.
func receiveFast(at, path string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return http.ListenAndServe(at, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		line := strconv.AppendInt(nil, time.Now().UnixNano(), 10)
		if _, err := file.Write(append(append(append(line, ' '), body...), '\n')); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

// sendPlainly posts the bodies of a receiver's file to an address, without a signature, a row or a second try.
func sendPlainly(to, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	bodies := make(chan []byte)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: plainAtOnce}}
	failed := make([]error, plainAtOnce)
	var group sync.WaitGroup
	for i := range plainAtOnce {
		group.Go(func() {
			for body := range bodies {
				res, err := client.Post(to, "application/json", bytes.NewReader(body))
				if err != nil {
					failed[i] = err
					continue
				}
				_, err = io.Copy(io.Discard, res.Body)
				failed[i] = errors.Join(failed[i], err, res.Body.Close())
			}
		})
	}
	for line := range bytes.Lines(raw) {
		if _, body, is := bytes.Cut(bytes.TrimSuffix(line, []byte{'\n'}), []byte{' '}); is {
			bodies <- body
		}
	}
	close(bodies)
	group.Wait()
	return errors.Join(failed...)
}

// lines is how many deliveries a receiver's file has.
func (p *pushed) lines() int {
	raw, err := os.ReadFile(p.path)
	if err != nil {
		return 0
	}
	return bytes.Count(raw, []byte{'\n'})
}

// processorOf is the processor time of a process and its children, ended ones too.
func processorOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0 // it ended meanwhile: its parent has its time
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	var ticks int64
	for _, field := range strings.Fields(rest)[11:15] {
		n, err := strconv.ParseInt(field, 10, 64)
		require.NoError(t, err)
		ticks += n
	}
	sum := time.Duration(ticks) * time.Second / 100
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, child := range strings.Fields(string(children)) {
		n, err := strconv.Atoi(child)
		require.NoError(t, err)
		sum += processorOf(t, n)
	}
	return sum
}

// postgres is the pid of the stack's database.
func (f *field) postgres(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(f.stack.Dir, "*", "postmaster.pid"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	raw, err := os.ReadFile(files[0])
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

// One fast receiver gets everything again, by us and by a plain sender of the same bodies, in turn.
func TestFaultPushCostsLittleMoreThanAPlainSender(t *testing.T) {
	p := newPushed(t, 5)
	began := time.Now().UTC().Add(-time.Minute)
	door, worker := p.start("serve"), p.start("work")
	p.other(receiverFast + "=" + p.at)
	l := newLives(p.field, door)
	l.tell(0, 3*speedPayments)
	l.applied(3*speedPayments, time.Minute)
	entries := len(p.feed())
	tenantstest.Eventually(t, time.Minute, "the feed is received", func() bool { return p.lines() >= entries })
	database := p.postgres(t)
	used := func() [2]time.Duration {
		return [2]time.Duration{processorOf(t, worker.cmd.Process.Pid), processorOf(t, database)}
	}
	var speed, cost []float64
	for round := range fromEnvironment("PUSH_ROUNDS", speedRounds) {
		require.NoError(t, os.Truncate(p.path, 0))
		before := used()
		res, err := p.api(door).ReplayPlatformEndpointWithResponse(
			t.Context(), p.endpoint, nil, client.ReplayPlatformEndpointJSONRequestBody{Since: &began},
		)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode(), string(res.Body))
		tenantstest.Eventually(t, time.Minute, "the feed is received again", func() bool { return p.lines() >= entries })
		after := used()
		each := func(d time.Duration) float64 { return d.Seconds() / float64(entries) }
		sender, rows := each(after[0]-before[0]), each(after[1]-before[1])
		ours := paceOf(p.instants())

		plain := p.other(plainTo + "=http://" + p.at + "/hook")
		<-plain.done
		state := plain.cmd.ProcessState
		require.True(t, state.Success(), plain.out.String())
		theirs := paceOf(p.instants()[entries:])

		plainEach := each(state.UserTime() + state.SystemTime())
		speed, cost = append(speed, ours/theirs), append(cost, (sender+rows)/plainEach)
		fmt.Printf(
			"push, round %d: %.0f/s, plain %.0f/s, ratio %.2f; "+
				"processor for each %.0f µs and %.0f of Postgres, plain %.0f, ratio %.2f\n",
			round+1, ours, theirs, ours/theirs, sender*1e6, rows*1e6, plainEach*1e6, cost[round],
		)
	}
	fmt.Printf("push: %.2f × as fast as a plain sender (bar %.1f), %.2f × its processor time (bar %.0f), medians of %d\n",
		middle(speed), speedOfPlain, middle(cost), costOfPlain, speedRounds)
	require.GreaterOrEqual(t, middle(speed), speedOfPlain)
	require.LessOrEqual(t, middle(cost), costOfPlain)
}

// paceOf is how many came a second, from the first to the last.
func paceOf(instants []int64) float64 {
	return float64(len(instants)) / time.Duration(slices.Max(instants)-slices.Min(instants)).Seconds()
}

// instants are when each line was received, in nanoseconds.
func (p *pushed) instants() (list []int64) {
	p.t.Helper()
	raw, err := os.ReadFile(p.path)
	require.NoError(p.t, err)
	for line := range bytes.Lines(raw) {
		text, _, _ := bytes.Cut(line, []byte{' '})
		at, err := strconv.ParseInt(string(text), 10, 64)
		require.NoError(p.t, err)
		list = append(list, at)
	}
	return list
}

func middle(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
