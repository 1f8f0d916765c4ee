//go:build faults

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
)

// olderCommit is a build of before migrations 0210 to 0243; at a release it becomes the last release's commit.
const olderCommit = "40a3fbaa092d5fee4439c362288d18194d0e05e6"

// olderBinary builds the program as it was at olderCommit.
func olderBinary(t *testing.T) string {
	t.Helper()
	source := t.TempDir()
	steps := exec.Command("sh", "-c", `git -C ../.. archive "$1" | tar -x -C "$2"`, "sh", olderCommit, source)
	out, err := steps.CombinedOutput()
	require.NoError(t, err, "the history is needed: %s", out)
	path := filepath.Join(source, "patapay-older")
	build := exec.Command("go", "build", "-o", path, "./cmd/patapay")
	build.Dir, build.Env = source, append(os.Environ(), "GOWORK=off")
	out, err = build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// readers ask a program again and again for what a clinic and the platform read first, and count the
// answers; each but 200 is a failure.
type readers struct {
	base, token string
	asked       atomic.Int64
}

func (r *readers) ask(t *testing.T, path string, into any) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+path, nil)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := impatient.Do(req)
	if err != nil {
		t.Errorf("%s%s: %v", r.base, path, err)
		return
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusTooManyRequests { // a token's rate, which this asks for on purpose
		time.Sleep(50 * time.Millisecond)
		return
	}
	r.asked.Add(1)
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s%s: %d", r.base, path, res.StatusCode)
	}
	_ = json.NewDecoder(res.Body).Decode(into)
}

// firstTenant returns the public id of a clinic that the program knows.
func firstTenant(t *testing.T, r *readers) string {
	t.Helper()
	var page struct{ Data []struct{ ID string } }
	r.ask(t, "/v1/tenants", &page)
	require.NotEmpty(t, page.Data)
	return page.Data[0].ID
}

// The older program and this one share a database that this one migrated, while each table gets a column of a release
// to come: neither answers a delivery or a read with 5xx, and both apply, with Postgres directly and through PgBouncer.
func TestFaultTheProgramOfBeforeAndThisOneShareAMigratedDatabaseUnderLoad(t *testing.T) {
	older := olderBinary(t)
	for name, pooled := range map[string]bool{"direct": false, "through a pooler": true} {
		t.Run(name, func(t *testing.T) {
			besideTheOlder(t, newFieldOn(t, devstack.Options{Pooler: pooled}, "on", 10), older)
		})
	}
}

func besideTheOlder(t *testing.T, f *field, older string) {
	before := *f
	before.older = older
	doors := []*program{before.start("serve"), f.start("serve")}
	workers := []*program{before.start("work"), f.start("work")}
	l := newLives(f, doors...)
	token, err := f.command(nil, "token", "--ttl", "2h").Output()
	require.NoError(t, err)
	var all []*readers
	for _, door := range doors {
		base := strings.TrimSuffix(door.url, "/financial/gateway-payments/webhook/asaas")
		all = append(all, &readers{base: base, token: strings.TrimSpace(string(token))})
	}
	paths := []string{"/v1/tenants", "/v1/feed?limit=50"}
	for _, part := range []string{
		"", "/invoices", "/events", "/alarms", "/connection", "/glance", "/audit", "/deadlines",
	} {
		paths = append(paths, "/v1/tenants/"+firstTenant(t, all[0])+part)
	}
	end := l.telling()
	ends := make(chan struct{})
	var reading sync.WaitGroup
	for _, r := range all {
		reading.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-ends:
					return
				default:
					r.ask(t, paths[i%len(paths)], &struct{}{})
				}
			}
		})
	}
	everyPathWas := func(times int64) func() bool {
		return func() bool { return min(all[0].asked.Load(), all[1].asked.Load()) >= times*int64(len(paths)) }
	}
	tenantstest.Eventually(t, time.Minute, "each statement is planned", everyPathWas(3))
	addColumns(t, f)
	asked := max(all[0].asked.Load(), all[1].asked.Load())
	tenantstest.Eventually(t, time.Minute, "each is asked again", everyPathWas(asked/int64(len(paths))+3))
	close(ends)
	reading.Wait()
	sent := end()
	l.only()
	require.Zero(t, l.broken.Load(), "deliveries without an answer")
	workers[1].kill() // what is left is the older one's: it applies too
	from := sent
	l.tell(from, from+30)
	l.applied(from+30, time.Minute)
	fmt.Printf("%s beside %s: %d deliveries, %d and %d reads\n",
		t.Name(), olderCommit[:7], sent, all[0].asked.Load(), all[1].asked.Load())
}

// addColumns does what an expanding migration does, to every table.
func addColumns(t *testing.T, f *field) {
	t.Helper()
	require.NoError(t, f.change(t.Context(), `DO $$ DECLARE one regclass; BEGIN
		FOR one IN SELECT oid::regclass FROM pg_class WHERE relnamespace = 'public'::regnamespace
			AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'goose_db_version' LOOP
			EXECUTE format('ALTER TABLE %s ADD COLUMN of_a_later_release text', one); COMMIT;
		END LOOP; END $$`))
}
