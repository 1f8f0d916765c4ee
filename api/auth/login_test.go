package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
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
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false, strings.Repeat("x", 5000): false} {
		if ok, err := CheckPassword(t.Context(), password, hash); err != nil || ok != want {
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
		if ok, err := CheckPassword(t.Context(), password, ""); ok || err != nil {
			t.Errorf("%q: %t, %v", password, ok, err)
		}
	}
}

func TestTwoHashesRunAtOnceAndAThirdWaits(t *testing.T) {
	hashSlots <- struct{}{}
	hashSlots <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := CheckPassword(ctx, "x", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third hash: %v, want to wait", err)
	}
	<-hashSlots
	if _, err := CheckPassword(t.Context(), "x", ""); err != nil {
		t.Errorf("with a slot free: %v", err)
	}
	<-hashSlots
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
	if user, err := l.Check(t.Context(), " Ana@Clinica.com.br ", "correct horse", "a"); err != nil || user.ID != "usr_1" {
		t.Errorf("the right password: %+v, %v", user, err)
	}
	_, wrong := l.Check(t.Context(), "ana@clinica.com.br", "battery staple", "a")
	_, unknown := l.Check(t.Context(), "bia@clinica.com.br", "correct horse", "a")
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
		if _, err := l.Check(t.Context(), "ana@x.br", "wrong wrong", "a"); codeOf(err) != "wrong_credentials" {
			t.Fatal(err)
		}
	}
	_, err = l.Check(t.Context(), "ana@x.br", "correct horse", "b")
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != "rate_limited" || p.RetryAfter <= 59*time.Minute || p.Detail != "Muitas tentativas. Tente de novo em 3600 s." {
		t.Errorf("the account: %+v", p)
	}
	for i := range 2 {
		_, _ = l.Check(t.Context(), fmt.Sprintf("%d@x.br", i), "wrong wrong", "a")
	}
	if _, err := l.Check(t.Context(), "new@x.br", "wrong wrong", "a"); codeOf(err) != "rate_limited" {
		t.Errorf("the address: %v", err)
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
