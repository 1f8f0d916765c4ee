package asaas_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
)

// Gateway times were read with a fixed offset, while pages and Postgres go by the zone's rules.
func TestGatewayTimesAreReadByTheRulesOfTheZone(t *testing.T) {
	for local, utc := range map[domain.LocalTime]string{
		"2026-11-29 12:00:00": "2026-11-29T15:00:00Z",
		"2018-01-15 12:00:00": "2018-01-15T14:00:00Z", // summer: one hour less
		"2018-11-03 23:59:59": "2018-11-04T02:59:59Z",
		"2018-11-04 00:30:00": "2018-11-04T03:30:00Z", // left out by the clocks: behind what was before
		"2018-11-04 01:30:00": "2018-11-04T03:30:00Z",
	} {
		at, ok := asaas.TimeOf(local)
		require.True(t, ok, local)
		require.Equal(t, utc, at.Format(time.RFC3339), local)
	}
	summer, err := time.Parse(time.RFC3339, "2018-01-15T14:00:00Z")
	require.NoError(t, err)
	require.Equal(t, domain.LocalTime("2018-01-15 12:00:00"), asaas.LocalTimeOf(summer))
	require.Equal(t, "2018-11-04T03:00:00Z", asaas.DayBegins("2018-11-04").UTC().Format(time.RFC3339))
	require.Equal(t, "2026-11-29T03:00:00Z", asaas.DayBegins("2026-11-29").UTC().Format(time.RFC3339))
}

func TestEveryHourOfTheZoneSurvivesThereAndBack(t *testing.T) {
	for at := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2020; at = at.Add(time.Hour) {
		local := asaas.LocalTimeOf(at)
		back, ok := asaas.TimeOf(local)
		require.True(t, ok)
		require.Equal(t, local, asaas.LocalTimeOf(back), "%v", at)
		require.LessOrEqual(t, at.Sub(back).Abs(), time.Hour, "%v", at) // an hour that came twice
	}
}

// One rule, the zone's: no source of the program or of the pages counts hours of its own.
func TestNoSourceHasAnOffsetOfItsOwn(t *testing.T) {
	fixed := regexp.MustCompile(`time\.FixedZone\(|['"+]-03:00['"]|- ?3 ?\* ?60 ?\* ?60`)
	files := 0
	for _, root := range []string{
		"../../api", "../../cmd", "../../domain", "../../jobs", "../../tenants", "../../web/src",
	} {
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			source := strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".ts") || strings.HasSuffix(path, ".tsx")
			if err != nil || d.IsDir() || !source || strings.Contains(path, "_test.go") || strings.Contains(path, ".test.") {
				return err
			}
			files++
			raw, err := os.ReadFile(path)
			if found := fixed.Find(raw); found != nil {
				t.Errorf("%s: %s: read by asaas.SaoPaulo, or format.ts", path, found)
			}
			return err
		}))
	}
	require.Greater(t, files, 300)
}
