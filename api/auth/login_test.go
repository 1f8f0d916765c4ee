package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants/devstack"
)

func codeOf(err error) string {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Code
	}
	return string(domain.CodeOf(err))
}

func TestAPasswordIsKeptAsArgon2idAndOnlyItsOwnFits(t *testing.T) {
	hash, err := HashPassword(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", hash, err)
	}
	for password, want := range map[string]bool{
		"correct horse": true, "Correct horse": false, "": false, strings.Repeat("x", 5000): false,
	} {
		if ok, err := CheckPassword(t.Context(), password, hash, true); err != nil || ok != want {
			t.Errorf("%.20q: %t, %v", password, ok, err)
		}
	}
	for _, password := range []string{"short", strings.Repeat("x", 1025)} {
		if _, err := HashPassword(t.Context(), password); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%d bytes: %v", len(password), err)
		}
	}
}

func TestNoPasswordFitsAnUnknownUser(t *testing.T) {
	for _, password := range []string{"nobody's password", "", "x"} {
		_ = nobody() // made once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ok, err := CheckPassword(t.Context(), password, "", true)
		runtime.ReadMemStats(&after)
		if bytes := after.TotalAlloc - before.TotalAlloc; bytes < uint64(hashing.Memory)<<10 {
			t.Errorf("%q: %d bytes, less than a hash takes: it is told from a person's", password, bytes)
		}
		if ok || err != nil {
			t.Errorf("%q: %t, %v", password, ok, err)
		}
	}
}

func TestTwoHashesRunAtOnceAndAThirdWaits(t *testing.T) {
	q := &hashQueue{}
	for range hashesAtOnce {
		if err := q.take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.take(ctx, true); !errors.Is(err, context.Canceled) {
		t.Errorf("a third hash: %v, want to wait", err)
	}
	q.give()
	if err := q.take(t.Context(), false); err != nil {
		t.Errorf("with a slot free: %v", err)
	}
}

func TestWhoIsKnownWaitsForTwoOthersHoweverManyStrangersCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &hashQueue{}
		var began []string
		var mu sync.Mutex
		try := func(name string, known bool) {
			if err := q.take(t.Context(), known); err != nil {
				name = err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			began = append(began, name)
		}
		for range 100 {
			go try("stranger", false)
		}
		synctest.Wait()
		go try("ana", true)
		synctest.Wait()
		refused := 100 - hashesAtOnce - strangersWait
		if len(began) != hashesAtOnce+refused || began[len(began)-1] != errBusy.Error() {
			t.Fatalf("%d began or were refused, the last: %s", len(began), began[len(began)-1])
		}
		q.give()
		synctest.Wait()
		if last := began[len(began)-1]; last != "ana" {
			t.Errorf("the first turn that was free went to %s", last)
		}
		for range strangersWait + hashesAtOnce {
			q.give()
			synctest.Wait()
		}
		if q.running != 0 || len(began) != 101 {
			t.Errorf("%d run, %d of 101 were answered", q.running, len(began))
		}
	})
}

func TestAWrongPasswordAndAnUnknownUserFailAlike(t *testing.T) {
	hash, err := HashPassword(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	l := &Logins{
		Users:      &store{users: map[string]User{"ana@clinica.com.br": {ID: "usr_1", PasswordHash: hash}}},
		PerAccount: NewLimiter(nil, 100, time.Second), PerAddress: NewLimiter(nil, 100, time.Second),
	}
	try := func(email, password, address string) (User, error) {
		return l.Check(t.Context(), Attempt{Email: email, Password: password, Address: address})
	}
	if user, err := try(" Ana@Clinica.com.br ", "correct horse", "a"); err != nil || user.ID != "usr_1" {
		t.Errorf("the right password: %+v, %v", user, err)
	}
	_, wrong := try("ana@clinica.com.br", "battery staple", "a")
	_, unknown := try("bia@clinica.com.br", "correct horse", "a")
	if codeOf(wrong) != "wrong_credentials" || wrong.Error() != unknown.Error() {
		t.Errorf("%v and %v", wrong, unknown)
	}
}

func TestTooManyAttemptsWaitEvenWithTheRightPassword(t *testing.T) {
	hash, err := HashPassword(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	l := &Logins{
		Users:      &store{users: map[string]User{"ana@x.br": {PasswordHash: hash}}},
		PerAccount: NewLimiter(nil, 2, time.Hour), PerAddress: NewLimiter(nil, 4, time.Hour),
	}
	for range 2 {
		if _, err := l.Check(
			t.Context(),
			Attempt{Email: "ana@x.br", Password: "wrong wrong", Address: "a"},
		); codeOf(
			err,
		) != "wrong_credentials" {
			t.Fatal(err)
		}
	}
	_, err = l.Check(t.Context(), Attempt{Email: "ana@x.br", Password: "correct horse", Address: "b"})
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != "rate_limited" || p.RetryAfter <= 59*time.Minute ||
		p.Detail != "Muitas tentativas. Tente de novo em 3600 s." {
		t.Errorf("the account: %+v", p)
	}
	for i := range 2 {
		_, _ = l.Check(t.Context(), Attempt{Email: fmt.Sprintf("%d@x.br", i), Password: "wrong wrong", Address: "a"})
	}
	if _, err := l.Check(
		t.Context(),
		Attempt{Email: "new@x.br", Password: "wrong wrong", Address: "a"},
	); codeOf(
		err,
	) != "rate_limited" {
		t.Errorf("the address: %v", err)
	}
}

// doors is a store that knows one browser and one link.
type doors struct{ store }

func (doors) KnowsBrowser(_ context.Context, _, browser string) (bool, error) {
	return browser == "ours", nil
}

func (doors) StandsLink(_ context.Context, _, link string) (bool, error) {
	return link == "mailed", nil
}

func (doors) TakesCode(_ context.Context, _, code string) (bool, error) { return code == "123456", nil }

// TestACodeOfTheSecondFactorLetsAnUnknownBrowserTry: when strangers used up an account's share, its owner's password is
// compared in a browser that nobody knows if a right code comes with it, and no guess without one is.
func TestACodeOfTheSecondFactorLetsAnUnknownBrowserTry(t *testing.T) {
	compared := 0
	l := &Logins{
		Users:      &doors{store{users: map[string]User{"ana@x.br": {ID: "usr_1", PasswordHash: "correct horse"}}}},
		PerAddress: NewLimiter(nil, 100_000, time.Second),
		PerBrowser: NewLimiter(nil, 25, time.Hour),
		PerAccount: NewLimiter(nil, 30, 2*time.Minute),
		PerFactor:  NewLimiter(nil, 40, time.Hour),
		Compare: func(_ context.Context, password, hash string, _ bool) (bool, error) {
			compared++
			return password == hash, nil
		},
	}
	try := func(password, code string) (User, error) {
		return l.Check(t.Context(), Attempt{Email: "ana@x.br", Password: password, Address: "a", Code: code})
	}
	for range 10_030 {
		_, _ = try("wrong wrong", "")
	}
	if compared != 30 {
		t.Fatalf("%d guesses reached the hash", compared)
	}
	for range 20 {
		if u, err := try("correct horse", "123456"); err != nil || !u.FactorShown || !u.Known {
			t.Fatalf("%+v %v", u, err)
		}
	}
	for range 1000 { // the last 20 of the codes' own share, and what is beyond it
		if _, err := try("correct horse", "654321"); codeOf(err) != "rate_limited" {
			t.Fatal(err)
		}
	}
	if _, err := try("correct horse", "123456"); codeOf(err) != "rate_limited" || compared != 50 {
		t.Errorf("%v, %d reached the hash", err, compared)
	}
}

func TestStrangersUseUpTheirOwnShareAndNobodyElses(t *testing.T) {
	compared, told := 0, 0
	l := &Logins{
		Users:      &doors{store{users: map[string]User{"ana@x.br": {ID: "usr_1", PasswordHash: "correct horse"}}}},
		PerAddress: NewLimiter(nil, 100_000, time.Second),
		PerBrowser: NewLimiter(nil, 25, time.Hour), PerAccount: NewLimiter(nil, 30, 2*time.Minute),
		Spent: func(context.Context, string) { told++ },
		Compare: func(_ context.Context, password, hash string, known bool) (bool, error) {
			compared++
			if known != (compared > 30) {
				t.Errorf("try %d was compared in the line of those who are known: %t", compared, known)
			}
			return password == hash, nil
		},
	}
	for i := range 10_030 {
		a := Attempt{
			Email:    "ana@x.br",
			Password: "wrong wrong",
			Address:  fmt.Sprint(i % 5000),
			Browser:  "forged",
			Link:     "forged",
		}
		if _, err := l.Check(t.Context(), a); err == nil {
			t.Fatal("let in")
		}
	}
	if compared != 30 || told != 10_000 {
		t.Errorf("%d passwords were compared, want 30; told %d times", compared, told)
	}
	for _, own := range []Attempt{{Browser: "ours"}, {Session: "1.ses_1"}} {
		for range 20 {
			own.Email, own.Password, own.Address = "ana@x.br", "correct horse", "new"
			if _, err := l.Check(t.Context(), own); err != nil {
				t.Fatalf("%+v: %v", own, err)
			}
		}
		for range 100 { // whoever stole the cookie, or found the page open, guesses no more than strangers do
			own.Password = "wrong wrong"
			_, _ = l.Check(t.Context(), own)
		}
	}
	if compared != 30+2*25 {
		t.Errorf("%d passwords were compared, want 25 for each of the owner's shares besides", compared)
	}
	right := Attempt{Email: "ana@x.br", Password: "correct horse", Address: "never seen"}
	_, err := l.Check(t.Context(), right)
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != "rate_limited" || len(p.Fields) != 1 || p.Fields[0].Pointer != "/link" {
		t.Errorf("an unknown browser: %+v", p)
	}
	right.Link = "mailed"
	if _, err := l.Check(t.Context(), right); err != nil {
		t.Errorf("with the link that was mailed: %v", err)
	}
}

func TestOfTenThousandTriesOnlyTheLimitPasses(t *testing.T) {
	stack, err := devstack.Start(t.Context(), devstack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	opt, err := redis.ParseURL(stack.RedisURL(1))
	if err != nil {
		t.Fatal(err)
	}
	opt.ContextTimeoutEnabled, opt.MaxRetries = true, -1
	opt.ReadTimeout = time.Hour // a mute Redis is left alone by the limiter itself, or this test never ends
	rdb := redis.NewClient(opt)
	defer rdb.Close()
	for name, limiter := range map[string]Limiter{
		"in Redis": NewLimiter(rdb, 10, time.Hour), "in this process": NewLimiter(nil, 10, time.Hour),
	} {
		if passed := hammer(t, limiter, 10_000); passed != 10 {
			t.Errorf("%s: %d of 10,000 tries passed, want 10", name, passed)
		}
	}
	if keys := rdb.Keys(t.Context(), "*").Val(); len(keys) != 1 || strings.Contains(keys[0], "ana") {
		t.Errorf("keys in Redis: %v, want one without the e-mail", keys)
	}
	limiter := NewLimiter(rdb, 10, time.Hour)
	stack.FreezeRedis()
	if _, ok := limiter.Allow(t.Context(), "ana@x.br"); !ok {
		t.Error("a mute Redis lets nobody in")
	}
	stack.ThawRedis()
	stack.StopRedis()
	if passed := hammer(t, limiter, 100); passed != 9 {
		t.Errorf("without Redis %d of 100 passed, want the 9 that are left", passed)
	}
}

// hammer makes tries attempts, sixteen at once, and returns how many passed.
func hammer(t *testing.T, limiter Limiter, tries int) int64 {
	var passed atomic.Int64
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for range tries / 16 {
				if _, ok := limiter.Allow(t.Context(), "ana@x.br"); ok {
					passed.Add(1)
				}
			}
		})
	}
	wait.Wait()
	return passed.Load()
}

func TestInventedKeysDoNotResetTheCounts(t *testing.T) {
	limiter := NewLimiter(nil, 1, time.Hour).(*localLimiter)
	limiter.Allow(t.Context(), "ana@x.br")
	for i := range maxLocalKeys + 100 {
		limiter.Allow(t.Context(), fmt.Sprint(i))
	}
	if _, ok := limiter.Allow(t.Context(), "ana@x.br"); ok || len(limiter.keys) > maxLocalKeys {
		t.Errorf("a second attempt: %t, %d keys", ok, len(limiter.keys))
	}
}
