package calendar

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	rule "patapay/domain/agenda"
	"patapay/tenants/agenda"
)

var update = flag.Bool("update", false, "write the golden file anew")

// The pages' tests read the file with a parser of another language.
func TestACalendarIsAKindAndADayOfEachEntryAndNothingElse(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var entries []agenda.Entry
	for n, kind := range rule.Kind("").Values() {
		entries = append(entries, agenda.Entry{
			ID:        domain.UUID{15: byte(n)},
			Version:   n + 1,
			UpdatedAt: at,
			Deadline: rule.Deadline{
				Kind:    kind,
				Subject: "pay_secret",
				Due:     rule.EndOf("2026-11-30").AddDate(0, 0, n),
				Amount:  domain.Some(domain.Money(123456)),
			},
		})
	}
	entries = append(entries, agenda.Entry{Deadline: rule.Deadline{Kind: rule.AdvanceDenied}}) // nobody told a day
	text := (&Handler{Home: "https://patapay.example/"}).calendar(entries)
	const golden = "testdata/agenda.ics"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
	for _, secret := range []string{"pay_secret", "1.234", "123456", "1234"} {
		require.NotContains(t, text, secret)
	}
}
