package v1_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// kept has a row for each table that keeps a digest of what a person holds, beside the tokens of the endings: how
// they get it, and a question whose answer tells whether it opens anything.
var kept = map[string]func(*keyHolder) func() bool{
	"calendars": func(k *keyHolder) func() bool {
		address := k.must(201, k.token, "POST", "/v1/auth/calendars", nil).text("url")
		return func() bool { return k.calendar(k.url+strings.TrimPrefix(address, passkeyHome)).status == 200 }
	},
	"mailed_links": func(k *keyHolder) func() bool {
		k.must(202, "", "POST", "/v1/auth/password-link", map[string]string{"email": k.email})
		link := k.mails.link(k.world, k.email)
		return func() bool {
			return k.ask(
				"",
				"POST",
				"/v1/auth/password-link/use",
				map[string]string{"link": link, "new": password},
			).status == 204
		}
	},
	"known_browsers": func(k *keyHolder) func() bool {
		in := k.must(
			200,
			"",
			"POST",
			"/v1/auth/login",
			map[string]string{"email": k.email, "password": password, "code": k.app.codes[0]},
		)
		cookie := strings.Split(in.header.Values("Set-Cookie")[1], ";")[0]
		return func() bool {
			a := k.ask(
				"",
				"POST",
				"/v1/auth/login",
				map[string]string{"email": k.email, "password": password},
				"Cookie: "+cookie,
			)
			return a.text("code") == "second_factor_required"
		}
	},
	"login_challenges": func(k *keyHolder) func() bool {
		login := k.challenge(k.email)
		return func() bool { return k.meet(login, k.app.codes[1]).status == 200 }
	},
	"passkey_challenges": func(k *keyHolder) func() bool {
		login := k.challenge(k.email)
		shown := k.key.shown(k.ofLogin(login))
		return func() bool { return k.meetByKey(login, shown).status == 200 }
	},
	"recovery_codes": func(k *keyHolder) func() bool {
		body := map[string]string{"email": k.email, "password": password, "code": k.app.codes[2]}
		return func() bool { return k.ask("", "POST", "/v1/auth/login", body).status == 200 }
	},
	"factors": func(k *keyHolder) func() bool { // their passkey, in a session that stood
		shown := k.key.shown(challengeIn(k.must(200, k.token, "POST", "/v1/auth/fresh-factor/passkey", nil)))
		return func() bool {
			return k.ask(k.token, "POST", "/v1/auth/fresh-factor", map[string]any{"passkey": shown}).status == 200
		}
	},
}

// keptElsewhere are the other tables with a secret or a digest, and what tells what ends them.
var keptElsewhere = map[string]string{
	"sessions":       "TestWhatACredentialOpenedClosesWithItWhateverEndedIt",
	"webhook_tokens": "the gateway's: TestRow8OfADeletedClinicOnlyIdAndHashAreKeptForFourteenDaysThen401",
}

func TestEveryTableWithASecretIsARowOfTheEndings(t *testing.T) {
	w := newWorld(t)
	rows, err := w.owner.Query(t.Context(), `SELECT DISTINCT c.table_name::text FROM information_schema.columns c
		JOIN pg_class r ON r.oid = c.table_name::regclass AND NOT r.relispartition
		WHERE c.table_schema = 'public' AND c.column_name IN ('digest', 'secret', 'public_key')`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(tables), 7)
	for _, table := range tables {
		_, here := kept[table]
		if _, there := keptElsewhere[table]; !here && !there {
			t.Errorf("%s: nobody says what ends it", table)
		}
	}
}

// TestWhatAPersonHoldsOpensNothingOnceTheyMayNotEnter: with "nothing" the same questions are answered by an open door.
func TestWhatAPersonHoldsOpensNothingOnceTheyMayNotEnter(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*keyHolder){
		"nothing": nil,
		"no access any more": func(k *keyHolder) {
			k.must(200, k.other, "PATCH", k.path, map[string]any{"disabled": true}, "If-Match: *")
		},
		"the clinic's end": func(k *keyHolder) { k.endClinic(k.clinic) },
		"the clinic's end, if one of its people were let in again": func(k *keyHolder) {
			k.endClinic(k.clinic)
			k.exec(`UPDATE users SET disabled_at = NULL`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeyHolder(t)
			open := map[string]func() bool{}
			var tables []string
			for table := range kept {
				tables = append(tables, table)
			}
			slices.Sort(tables) // a passkey counts: what it shows later is asked for later
			for _, table := range tables {
				open[table] = kept[table](k)
			}
			if end != nil {
				end(k)
				k.later(5 * time.Second)
			}
			link := open["mailed_links"] // last: a password that is chosen anew ends the rest
			for _, table := range tables {
				if table != "mailed_links" {
					require.Equal(t, end == nil, open[table](), table)
				}
			}
			require.Equal(t, end == nil, link())
		})
	}
}
