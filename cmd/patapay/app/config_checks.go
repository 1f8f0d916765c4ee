package app

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"patapay/jobs"
	"patapay/tenants/vault"
)

const makeKeys = "`patapay keys new` prints good ones"

// check looks at each setting's meaning and fills the derived fields.
func (f *Faults) check(c *Config) {
	f.checkWords(c)
	f.checkAddresses(c)
	f.checkDatabases(c)
	f.checkRedis(c)
	f.checkPepper(c)
	f.checkKeyset(c)
	f.checkSigning(c)
	f.checkPlatform(c)
	f.checkMail(c)
}

func (f *Faults) checkWords(c *Config) {
	if c.Environment != "production" && c.Environment != "development" {
		f.add("ENVIRONMENT", "must be one of two words", "production or development")
	}
	if c.Notifications != "on" && c.Notifications != "off" {
		f.add("NOTIFICATIONS", "must be one of two words", "on or off")
	}
	if c.Pooler != "off" && c.Pooler != "transaction" {
		f.add("POOLER", "must be one of two words", "off or transaction")
	}
	if c.WorkAtOnce < 1 || c.WorkAtOnce > 64 {
		f.add("WORK_AT_ONCE", "is out of range", "1 to 64; 2 for two cores")
	}
	if c.IntakePerClinic != 0 && (c.IntakePerClinic < 10 || c.IntakePerClinic > 10_000) {
		f.add("INTAKE_PER_CLINIC", "is out of range", "events a second, 10 to 10000; 0 for no limit")
	}
	if c.BodyLimit < 64<<10 || c.BodyLimit > 8<<20 {
		f.add("BODY_LIMIT", "is out of range", "bytes, 65536 to 8388608; Asaas's bodies have about 10000")
	}
	if c.BodiesKeepDays < 1 {
		f.add("BODIES_KEEP_DAYS", "is less than 1", "a number of days; 90 is the default")
	}
	if c.DrainFor < 0 || c.ShutdownGrace <= 0 {
		f.add("DRAIN_FOR or SHUTDOWN_GRACE", "is negative", "a time such as 5s")
	}
	if c.AsaasSimulatorURL != "" && !c.Development() {
		f.add("ASAAS_SIMULATOR_URL", "is set in production", "remove it, or production would talk to a simulator")
	}
}

func (f *Faults) checkAddresses(c *Config) {
	for name, addr := range map[string]string{"HTTP_ADDR": c.HTTPAddr, "OPS_ADDR": c.OpsAddr} {
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			f.add(name, "is not host:port", "for instance 0.0.0.0:8080, or :8080")
		}
	}
	for _, proxies := range c.TrustedProxies {
		if proxies.Bits() == 0 {
			f.add("TRUSTED_PROXIES", "trusts the whole internet", "name the addresses of your own proxies")
		}
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case c.PublicURL == "":
		f.add("PUBLIC_URL", "is missing", "https://host, as Asaas and browsers reach it")
	case err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil:
		f.add("PUBLIC_URL", "is not a plain URL", "scheme and host only, as https://pay.example.com")
	case u.Scheme != "https" && !(u.Scheme == "http" && c.Development() && IsLoopback(u.Hostname())):
		f.add("PUBLIC_URL", "is not https", "use https://; plain http is for loopback in development")
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
}

// IsLoopback tells whether an address of the form host:port can be reached from this machine alone.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (f *Faults) checkDatabases(c *Config) {
	if c.Development() && c.DatabaseURL.Empty() {
		f.add("DATABASE_URL", "is missing", "`patapay dev` brings its own Postgres; else name one")
		return
	}
	migrator := userOf(c.DatabaseURL)
	for _, role := range []struct {
		name string
		url  vault.Secret
	}{
		{"INGEST_DATABASE_URL", c.IngestDatabaseURL},
		{"WORKER_DATABASE_URL", c.WorkerDatabaseURL},
		{"API_DATABASE_URL", c.APIDatabaseURL},
		{"SWEEPER_DATABASE_URL", c.SweeperDatabaseURL},
	} {
		switch user := userOf(role.url); {
		case role.url.Empty():
			f.add(role.name, "is missing", "the Postgres URL with that role's own user")
		case user == "":
			f.add(role.name, "is not a Postgres URL with a user", "postgres://user:password@host:5432/database")
		case user == migrator:
			f.add(role.name, "has the migrator's user", "use the role made for it: row security does not bind an owner")
		}
	}
	if !c.DatabaseURL.Empty() && migrator == "" {
		f.add("DATABASE_URL", "is not a Postgres URL with a user", "postgres://user:password@host:5432/database")
	}
}

// userOf returns the user of a Postgres URL, "" when it has none or is not one. (pgx would
// fill in the user of the operating system.)
func userOf(secret vault.Secret) string {
	u, err := url.Parse(secret.Reveal())
	if err != nil || u.User == nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return ""
	}
	if _, err := pgx.ParseConfig(secret.Reveal()); err != nil {
		return ""
	}
	return u.User.Username()
}

// withUser returns a Postgres URL with another user and no password: trust by name, as
// the private Postgres of development does.
func withUser(secret vault.Secret, user string) vault.Secret {
	u, err := url.Parse(secret.Reveal())
	if secret.Empty() || err != nil {
		return vault.Secret{}
	}
	u.User = url.User(user)
	return vault.NewSecret(u.String())
}

func (f *Faults) checkRedis(c *Config) {
	if c.Notifications == "off" {
		return
	}
	if c.RedisURL.Empty() {
		f.add("REDIS_URL", "is missing", "name a Redis, or say NOTIFICATIONS=off")
	} else if _, err := redis.ParseURL(c.RedisURL.Reveal()); err != nil {
		f.add("REDIS_URL", "cannot be read", "redis://host:6379/0, rediss://… or unix:///path?db=0")
	}
}

func (f *Faults) checkPepper(c *Config) {
	list := strings.Split(c.TokenPepper.Reveal(), ",")
	for _, text := range list {
		one := vault.NewSecret(strings.TrimSpace(text))
		key, err := decodeKey(one)
		switch {
		case one.Empty():
			f.add("TOKEN_PEPPER", "is missing", makeKeys)
		case err != nil:
			f.add("TOKEN_PEPPER", "is neither hex nor base64", makeKeys)
		case len(key) < 32 || isUniform(key):
			f.add("TOKEN_PEPPER", "is weak", "32 random bytes or more; "+makeKeys)
		case one.Equal(DevelopmentPepper) && !c.Development():
			f.add("TOKEN_PEPPER", "is the development key, which everybody knows", makeKeys)
		}
		c.Peppers = append(c.Peppers, key)
	}
	if len(list) > 2 || len(list) == 2 && bytes.Equal(c.Peppers[0], c.Peppers[1]) {
		f.add("TOKEN_PEPPER", "has more than a new one and the one before", "one, or two that differ, the new one first")
	}
}

// decodeKey reads hex or base64 (standard or URL alphabet, padded or not).
func decodeKey(s vault.Secret) ([]byte, error) {
	text := s.Reveal()
	if key, err := hex.DecodeString(text); err == nil {
		return key, nil
	}
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	return base64.RawStdEncoding.DecodeString(text)
}

// isUniform tells a key typed by hand: 32 random bytes have fewer than 16 different
// values once in 10^15 times.
func isUniform(key []byte) bool {
	seen := map[byte]bool{}
	for _, b := range key {
		seen[b] = true
	}
	return len(seen) < 16
}

func (f *Faults) checkKeyset(c *Config) {
	if c.MasterKeyset.Empty() {
		f.add("MASTER_KEYSET", "is missing", makeKeys)
		return
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(c.MasterKeyset.Reveal())))
	if err == nil {
		_, err = aead.New(handle)
	}
	if err != nil {
		f.add("MASTER_KEYSET", "is not a Tink AEAD keyset in JSON", makeKeys)
		return
	}
	if strings.Contains(c.MasterKeyset.Reveal(), developmentKeyData) && !c.Development() {
		f.add("MASTER_KEYSET", "has the development key, which everybody knows", makeKeys)
	}
}

func (f *Faults) checkSigning(c *Config) {
	if c.JWTSigningKey.Empty() {
		f.add("JWT_SIGNING_KEY", "is missing", makeKeys)
	} else {
		c.SigningKey = f.ed25519("JWT_SIGNING_KEY", c.JWTSigningKey, c.Development())
	}
	if c.JWTOldKey.Empty() {
		return
	}
	if old := f.ed25519("JWT_OLD_KEY", c.JWTOldKey, c.Development()); old != nil {
		c.OldKey = old.Public().(ed25519.PublicKey)
		if c.OldKey.Equal(c.SigningKey.Public()) {
			f.add("JWT_OLD_KEY", "is JWT_SIGNING_KEY", "it is for the key before; remove it")
		}
	}
}

// ed25519 reads a signing key, or notes what is wrong with it and returns nil.
func (f *Faults) ed25519(name string, secret vault.Secret, development bool) ed25519.PrivateKey {
	key, err := parseEd25519(secret)
	switch {
	case err != nil:
		f.add(name, "is not an Ed25519 key", "PKCS#8 PEM, or the 32-byte seed in base64; "+makeKeys)
	case isUniform(key.Seed()):
		f.add(name, "is weak", makeKeys)
	case key.Equal(mustSeed(DevelopmentSeed)) && !development:
		f.add(name, "is the development key, which everybody knows", makeKeys)
	default:
		return key
	}
	return nil
}

func parseEd25519(secret vault.Secret) (ed25519.PrivateKey, error) {
	if block, _ := pem.Decode([]byte(secret.Reveal())); block != nil {
		any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		key, ok := any.(ed25519.PrivateKey)
		if err != nil || !ok {
			return nil, errors.New("not an Ed25519 key in PKCS#8")
		}
		return key, nil
	}
	seed, err := decodeKey(secret)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("not a 32-byte seed")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func (f *Faults) checkPlatform(c *Config) {
	if (c.PlatformIssuer == "") != (c.PlatformJWKS == "") {
		f.add("PLATFORM_ISSUER and PLATFORM_JWKS", "go together", "give both or neither")
		return
	}
	if c.PlatformIssuer == "patapay" {
		f.add("PLATFORM_ISSUER", "is our own issuer's name", "the iss that the platform writes")
	}
	for _, alg := range c.PlatformAlgorithms {
		if !slices.Contains([]string{"RS256", "ES256", "EdDSA"}, alg) {
			f.add("PLATFORM_ALGORITHMS", "has one we never believe", "of RS256, ES256, EdDSA")
		}
	}
	switch u, err := url.Parse(c.PlatformJWKS); {
	case c.PlatformJWKS == "":
	case err == nil && u.Scheme == "https",
		err == nil && u.Scheme == "http" && c.Development() && IsLoopback(u.Hostname()):
	case err == nil && u.Scheme != "":
		f.add("PLATFORM_JWKS", "is not https", "an https URL, or the path of a file")
	default:
		c.PlatformJWKSBytes = f.jwksFile(c.PlatformJWKS)
	}
}

func (f *Faults) jwksFile(path string) []byte {
	raw, err := os.ReadFile(path)
	if err != nil || !json.Valid(raw) || !bytes.Contains(raw, []byte(`"keys"`)) {
		f.add("PLATFORM_JWKS", "names no readable JWKS file", `a JSON file {"keys":[…]}`)
	}
	return raw
}

func (f *Faults) checkMail(c *Config) {
	if c.SMTPURL.Empty() {
		return
	}
	server, err := jobs.ParseSMTP(c.SMTPURL.Reveal())
	if err != nil {
		f.add("SMTP_URL", err.Error(), "smtp://user:password@host:587?from=avisos@example.com")
	}
	c.SMTP = server
}
