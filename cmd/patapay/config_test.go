package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"patapay/cmd/patapay/app"

	"github.com/stretchr/testify/require"
)

const canary = "canary-4711-value"

// goodEnvironment is a production environment without a fault.
func goodEnvironment(t *testing.T) []string {
	t.Helper()
	var keys bytes.Buffer
	if err := writeKeys(&keys); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"PUBLIC_URL=https://pay.example.com/", "REDIS_URL=redis://redis:6379/0",
		"INGEST_DATABASE_URL=postgres://patapay_ingest:" + canary + "@db/patapay",
		"WORKER_DATABASE_URL=postgres://patapay_worker:" + canary + "@db/patapay",
		"API_DATABASE_URL=postgres://patapay_api:" + canary + "@db/patapay",
		"SWEEPER_DATABASE_URL=postgres://patapay_sweeper:" + canary + "@db/patapay",
	}
	for _, line := range strings.Split(strings.TrimSpace(keys.String()), "\n") {
		environ = append(environ, strings.ReplaceAll(line, "'", ""))
	}
	return environ
}

func TestAGoodEnvironmentLoads(t *testing.T) {
	c, err := app.Load(goodEnvironment(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.Environment != "production" || c.HTTPAddr != ":8080" || c.DrainFor != 5*time.Second ||
		c.LogLevel != slog.LevelInfo {
		t.Errorf("defaults: %+v", c)
	}
	if len(c.TrustedSenders) != 4 || !c.TrustedSenders.Contains(netip.MustParseAddr("::ffff:52.67.12.206")) ||
		len(c.TrustedProxies) != 0 {
		t.Errorf("senders %v, proxies %v", c.TrustedSenders, c.TrustedProxies)
	}
	if len(c.Peppers) != 1 || len(c.Peppers[0]) != 32 || len(c.SigningKey) != ed25519.PrivateKeySize || c.OldKey != nil ||
		c.PublicURL != "https://pay.example.com" {
		t.Errorf("derived: pepper %d, key %d, %s", len(c.Peppers), len(c.SigningKey), c.PublicURL)
	}
}

func TestEveryFaultIsNamedWithItsCureAndWithoutItsValue(t *testing.T) {
	for _, row := range []struct {
		rule, set, want string
	}{
		{"a word that is none", "ENVIRONMENT=" + canary, "ENVIRONMENT must be one of two words"},
		{"a level that is none", "LOG_LEVEL=" + canary, "LOG_LEVEL cannot be read"},
		{"an address without port", "HTTP_ADDR=" + canary, "HTTP_ADDR is not host:port"},
		{"a private address without port", "OPS_ADDR=" + canary, "OPS_ADDR is not host:port"},
		{"no public URL", "PUBLIC_URL=", "PUBLIC_URL is missing"},
		{"a plain public URL", "PUBLIC_URL=http://" + canary, "PUBLIC_URL is not https"},
		{"loopback in production", "PUBLIC_URL=http://127.0.0.1:8080", "PUBLIC_URL is not https"},
		{"a public URL with a path", "PUBLIC_URL=https://h/" + canary, "PUBLIC_URL is not a plain URL"},
		{"a public URL with a password", "PUBLIC_URL=https://u:" + canary + "@h", "PUBLIC_URL is not a plain URL"},
		{"senders that are no addresses", "TRUSTED_SENDERS=1.2.3.4," + canary, "TRUSTED_SENDERS cannot be read"},
		{"every proxy trusted", "TRUSTED_PROXIES=0.0.0.0/0", "TRUSTED_PROXIES trusts the whole internet"},
		{"every proxy trusted, IPv6", "TRUSTED_PROXIES=::/0", "TRUSTED_PROXIES trusts the whole internet"},
		{"a time without unit", "DRAIN_FOR=5" + canary, "DRAIN_FOR cannot be read"},
		{"a negative time", "SHUTDOWN_GRACE=-5s", "SHUTDOWN_GRACE is negative"},
		{"no ingest role", "INGEST_DATABASE_URL=", "INGEST_DATABASE_URL is missing"},
		{"no worker role", "WORKER_DATABASE_URL=", "WORKER_DATABASE_URL is missing"},
		{"no api role", "API_DATABASE_URL=", "API_DATABASE_URL is missing"},
		{"no sweeper role", "SWEEPER_DATABASE_URL=", "SWEEPER_DATABASE_URL is missing"},
		{"another database", "API_DATABASE_URL=mysql://u:" + canary + "@h/d", "API_DATABASE_URL is not a Postgres URL"},
		{"a database URL without user", "API_DATABASE_URL=postgres://h/" + canary, "API_DATABASE_URL is not a Postgres URL"},
		{
			"a database URL that cannot be read", "API_DATABASE_URL=postgres://u:" + canary + "@h:port/d",
			"API_DATABASE_URL is not a Postgres URL",
		},
		{"the migrator at run time", "DATABASE_URL=postgres://patapay_api@h/d", "API_DATABASE_URL has the migrator's user"},
		{"a migrator's URL without user", "DATABASE_URL=" + canary, "DATABASE_URL is not a Postgres URL"},
		{"a limit of bodies in KiB", "BODY_LIMIT=1024", "BODY_LIMIT is out of range"},
		{"bodies kept for no day", "BODIES_KEEP_DAYS=0", "BODIES_KEEP_DAYS is less than 1"},
		{"no event is due", "INTAKE_PER_CLINIC=9", "INTAKE_PER_CLINIC is out of range"},
		{"nobody works", "WORK_AT_ONCE=0", "WORK_AT_ONCE is out of range"},
		{"notifications that are neither", "NOTIFICATIONS=" + canary, "NOTIFICATIONS must be one of two words"},
		{"a former name that is neither", "DOORBELL=" + canary, "NOTIFICATIONS must be one of two words"},
		{"no Redis", "REDIS_URL=", "REDIS_URL is missing"},
		{"a Redis URL that cannot be read", "REDIS_URL=http://u:" + canary + "@h", "REDIS_URL cannot be read"},
		{"no pepper", "TOKEN_PEPPER=", "TOKEN_PEPPER is missing"},
		{"a short pepper", "TOKEN_PEPPER=00112233445566778899aabbccddeeff", "TOKEN_PEPPER is weak"},
		{"a pepper of one letter", "TOKEN_PEPPER=" + strings.Repeat("61", 40), "TOKEN_PEPPER is weak"},
		{"a pepper that is words", "TOKEN_PEPPER=" + canary + " !", "TOKEN_PEPPER is neither hex nor base64"},
		{"the development pepper", "TOKEN_PEPPER=" + app.DevelopmentPepper.Reveal(), "TOKEN_PEPPER is the development key"},
		{"no master keyset", "MASTER_KEYSET=", "MASTER_KEYSET is missing"},
		{"a keyset that is none", "MASTER_KEYSET={" + canary, "MASTER_KEYSET is not a Tink AEAD keyset"},
		{
			"the development keyset", "MASTER_KEYSET=" + app.DevelopmentKeyset.Reveal(),
			"MASTER_KEYSET has the development key",
		},
		{"no signing key", "JWT_SIGNING_KEY=", "JWT_SIGNING_KEY is missing"},
		{"a signing key that is none", "JWT_SIGNING_KEY=" + canary, "JWT_SIGNING_KEY is not an Ed25519 key"},
		{"a signing key of one letter", "JWT_SIGNING_KEY=" + strings.Repeat("61", 32), "JWT_SIGNING_KEY is weak"},
		{
			"the development signing key", "JWT_SIGNING_KEY=" + app.DevelopmentSeed.Reveal(),
			"JWT_SIGNING_KEY is the development key",
		},
		{"an old key that is none", "JWT_OLD_KEY=" + canary, "JWT_OLD_KEY is not an Ed25519 key"},
		{"an issuer without keys", "PLATFORM_ISSUER=" + canary, "PLATFORM_ISSUER and PLATFORM_JWKS go together"},
		{"keys without an issuer", "PLATFORM_JWKS=https://" + canary, "PLATFORM_ISSUER and PLATFORM_JWKS go together"},
		{"a symmetric algorithm", "PLATFORM_ALGORITHMS=RS256,HS256", "PLATFORM_ALGORITHMS has one we never believe"},
		{"no algorithm at all", "PLATFORM_ALGORITHMS=none", "PLATFORM_ALGORITHMS has one we never believe"},
		{"the simulator in production", "ASAAS_SIMULATOR_URL=http://" + canary, "ASAAS_SIMULATOR_URL is set in production"},
		{"a secret file that is not there", "TOKEN_PEPPER_FILE=/" + canary, "TOKEN_PEPPER is given twice"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			_, err := app.Load(append(goodEnvironment(t), row.set))
			var faults app.Faults
			if !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(faults[0], row.want) ||
				!strings.Contains(faults[0], ": ") {
				t.Fatalf("faults %q, want one with %q", faults, row.want)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the value is in %q", err)
			}
		})
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	_, err := app.Load([]string{"LOG_LEVEL=loud", "DRAIN_FOR=soon"})
	for _, name := range []string{
		"LOG_LEVEL", "DRAIN_FOR", "PUBLIC_URL", "REDIS_URL", "INGEST_DATABASE_URL",
		"TOKEN_PEPPER", "MASTER_KEYSET", "JWT_SIGNING_KEY",
	} {
		if err == nil || !strings.Contains(err.Error(), "\n  "+name+" ") {
			t.Errorf("%s is not in %v", name, err)
		}
	}
}

func TestNotificationsAreReadUnderTheirFormerNameToo(t *testing.T) {
	for _, row := range []struct {
		set  []string
		want string
	}{
		{nil, "on"},
		{[]string{"DOORBELL=off"}, "off"},
		{[]string{"NOTIFICATIONS=off"}, "off"},
		{[]string{"NOTIFICATIONS=off", "DOORBELL=off"}, "off"},
		{[]string{"DOORBELL="}, "on"},
	} {
		c, err := app.Load(append(goodEnvironment(t), row.set...))
		require.NoError(t, err)
		require.Equal(t, row.want, c.Notifications, "%v", row.set)
	}
	_, err := app.Load(append(goodEnvironment(t), "NOTIFICATIONS=on", "DOORBELL=off"))
	require.ErrorContains(t, err, "NOTIFICATIONS and DOORBELL, its former name, differ")
}

func TestDevelopmentNeedsOnlyADatabaseAndNotificationsOrNone(t *testing.T) {
	c, err := app.Load(
		[]string{"ENVIRONMENT=development", "DATABASE_URL=postgres://owner@/patapay?host=/tmp/x&port=5432", "DOORBELL=off"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if want := "postgres://patapay_ingest@/patapay?host=/tmp/x&port=5432"; c.IngestDatabaseURL.Reveal() != want {
		t.Errorf("ingest URL %s, want %s", c.IngestDatabaseURL.Reveal(), want)
	}
	if !slices.Contains(c.TrustedSenders, app.Loopback) {
		t.Error("the simulator on 127.0.0.1 is not a trusted sender")
	}
}

func TestASecretIsReadFromItsFile(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := app.Load(append(goodEnvironment(t), "JWT_SIGNING_KEY=", "JWT_SIGNING_KEY_FILE="+file))
	if err != nil || !c.SigningKey.Equal(key) {
		t.Errorf("key not read: %v", err)
	}
	_, err = app.Load(append(goodEnvironment(t), "JWT_SIGNING_KEY=", "JWT_SIGNING_KEY_FILE="+file+".not"))
	if err == nil || !strings.Contains(err.Error(), "JWT_SIGNING_KEY_FILE names a file that cannot be read") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAJWKSFileIsReadAndChecked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jwks.json")
	for content, ok := range map[string]bool{`{"keys":[]}`: true, `not json`: false} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := app.Load(append(goodEnvironment(t), "PLATFORM_ISSUER=https://clinics.example", "PLATFORM_JWKS="+file))
		if (err == nil) != ok {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	c, err := app.Load(goodEnvironment(t))
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "url", c.APIDatabaseURL, "secret", c.TokenPepper)
	asJSON, err := json.Marshal(map[string]any{"url": c.APIDatabaseURL})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprint(c.APIDatabaseURL), fmt.Sprintf("%+v %#v", c.APIDatabaseURL, c.APIDatabaseURL),
		logged.String(), string(asJSON),
	} {
		if strings.Contains(text, canary) || !strings.Contains(text, "***") {
			t.Errorf("printed %q", text)
		}
	}
}

func TestMigrateNeedsOnlyItsOwnURL(t *testing.T) {
	url, err := app.MigratorURL([]string{"DATABASE_URL=postgres://owner@h/d"})
	if err != nil || url.Reveal() != "postgres://owner@h/d" {
		t.Errorf("%s, %v", url.Reveal(), err)
	}
	if _, err := app.MigratorURL(nil); err == nil {
		t.Error("nothing passed for a URL")
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	var out bytes.Buffer
	if err := writeSettings(&out); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if cells := strings.Split(line, " | "); len(cells) != 3 || strings.TrimSpace(strings.Trim(cells[2], "|")) == "" {
			t.Errorf("%q has no meaning", line)
		}
	}
}

func TestTheDocumentListsEverySettingAsTheProgramDoes(t *testing.T) {
	document, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	var list strings.Builder
	require.NoError(t, writeSettings(&list))
	_, table, found := strings.Cut(string(document), "\n\n| setting ")
	require.True(t, found, "docs/configuration.md has no table of settings")
	require.Equal(t, list.String(), "| setting "+table, "write the table anew as docs/configuration.md says")
}

func TestTheAddressesThatOperatorsLetInAreThoseThatAreTrusted(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## In front of PataPay\n")
	require.True(t, found)
	_, block, _ := strings.Cut(section, "```text\n")
	block, _, _ = strings.Cut(block, "\n```")
	help := reflect.TypeFor[app.Config]()
	field, _ := help.FieldByName("TrustedSenders")
	require.Equal(t, field.Tag.Get("envDefault"), strings.Join(strings.Fields(block), ","))
}
