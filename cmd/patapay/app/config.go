package app

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"patapay/jobs"
	"patapay/tenants/vault"
)

// Config is every setting of the program, read from the environment once, at the start.
// A setting of type vault.Secret may also be given as NAME_FILE, the path of a file that holds
// it. `patapay config` prints this list.
type Config struct {
	Environment string     `env:"ENVIRONMENT" envDefault:"production" help:"production or development. Development fills missing keys with well-known ones and derives the runtime database URLs."`
	LogLevel    slog.Level `env:"LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error."`

	HTTPAddr           string        `env:"HTTP_ADDR" envDefault:":8080" help:"host:port of the webhook door, /v1 and the pages."`
	OpsAddr            string        `env:"OPS_ADDR" envDefault:"127.0.0.1:9090" help:"host:port of /metrics, /healthz and /readyz: a private port, never the internet's. A range such as 172.30.77.0/24 in place of the host is this machine's address in that network."`
	PublicURL          string        `env:"PUBLIC_URL" help:"Where the world reaches us, https://host: the webhook URL, links and the Origin check are made of it."`
	TrustedSenders     Addresses     `env:"TRUSTED_SENDERS" envDefault:"52.67.12.206,18.230.8.159,54.94.136.112,54.94.183.101" help:"Addresses (a.b.c.d or a.b.c.d/n) the gateway sends from, a signal and never a proof. The default is Asaas's published list; development adds 127.0.0.1."`
	TrustedSendersFile string        `env:"TRUSTED_SENDERS_FILE" help:"File of more trusted senders, one a line; read again within 5 s when it changes."`
	TrustedProxies     Addresses     `env:"TRUSTED_PROXIES" help:"Addresses of our own proxies, whose X-Forwarded-For is believed. None: the peer's address counts."`
	BodyLimit          int           `env:"BODY_LIMIT" envDefault:"1048576" help:"Bytes that a webhook's body may have, 65536 to 8388608; a longer one is 413, which Asaas counts as a failure. Without a valid token it is 131072. What serve may hold in memory grows with it."`
	IntakePerClinic    int           `env:"INTAKE_PER_CLINIC" envDefault:"50" help:"Events a second that one clinic may deliver to a serve process at once while others deliver, a body of more than 20 KiB as several. What is beyond is answered 200 as well, once its turn has come: within about a second, so that its sender waits and nobody else's. 0: no limit."`
	OutgoingIPs        []string      `env:"OUTGOING_IPS" help:"Addresses that we call Asaas from, shown to clinics that let only some in. None: the pages send them to the support."`
	DrainFor           time.Duration `env:"DRAIN_FOR" envDefault:"5s" help:"How long requests are still accepted after /readyz went red at shutdown."`
	ShutdownGrace      time.Duration `env:"SHUTDOWN_GRACE" envDefault:"20s" help:"How long accepted requests and jobs may take to finish at shutdown."`

	DatabaseURL        vault.Secret `env:"DATABASE_URL" help:"The migrator's Postgres URL, a direct connection. Only migrate needs it, and development."`
	IngestDatabaseURL  vault.Secret `env:"INGEST_DATABASE_URL" help:"Postgres URL of role patapay_ingest: the webhook door."`
	WorkerDatabaseURL  vault.Secret `env:"WORKER_DATABASE_URL" help:"Postgres URL of role patapay_worker: apply."`
	APIDatabaseURL     vault.Secret `env:"API_DATABASE_URL" help:"Postgres URL of role patapay_api: /v1."`
	SweeperDatabaseURL vault.Secret `env:"SWEEPER_DATABASE_URL" help:"Postgres URL of role patapay_sweeper: which clinics have due events."`
	Pooler             string       `env:"POOLER" envDefault:"off" help:"off or transaction: whether the four URLs above lead through a pooler in transaction mode (PgBouncer). DATABASE_URL never does."`
	BodiesKeepDays     int          `env:"BODIES_KEEP_DAYS" help:"Days that sealed webhook bodies are kept; records stay for ever." envDefault:"90"`

	WorkAtOnce    int          `env:"WORK_AT_ONCE" envDefault:"2" help:"Clinics that one work process applies at once, 1 to 64. One for each core; more processes add to it."`
	Notifications string       `env:"NOTIFICATIONS" envDefault:"on" help:"on or off. Off: no Redis at all; the sweep alone finds work, within 1-2 s. DOORBELL is its former name, read for one release more."`
	RedisURL      vault.Secret `env:"REDIS_URL" help:"redis://, rediss:// or unix:// URL, with maxmemory-policy noeviction. Needed when NOTIFICATIONS is on."`

	TokenPepper   vault.Secret `env:"TOKEN_PEPPER" help:"HMAC key of webhook tokens: 32 bytes or more, hex or base64. While one is being retired two, the new one first and a comma between; see keys rotate pepper. Lost: every token is forgotten."`
	MasterKeyset  vault.Secret `env:"MASTER_KEYSET" help:"Tink AEAD keyset in JSON that wraps the clinics' data keys. Lost: every stored key and body is lost."`
	JWTSigningKey vault.Secret `env:"JWT_SIGNING_KEY" help:"Ed25519 key of our own tokens: PKCS#8 PEM, or its 32-byte seed in base64."`
	JWTOldKey     vault.Secret `env:"JWT_OLD_KEY" help:"The signing key before that, still believed while its tokens live (15 min; service tokens until they expire)."`

	PlatformIssuer     string   `env:"PLATFORM_ISSUER" help:"iss of the platform's tokens. Empty: only our own are believed."`
	PlatformJWKS       string   `env:"PLATFORM_JWKS" help:"JWKS of the platform: https URL, read again in the background once a minute, or path of a file, each 5 s. A key taken out of it counts no longer than that."`
	PlatformAlgorithms []string `env:"PLATFORM_ALGORITHMS" help:"Algorithms the platform signs with, of RS256, ES256, EdDSA. HS and none are never believed." envDefault:"RS256"`

	SMTPURL vault.Secret `env:"SMTP_URL" help:"Mail server for incidents, and for the links that people ask for: smtp://user:password@host:587?from=avisos@example.com, or smtps://. Empty: production keeps e-mails three days, development logs them."`

	AsaasSimulatorURL string `env:"ASAAS_SIMULATOR_URL" help:"Base URL of the gateway simulator in place of Asaas, for both environments. Development only."`

	// What the checks made of the settings above.
	Peppers           vault.Peppers      `env:"-"` // TOKEN_PEPPER
	SigningKey        ed25519.PrivateKey `env:"-"` // JWT_SIGNING_KEY
	OldKey            ed25519.PublicKey  `env:"-"` // of JWT_OLD_KEY; nil: none
	PlatformJWKSBytes []byte             `env:"-"` // the file named by PLATFORM_JWKS; nil: a URL
	SMTP              *jobs.SMTP         `env:"-"` // SMTP_URL; nil: none
}

// Addresses is a set of IP addresses.
type Addresses []netip.Prefix

// UnmarshalText reads addresses and ranges with commas between them: 1.2.3.4,10.0.0.0/8.
func (a *Addresses) UnmarshalText(text []byte) error {
	*a = nil
	for one := range strings.SplitSeq(string(text), ",") {
		one = strings.TrimSpace(one)
		prefix, err := netip.ParsePrefix(one)
		if addr, single := netip.ParseAddr(one); single == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return err
		}
		*a = append(*a, prefix)
	}
	return nil
}

// Contains tells whether addr is one of them; an IPv4 address written as IPv6 is the same.
func (a Addresses) Contains(addr netip.Addr) bool {
	return slices.ContainsFunc(a, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// Development tells whether ENVIRONMENT is development.
func (c Config) Development() bool { return c.Environment == "development" }

// Faults are all things wrong with the settings, one line each: the setting, what is
// wrong, the cure; never the value.
type Faults []string

// Error returns the lines.
func (f Faults) Error() string {
	return fmt.Sprintf("%d fault(s) in the settings:\n  %s", len(f), strings.Join(f, "\n  "))
}

// Load reads the settings from environ, in the form of os.Environ, of which a later entry
// wins. It fails with Faults, every one at once.
func Load(environ []string) (Config, error) {
	values := env.ToMap(environ)
	var c Config
	var faults Faults
	faults.readFiles(values)
	faults.readFormer(values)
	faults.parse(&c, values)
	if c.Development() {
		c.developmentDefaults()
	}
	faults.check(&c)
	if len(faults) > 0 {
		return Config{}, faults
	}
	return c, nil
}

// MigratorURL reads DATABASE_URL alone: the deploy step that migrates needs no other
// setting, and no other process needs this one.
func MigratorURL(environ []string) (vault.Secret, error) {
	values := env.ToMap(environ)
	var faults Faults
	faults.readFiles(values)
	if values["DATABASE_URL"] == "" {
		faults.add("DATABASE_URL", "is missing", "the Postgres URL of the role that owns the schema")
	}
	if len(faults) > 0 {
		return vault.Secret{}, faults
	}
	return vault.NewSecret(values["DATABASE_URL"]), nil
}

func (f *Faults) add(setting, wrong, cure string) {
	*f = append(*f, setting+" "+wrong+": "+cure)
}

// EachSetting calls fn for each setting, in the order of the struct.
func EachSetting(fn func(name string, field reflect.StructField)) {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("env"); name != "-" {
			fn(name, t.Field(i))
		}
	}
}

// readFiles puts the content of the file named by NAME_FILE in the place of NAME.
func (f *Faults) readFiles(values map[string]string) {
	EachSetting(func(name string, field reflect.StructField) {
		path := values[name+"_FILE"]
		if field.Type != reflect.TypeFor[vault.Secret]() || path == "" {
			return
		}
		if values[name] != "" {
			f.add(name, "is given twice", "keep either "+name+" or "+name+"_FILE")
			return
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			f.add(name+"_FILE", "names a file that cannot be read", "check that it exists and that this user may read it")
			return
		}
		values[name] = strings.TrimSpace(string(raw))
	})
}

// formerNames are settings that had another name in the last release, by that.
var formerNames = map[string]string{"DOORBELL": "NOTIFICATIONS"}

// readFormer puts what is given under a former name under the name of today. Both may be
// given as long as they say the same: a deployment may still have to serve both releases.
func (f *Faults) readFormer(values map[string]string) {
	for former, name := range formerNames {
		switch {
		case values[former] == "" || values[former] == values[name]:
		case values[name] == "":
			values[name] = values[former]
		default:
			f.add(name, "and "+former+", its former name, differ", "keep "+name+" alone")
		}
	}
}

// parse fills c; a value of the wrong form is named by its setting, not shown.
func (f *Faults) parse(c *Config, values map[string]string) {
	err := env.ParseWithOptions(c, env.Options{Environment: values})
	var all env.AggregateError
	if err == nil || !errors.As(err, &all) {
		return
	}
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			f.add("settings", "cannot be read", "report this as a bug")
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		f.add(field.Tag.Get("env"), "cannot be read", field.Tag.Get("help"))
	}
}

// Loopback is who development trusts as a sender, beside Asaas: the simulator.
var Loopback = netip.MustParsePrefix("127.0.0.1/32")

// developmentDefaults fills what a developer should not have to think of.
func (c *Config) developmentDefaults() {
	if c.PublicURL == "" {
		c.PublicURL = "http://127.0.0.1:8080"
	}
	setDefault(&c.TokenPepper, DevelopmentPepper)
	setDefault(&c.MasterKeyset, DevelopmentKeyset)
	setDefault(&c.JWTSigningKey, DevelopmentSeed)
	setDefault(&c.IngestDatabaseURL, withUser(c.DatabaseURL, "patapay_ingest"))
	setDefault(&c.WorkerDatabaseURL, withUser(c.DatabaseURL, "patapay_worker"))
	setDefault(&c.APIDatabaseURL, withUser(c.DatabaseURL, "patapay_api"))
	setDefault(&c.SweeperDatabaseURL, withUser(c.DatabaseURL, "patapay_sweeper"))
	if len(c.OutgoingIPs) == 0 {
		c.OutgoingIPs = []string{Loopback.Addr().String()}
	}
	if !slices.Contains(c.TrustedSenders, Loopback) {
		c.TrustedSenders = append(c.TrustedSenders, Loopback)
	}
}

func setDefault(setting *vault.Secret, value vault.Secret) {
	if setting.Empty() {
		*setting = value
	}
}
