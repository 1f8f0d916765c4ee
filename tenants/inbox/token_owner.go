package inbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// Owner is the clinic that a webhook token, or an account, speaks for.
type Owner struct {
	Clinic      domain.ClinicID
	Environment domain.Environment
	EndsAt      time.Time // of the token; zero: no end in sight
	State       string    // of the clinic: active, suspended, deleted
	StateSince  time.Time
	Connection  domain.ConnectionState
	ConnSince   time.Time
	Account     string // the gateway account bound to the clinic; "" none
	Key         *vault.Key
}

// TokenResolver answers whose token a delivery carries. It asks the ingest role's database and
// remembers an answer for five seconds, so a revoked token counts as wrong soon. One that is used is asked for again
// before it lapses.
type TokenResolver struct {
	db        *tenants.DB
	vault     *vault.Vault
	peppers   vault.Peppers
	Now       func() time.Time
	memory    tokenMemoryOf
	digesters sync.Pool     // of *digester
	asking    chan struct{} // bounds the lookups of trusted senders
	moving    chan struct{} // one token at a time is moved to the newest pepper
	// unclaimed bounds the lookups that strangers can cause: a flood of wrong tokens must not keep a right one waiting
	// (docs/reliability.md, T-09).
	unclaimed chan struct{}
}

// NewTokenResolver returns a resolver; peppers key the tokens' digests, at least one of 32 bytes.
func NewTokenResolver(db *tenants.DB, v *vault.Vault, peppers vault.Peppers, now func() time.Time) *TokenResolver {
	return &TokenResolver{
		db:        db,
		vault:     v,
		peppers:   peppers,
		Now:       now,
		asking:    make(chan struct{}, 16),
		moving:    make(chan struct{}, 1),
		unclaimed: make(chan struct{}, 2),
	}
}

// digester is a hash with room for what it reads and says, so that a digest allocates
// nothing: every delivery asks for one.
type digester struct {
	hash.Hash
	token, sum []byte
}

// digest is the sum of the token's vault.Digest.
func (p *TokenResolver) digest(token string) [32]byte {
	d, ok := p.digesters.Get().(*digester)
	if !ok {
		d = &digester{Hash: hmac.New(sha256.New, p.peppers[0])}
	}
	defer p.digesters.Put(d)
	d.Reset()
	d.token = append(d.token[:0], token...)
	d.Write(d.token)
	clear(d.token) // the pool keeps no secret
	d.sum = d.Sum(d.sum[:0])
	return [32]byte(d.sum)
}

const (
	ownerColumns = `clinic_id, environment, ends_at, clinic_state, clinic_since, ` +
		`connection_state, connection_since, account_id, key_no, wrapped`
	tokenOwnerSQL = `SELECT ` + ownerColumns + ` FROM token_owner($1)`
)

// ownerRow is what ownerColumns are scanned into.
type ownerRow struct {
	Owner
	ends    *time.Time
	account *string
	keyNo   *int32
	wrapped []byte
}

func (o *ownerRow) dest() []any {
	return []any{
		&o.Clinic, &o.Environment, &o.ends, &o.State, &o.StateSince, &o.Connection, &o.ConnSince, &o.account, &o.keyNo,
		&o.wrapped,
	}
}

// ownerOf returns a copy of the row's owner, with the key opened.
func (p *TokenResolver) ownerOf(row *ownerRow) (*Owner, error) {
	o := row.Owner
	if row.ends != nil {
		o.EndsAt = *row.ends
	}
	if row.account != nil {
		o.Account = *row.account
	}
	var err error
	o.Key, err = p.key(o.Clinic, row.keyNo, row.wrapped)
	return &o, err
}

// ByToken returns whose token it is; NotFound when nobody's, Unavailable when Postgres
// cannot be asked: an unknown token is never called wrong without asking. trusted tells
// whether the sender's address is the gateway's: its questions have room of their own.
func (p *TokenResolver) ByToken(ctx context.Context, token string, trusted bool) (*Owner, error) {
	if token == "" {
		return nil, domain.Errorf(domain.NotFound, "token")
	}
	digest, now := p.digest(token), p.Now()
	if r := p.get(digest, now); r != nil {
		return p.current(r.owner, now)
	}
	slots := p.unclaimed
	if trusted {
		slots = p.asking
	}
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return nil, &domain.Error{Code: domain.Unavailable, Detail: "token", Err: ctx.Err()}
	}
	owner, err := p.ask(ctx, token, digest)
	if err != nil {
		p.memory.known.Delete(digest)
		return nil, err
	}
	p.memory.put(digest, owner, now, nil)
	return p.current(owner, now)
}

// current returns the owner while the token still counts.
func (p *TokenResolver) current(o *Owner, now time.Time) (*Owner, error) {
	if !o.EndsAt.IsZero() && !now.Before(o.EndsAt) {
		return nil, domain.Errorf(domain.NotFound, "token")
	}
	return o, nil
}

// ask looks the token up by its digest, and while two peppers are configured by the one under the older too.
func (p *TokenResolver) ask(ctx context.Context, token string, digest [32]byte) (*Owner, error) {
	owner, err := p.find(ctx, digest[:])
	if len(p.peppers) < 2 || domain.CodeOf(err) != domain.NotFound {
		return owner, err
	}
	d := p.peppers.Digest(token)
	if owner, err = p.find(ctx, d.Old); err == nil {
		p.move(d)
	}
	return owner, err
}

func (p *TokenResolver) find(ctx context.Context, digest []byte) (*Owner, error) {
	var row ownerRow
	if err := p.db.Pool().QueryRow(ctx, tokenOwnerSQL, digest).Scan(row.dest()...); err != nil {
		return nil, tenants.Translate(err, "token")
	}
	return p.ownerOf(&row)
}

// move has a token that the older pepper found kept under the newest, behind the delivery's back. When another one is
// being moved, or it fails, the token's next use that is not remembered tries again.
func (p *TokenResolver) move(d vault.Digest) {
	select {
	case p.moving <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-p.moving }()
		ctx, cancel := context.WithTimeout(context.Background(), renewLimit)
		defer cancel()
		_, _ = p.db.Pool().Exec(ctx, `SELECT redigest_token($1, $2, $3)`, d.Old, d.Sum[:], d.Pepper[:])
	}()
}

func (p *TokenResolver) key(clinic domain.ClinicID, no *int32, wrapped []byte) (*vault.Key, error) {
	if no == nil {
		return nil, nil // a deleted clinic: its key is destroyed, nothing of it is kept
	}
	k, err := p.vault.Key(clinic, *no, wrapped)
	if err != nil {
		return nil, &domain.Error{
			Code:   domain.Unavailable,
			Detail: "data key",
			Err:    err,
		} // the event stays with the sender until an operator mends it
	}
	return k, nil
}

// ByAccount returns the clinic that the account is bound to; NotFound when none, or when
// two clinics have it on the two sides of the gateway, which no token tells apart.
func (p *TokenResolver) ByAccount(ctx context.Context, account string) (*Owner, error) {
	rows, err := p.db.Pool().Query(
		ctx, `SELECT clinic_id, environment, clinic_state, key_no, wrapped FROM account_owner($1)`, account,
	)
	if err != nil {
		return nil, tenants.Translate(err, "account")
	}
	var owners []*Owner
	var o Owner
	var keyNo *int32
	var wrapped []byte
	_, err = pgx.ForEachRow(rows, []any{&o.Clinic, &o.Environment, &o.State, &keyNo, &wrapped}, func() error {
		k, err := p.key(o.Clinic, keyNo, wrapped)
		owners = append(
			owners, &Owner{Clinic: o.Clinic, Environment: o.Environment, State: o.State, Account: account, Key: k},
		)
		return err
	})
	if err != nil {
		return nil, tenants.Translate(err, "account")
	}
	if len(owners) != 1 {
		return nil, domain.Errorf(domain.NotFound, "account")
	}
	return owners[0], nil
}
