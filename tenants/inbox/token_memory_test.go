package inbox

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// remembering is a resolver with a clock of the test's, whose statements are counted, and n tokens of as many clinics.
type remembering struct {
	*TokenResolver
	wire   *tenantstest.Wire
	owner  *pgx.Conn
	at     atomic.Int64 // since the beginning
	tokens []string
}

func newRemembering(t *testing.T, n int) *remembering {
	t.Helper()
	base := tenantstest.New(t)
	wire, url := base.Tap(t, tenantstest.Ingest)
	db, err := tenants.Open(url, tenants.Options{Name: "ingest"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	m := &remembering{wire: wire}
	m.owner, err = pgx.Connect(t.Context(), base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = m.owner.Close(t.Context()) })
	master, err := vault.NewMaster()
	require.NoError(t, err)
	v, err := vault.New(master)
	require.NoError(t, err)
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	m.TokenResolver = NewTokenResolver(
		db,
		v,
		vault.Peppers{make([]byte, 32)},
		func() time.Time { return start.Add(time.Duration(m.at.Load())) },
	)
	t.Cleanup(m.memory.group.Wait)
	for i := range n {
		token := string(rune('A' + i))
		digest := m.peppers.Digest(token).Sum
		_, err = m.owner.Exec(
			t.Context(),
			`WITH c AS (INSERT INTO clinics (public_id, name, state_since, created_at, updated_at)
			VALUES (gen_random_uuid(), 'C', now(), now(), now()) RETURNING clinic_id)
			INSERT INTO webhook_tokens (clinic_id, environment, digest, hint, created_at)
			SELECT clinic_id, 2, $1, '', now() FROM c`,
			digest[:],
		)
		require.NoError(t, err)
		m.tokens = append(m.tokens, token)
	}
	return m
}

// use asks for every token at an instant since the beginning, and returns how many statements that took, those of a
// renewal among them, and how many tokens were nobody's.
func (m *remembering) use(t *testing.T, at time.Duration) (statements, wrong int) {
	t.Helper()
	m.at.Store(int64(at))
	m.wire.Reset()
	for _, token := range m.tokens {
		_, err := m.ByToken(t.Context(), token, true)
		if domain.CodeOf(err) == domain.NotFound {
			wrong++
			continue
		}
		require.NoError(t, err)
	}
	m.memory.group.Wait()
	counts, _ := m.wire.Reset()
	return counts.Statements(), wrong
}

// All tokens of an importing fleet lapsed together, each five seconds, and deliveries waited for as many lookups.
func TestTokensInUseAreAskedForTogetherBeforeTheyLapse(t *testing.T) {
	t.Parallel()
	m := newRemembering(t, 100)
	first, _ := m.use(t, 0)
	require.Equal(t, 100, first, "each by itself")
	const beforeTheyLapse = 4600 * time.Millisecond
	for round := range time.Duration(5) {
		statements, wrong := m.use(t, round*beforeTheyLapse+time.Second)
		require.Zero(t, statements+wrong)
		statements, wrong = m.use(t, (round+1)*beforeTheyLapse)
		require.Zero(t, wrong)
		require.Equal(t, 2, statements, "64 and 36, and no delivery waited")
	}
}

func TestARevokedTokenCountsForFiveSecondsAtMost(t *testing.T) {
	t.Parallel()
	m := newRemembering(t, 3)
	revoke := func(i int) {
		digest := m.peppers.Digest(m.tokens[i]).Sum
		_, err := m.owner.Exec(t.Context(), `DELETE FROM webhook_tokens WHERE digest = $1`, digest[:])
		require.NoError(t, err)
	}
	m.use(t, 0)
	revoke(0)
	_, wrong := m.use(t, 2*time.Second)
	require.Zero(t, wrong, "it is remembered")
	_, wrong = m.use(t, 4600*time.Millisecond)
	require.Zero(t, wrong)
	_, wrong = m.use(t, 4700*time.Millisecond)
	require.Equal(t, 1, wrong, "the renewal found it gone")

	m.use(t, time.Minute)
	revoke(1)
	m.use(t, time.Minute+time.Second)
	_, err := m.owner.Exec(t.Context(), `ALTER FUNCTION token_owners RENAME TO away`)
	require.NoError(t, err)
	m.use(t, time.Minute+4600*time.Millisecond)
	_, wrong = m.use(t, time.Minute+tokenMemory)
	require.Equal(t, 2, wrong, "a renewal that fails prolongs nothing")
}

func TestATokenThatNobodyUsesIsForgotten(t *testing.T) {
	t.Parallel()
	m := newRemembering(t, 3)
	m.use(t, 0)
	m.tokens = m.tokens[:1]
	m.use(t, time.Second)
	m.use(t, 4600*time.Millisecond)
	n := 0
	m.memory.known.Range(func(any, any) bool { n++; return true })
	require.Equal(t, 1, n)
}

func TestARememberedTokenIsToldOfWithoutAnAllocation(t *testing.T) {
	m := newRemembering(t, 1)
	long := "whsec_" + strings.Repeat("a", 250)
	for _, token := range []string{"A", "", "Ação", long, "A"} { // in turns, from one pool
		require.Equal(t, m.peppers.Digest(token).Sum, m.digest(token))
	}
	m.use(t, 0)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := m.ByToken(t.Context(), m.tokens[0], true); err != nil {
			t.Fatal(err)
		}
	}))
}
