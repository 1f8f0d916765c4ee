package asaasapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// living is a list that changes each time one of its pages has been read.
type living struct {
	mu      sync.Mutex
	ids     []int
	changes []func([]int) []int // one after each page
	pages   int
}

func (l *living) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	from, to := min(offset, len(l.ids)), min(offset+pageSize, len(l.ids))
	var data []string
	for _, n := range l.ids[from:to] {
		data = append(data, fmt.Sprintf(`{"id":"pay_%d"}`, n))
	}
	fmt.Fprintf(w, `{"hasMore":%t,"totalCount":%d,"data":[%s]}`, to < len(l.ids), len(l.ids), strings.Join(data, ","))
	if l.pages < len(l.changes) {
		l.ids = l.changes[l.pages](l.ids)
	}
	l.pages++
}

// count returns the numbers from up to, not with, to.
func count(from, to int) (list []int) {
	for n := from; n < to; n++ {
		list = append(list, n)
	}
	return list
}

// Lists come newest first, so what is new stands at the front.
func TestAListThatChangesWhileItIsReadLosesAndDoublesNothing(t *testing.T) {
	come := func(n int) func([]int) []int { return func(ids []int) []int { return append([]int{n}, ids...) } }
	leave := func(n int) func([]int) []int {
		return func(ids []int) []int { return slices.DeleteFunc(slices.Clone(ids), func(x int) bool { return x == n }) }
	}
	for _, c := range []struct {
		name    string
		changes []func([]int) []int
		want    []int // that must be there, each once
		pages   int
	}{
		{"nothing happens", nil, count(0, 250), 3},
		{"one comes in between two pages", []func([]int) []int{come(900)}, append(count(0, 250), 900), 6},
		{
			"one goes: the next page begins one later",
			[]func([]int) []int{leave(5)},
			slices.DeleteFunc(count(0, 250), func(n int) bool { return n == 5 }), 6,
		},
		{
			"one comes and one goes, on different pages",
			[]func([]int) []int{come(900), leave(150)},
			append(slices.DeleteFunc(count(0, 250), func(n int) bool { return n == 150 }), 900), 6,
		},
		{
			"it never rests: three passes, then what was seen",
			[]func([]int) []int{come(901), come(902), come(903), come(904), come(905), come(906), come(907), come(908)},
			count(0, 250), 9,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &living{ids: count(0, 250), changes: c.changes}
			f := newFake(t, l.ServeHTTP)
			got, _, err := newClient(t, f.URL).Payments(t.Context(), credential("$aact_hmlg_x"), PaymentQuery{})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			for _, o := range got {
				var named struct{ ID string }
				if err := json.Unmarshal(o.Body, &named); err != nil {
					t.Fatal(err)
				}
				seen[named.ID]++
			}
			for _, n := range c.want {
				if seen[fmt.Sprintf("pay_%d", n)] != 1 {
					t.Errorf("pay_%d came %d times", n, seen[fmt.Sprintf("pay_%d", n)])
				}
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("%s came %d times", id, n)
				}
			}
			if l.pages != c.pages {
				t.Errorf("%d pages were read, want %d", l.pages, c.pages)
			}
		})
	}
}

func TestAListReadTwiceShowsTheNewerForm(t *testing.T) {
	n := 0
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		n++ // two pages, then, because the count changed, both again
		fmt.Fprintf(
			w,
			`{"hasMore":%t,"totalCount":%d,"data":[{"id":"pay_%s","status":"S%d"},{"value":1}]}`,
			n%2 == 1,
			min(n, 2),
			r.URL.Query().Get("offset"),
			n,
		)
	})
	got, _, err := newClient(t, f.URL).Payments(t.Context(), credential("$aact_hmlg_x"), PaymentQuery{})
	if err != nil || len(got) != 4 || !strings.Contains(string(got[0].Body), "S3") {
		t.Fatalf(
			"%v: %d items, the first %s; want two payments and the two items without id of the last pass",
			err,
			len(got),
			got[0].Body,
		)
	}
}
