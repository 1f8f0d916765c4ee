package tenants_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/payers"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// payerWorld is a world of clinics whose payers have names.
type payerWorld struct{ *world }

func (w payerWorld) in(t testing.TB, clinic domain.ClinicID, fn func(*tenants.Tx) error) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, fn))
}

// keep stores names, by id, and returns how many were news.
func (w payerWorld) keep(t testing.TB, clinic domain.ClinicID, names map[string]string) (fresh int) {
	t.Helper()
	var told []payers.Payer
	for id, name := range names {
		told = append(told, payers.Payer{ID: id, Name: name})
	}
	w.in(
		t,
		clinic,
		func(tx *tenants.Tx) (err error) { fresh, err = payers.KeepPayers(tx, w.vault, told, w.now); return err },
	)
	return fresh
}

// find returns the payers that what is typed means, at most three.
func (w payerWorld) find(t testing.TB, clinic domain.ClinicID, typed string) (ids []string, more bool) {
	t.Helper()
	w.in(t, clinic, func(tx *tenants.Tx) error {
		open, err := tx.Opener(w.vault)
		if err == nil {
			ids, more, err = payers.PayersNamed(tx, open, domain.SearchedName(typed), 3)
		}
		return err
	})
	return ids, more
}

// known returns what is known of payers.
func (w payerWorld) known(t testing.TB, clinic domain.ClinicID, ids ...string) (known map[string]payers.Payer) {
	t.Helper()
	w.in(t, clinic, func(tx *tenants.Tx) error {
		open, err := tx.Opener(w.vault)
		if err == nil {
			known, err = payers.Payers(tx, open, ids)
		}
		return err
	})
	return known
}

// pay stores and applies an event of a payment of each of these payers.
func (w payerWorld) pay(t testing.TB, clinic domain.ClinicID, ids ...string) {
	t.Helper()
	for _, id := range ids {
		w.deliver(
			t,
			clinic,
			edited(
				t, "payment_received_pix.real", "cus_000008622308", id, "pay_3h08j28ezvwv7s4h", "pay_of_"+id,
				"evt_d26e303b", "evt_"+id,
			),
		)
	}
	w.apply(t, clinic)
}

// payAgain stores and applies an event of another payment of a payer.
func (w payerWorld) payAgain(t testing.TB, clinic domain.ClinicID, payer, payment string) {
	t.Helper()
	w.deliver(t, clinic, edited(t, "payment_received_pix.real", "cus_000008622308", payer, "pay_3h08j28ezvwv7s4h",
		payment, "evt_d26e303b", "evt_"+payment))
	w.apply(t, clinic)
}

// compare asks for names as a comparison does, for at most so many.
func (w payerWorld) compare(t testing.TB, clinic domain.ClinicID, most int) {
	t.Helper()
	w.in(t, clinic, func(tx *tenants.Tx) error { return payers.RequestNames(tx, w.vault, most, w.now) })
}

// asked returns the payers whose names are asked for.
func (w payerWorld) asked(t *testing.T, clinic domain.ClinicID) []string {
	t.Helper()
	return column(t, w.all, `SELECT asaas_id FROM payers WHERE clinic_id = $1 AND due_at < 'infinity' ORDER BY 1`, clinic)
}

// forget makes the clinic one of an older program, which knew these payers and did not ask for them.
func (w payerWorld) forget(t testing.TB, clinic domain.ClinicID) {
	t.Helper()
	for _, table := range []string{"payers", "payer_lists"} {
		_, err := w.all.Exec(t.Context(), `DELETE FROM `+table+` WHERE clinic_id = $1`, clinic)
		require.NoError(t, err)
	}
}

func (w payerWorld) take(t testing.TB, clinic domain.ClinicID) (ids []string) {
	t.Helper()
	w.in(t, clinic, func(tx *tenants.Tx) (err error) { ids, err = payers.TakePayers(tx, w.now, 2); return err })
	return ids
}

func TestAPayerIsFoundByTheWordsOfTheNameInTheOwnClinicAlone(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida, sorriso := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	found, _ := w.find(t, vida, "maria")
	require.Empty(t, found, "before any name is known")
	w.keep(
		t,
		vida,
		map[string]string{
			"cus_1": "Maria da Silva",
			"cus_2": "Mário D'Ávila",
			"cus_3": "Ana Silva",
			"cus_4": "Mariana Souza",
		},
	)
	w.keep(t, sorriso, map[string]string{"cus_9": "Maria da Silva"})
	for typed, want := range map[string]string{
		"maria": "cus_1 cus_4", "silva": "cus_1 cus_3", "SILVA, mar": "cus_1", "davila": "cus_2",
		"ávila": "cus_2", "Maria de Souza": "cus_4", "Mário de Souza": "", "xyz": "", "": "", "ma": "",
	} {
		found, more := w.find(t, vida, typed)
		require.Equal(t, want, strings.Join(found, " "), "%q", typed)
		require.False(t, more)
	}
	found, more := w.find(t, vida, "mar")
	require.Len(t, found, 3)
	require.False(t, more)
	w.keep(t, vida, map[string]string{"cus_5": "Marcos"})
	found, more = w.find(t, vida, "mar")
	require.Len(t, found, 3, "not more than asked for")
	require.True(t, more)
	found, _ = w.find(t, sorriso, "maria")
	require.Equal(t, []string{"cus_9"}, found)
	var shared int
	require.NoError(
		t,
		w.all.QueryRow(
			t.Context(),
			`SELECT count(*) FROM payer_words a JOIN payer_words b ON a.word = b.word AND a.clinic_id < b.clinic_id`,
		).Scan(&shared),
	)
	require.Zero(t, shared, "equal names of two clinics look alike")
}

func TestANameThatChangedIsFoundByItsNewWordsAlone(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	require.Equal(t, 1, w.keep(t, vida, map[string]string{"cus_1": "Ana Souza"}))
	require.Equal(t, 0, w.keep(t, vida, map[string]string{"cus_1": "  Ana   Souza "}), "the same name again")
	require.Equal(t, 1, w.keep(t, vida, map[string]string{"cus_1": "Ana Prado"}))
	found, _ := w.find(t, vida, "souza")
	require.Empty(t, found)
	found, _ = w.find(t, vida, "prado ana")
	require.Equal(t, []string{"cus_1"}, found)
	require.Equal(t, payers.Payer{ID: "cus_1", Name: "Ana Prado", Version: 2}, w.known(t, vida, "cus_1")["cus_1"])
	require.Equal(t, 0, w.keep(t, vida, map[string]string{"cus_1": ""}))
	found, _ = w.find(t, vida, "ana")
	require.Equal(t, []string{"cus_1"}, found, "whom the gateway tells nothing of any more")
}

func TestANameLiesSealedAndGoesWithTheClinicsKey(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	w.keep(t, vida, map[string]string{"cus_1": "Quitéria Xavier"})
	var dump strings.Builder // every row of every table, bytea in hex
	for _, table := range column(t, w.all, tables) {
		dump.WriteString(strings.Join(column(t, w.all, `SELECT t::text FROM `+table+` t`), "\n"))
	}
	require.Contains(t, dump.String(), "cus_1", "the dump has the payer")
	for _, part := range []string{"quit", "xavier", "51756974", "586176696572"} {
		require.NotContains(t, strings.ToLower(dump.String()), part)
	}
	w.in(t, vida, func(tx *tenants.Tx) error { return tx.DestroyKeys() })
	err := w.api.In(t.Context(), vida, func(tx *tenants.Tx) error {
		open, err := tx.Opener(w.vault)
		require.NoError(t, err)
		_, err = payers.Payers(tx, open, []string{"cus_1"})
		require.Error(t, err, "the name opens without the key")
		_, _, err = payers.PayersNamed(tx, open, []string{"xavier"}, 3)
		return err
	})
	require.Equal(t, domain.Unavailable, domain.CodeOf(err), "what it is found by does too")
}

func TestAPayerIsReadOnceAndAgainAfterAComparisonThatFindsTheNameOld(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	w.pay(t, vida, "cus_3", "cus_1", "cus_2")
	require.Equal(t, []string{"cus_1", "cus_2", "cus_3"}, w.asked(t, vida))
	require.ElementsMatch(t, []string{"cus_1", "cus_2"}, w.take(t, vida))
	require.Equal(t, []string{"cus_3"}, w.take(t, vida), "what another took")
	w.compare(t, vida, 10)
	require.Empty(t, w.take(t, vida), "a comparison that looked before they were read, or taken")
	w.keep(t, vida, map[string]string{"cus_1": "Ana", "cus_2": ""})
	w.now = w.now.Add(2 * time.Minute)
	require.Equal(t, []string{"cus_3"}, w.take(t, vida), "whose reader died")
	w.keep(t, vida, map[string]string{"cus_3": "Rui"})
	w.now = w.now.Add(6 * 24 * time.Hour)
	w.compare(t, vida, 10)
	require.Empty(t, w.asked(t, vida), "read lately, and one that has no name")
	w.now = w.now.Add(2 * 24 * time.Hour)
	w.keep(t, vida, map[string]string{"cus_2": ""})
	w.compare(t, vida, 10)
	require.Equal(t, []string{"cus_1", "cus_3"}, w.asked(t, vida))
	require.Equal(t, "Ana", w.known(t, vida, "cus_1")["cus_1"].Name, "shown meanwhile")
}

func TestApplyAsksForANameWhenAnInvoiceOrACheckoutGetsItsPayer(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida, sorriso := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	w.pay(t, vida, "cus_1")
	w.deliver(t, vida, edited(t, "checkout_paid_recurrent.made", "cus_000008392498", "cus_2"))
	w.apply(t, vida)
	require.Equal(t, []string{"cus_1", "cus_2"}, w.asked(t, vida))
	require.Empty(t, w.asked(t, sorriso))
	w.keep(t, vida, map[string]string{"cus_1": "Ana", "cus_2": "Rui"})
	again := func(n, customer string) {
		w.deliver(
			t,
			vida,
			edited(t, "payment_received_pix.real", "cus_000008622308", customer, "pay_3h08j28ezvwv7s4h", "pay_of_cus_1",
				"&17877802", "&1787780"+n, "20:54:57", "21:0"+n+":57", "REF-0002", "REF-"+n),
		)
		w.apply(t, vida)
	}
	again("3", "cus_1")
	require.Empty(t, w.asked(t, vida), "known already")
	_, err := w.all.Exec(t.Context(), `DELETE FROM payers WHERE clinic_id = $1`, vida)
	require.NoError(t, err)
	again("4", "cus_1")
	require.Empty(t, w.asked(t, vida), "an invoice whose payer stays asks nothing: no statement is spent on it")
	again("5", "cus_3")
	require.Equal(t, []string{"cus_3"}, w.asked(t, vida), "another one pays")
}

func TestAComparisonAsksForThePayersThatAnOlderProgramStored(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	w.connected(t, vida)
	w.pay(t, vida, "cus_1", "cus_2", "cus_3")
	w.deliver(t, vida, edited(t, "checkout_paid_recurrent.made", "cus_000008392498", "cus_4"))
	w.apply(t, vida)
	w.forget(t, vida)
	w.compare(t, vida, 3)
	require.Equal(t, []string{"cus_1", "cus_2", "cus_3"}, w.asked(t, vida), "no more than it may")
	w.compare(t, vida, 3)
	require.Equal(
		t,
		[]string{"cus_1", "cus_2", "cus_3", "cus_4"},
		w.asked(t, vida),
		"the rest, and whose turn has come keeps it",
	)
	due, err := payers.PayersDue(w.api, t.Context(), w.now, 10)
	require.NoError(t, err)
	require.Equal(t, []domain.ClinicID{vida}, due)
	w.keep(t, vida, map[string]string{"cus_1": "Ana", "cus_2": "Rui", "cus_3": "Eva"})
	w.now = w.now.Add(8 * 24 * time.Hour)
	w.keep(t, vida, map[string]string{"cus_2": "Rui"})
	w.compare(t, vida, 1)
	require.Equal(t, []string{"cus_1", "cus_4"}, w.asked(t, vida), "the oldest name first")
}

func TestAClinicHasItsNameIndexFromTheBeginningAndAnOldOneFromApplyOn(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	indexKey := func() string {
		return strings.Join(
			column(t, w.all, `SELECT encode(word_key, 'hex') FROM payer_lists WHERE clinic_id = $1`, vida),
			" ",
		)
	}
	made := indexKey()
	require.NotEmpty(t, made)
	w.pay(t, vida, "cus_1")
	w.keep(t, vida, map[string]string{"cus_1": "Ana Prado"})
	require.Equal(t, made, indexKey(), "one for ever")
	w.forget(t, vida)
	w.pay(t, vida, "cus_2")
	made = indexKey()
	require.NotEmpty(t, made)
	w.keep(t, vida, map[string]string{"cus_2": "Rui Prado"})
	w.pay(t, vida, "cus_3")
	require.Equal(t, made, indexKey())
	found, _ := w.find(t, vida, "rui")
	require.Equal(t, []string{"cus_2"}, found)
}

func TestARefusalPutsOffAClinicsReadsLongerEachTimeAndANewKeyEndsIt(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	w.connected(t, vida)
	due := func() int {
		list, err := payers.PayersDue(w.api, t.Context(), w.now, 10)
		require.NoError(t, err)
		return len(list)
	}
	refuse := func(atLeast time.Duration) {
		w.in(t, vida, func(tx *tenants.Tx) error { return payers.PayersRefused(tx, atLeast, w.now) })
	}
	require.Zero(t, due())
	w.pay(t, vida, "cus_1")
	require.Equal(t, 1, due())
	refuse(0)
	require.Zero(t, due())
	w.pay(t, vida, "cus_2")
	require.Zero(t, due(), "a further payer does not end the pause")
	w.compare(t, vida, 10)
	require.Zero(t, due(), "nor does a comparison")
	require.Empty(t, w.take(t, vida))
	w.now = w.now.Add(5 * time.Second)
	require.Equal(t, 1, due())
	refuse(0)
	w.now = w.now.Add(5 * time.Second)
	require.Zero(t, due(), "twice as long")
	refuse(5 * time.Hour)
	w.now = w.now.Add(4 * time.Hour)
	require.Zero(t, due(), "as long as was asked for")
	w.in(t, vida, func(tx *tenants.Tx) error { return payers.PayersAgain(tx) })
	require.Equal(t, 1, due())
	require.Len(t, w.take(t, vida), 2)
	w.keep(t, vida, map[string]string{"cus_1": "Ana", "cus_2": "Rui"})
	w.in(t, vida, func(tx *tenants.Tx) error { return payers.PayersRead(tx, w.now) })
	require.Zero(t, due(), "nothing is left to be read")
}

func TestAPayerThatIsAskedForWhileOthersEndIsNotOverlooked(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	vida := w.clinic(t, "Vida", "acc-1")
	w.connected(t, vida)
	w.pay(t, vida, "cus_1", "cus_2")
	w.forget(t, vida)
	w.keep(t, vida, map[string]string{"cus_1": "Ana"})
	ended := make(chan error)
	w.in(t, vida, func(tx *tenants.Tx) error {
		if err := payers.RequestNames(tx, w.vault, 10, w.now); err != nil {
			return err
		}
		go func() {
			ended <- w.api.In(context.Background(), vida, func(tx *tenants.Tx) error { return payers.PayersRead(tx, w.now) })
		}()
		tenantstest.Eventually(t, 10*time.Second, "the end of the others waits", func() (waits bool) {
			err := w.all.QueryRow(
				t.Context(),
				`SELECT EXISTS (SELECT FROM pg_stat_activity
				  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%payer_lists%')`,
			).Scan(&waits)
			return err == nil && waits
		})
		return nil
	})
	require.NoError(t, <-ended)
	due, err := payers.PayersDue(w.api, t.Context(), w.now, 10)
	require.NoError(t, err)
	require.Equal(t, []domain.ClinicID{vida}, due)
}

// connected gives the clinic a key, so that the gateway can be asked.
func (w payerWorld) connected(t testing.TB, clinic domain.ClinicID) {
	t.Helper()
	w.in(t, clinic, func(tx *tenants.Tx) error {
		c, err := connection.Load(tx)
		if err != nil {
			return err
		}
		return connection.Save(tx, c, vault.NewSecret("$aact_hmlg_key"), w.vault, w.now)
	})
}

func TestThePayerOfAnInvoiceIsAskedForOnceAndTheNextOneCostsNoStatement(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	clinic := w.clinic(t, "Vida", "acc-1")
	wire := w.tapped(t)
	statements := func(payer, payment string) int {
		wire.Reset()
		w.payAgain(t, clinic, payer, payment)
		counts, _ := wire.Reset()
		return counts.Statements()
	}
	statements("cus_1", "pay_1")
	known, another := statements("cus_1", "pay_2"), statements("cus_2", "pay_3")
	require.Equal(t, another-1, known)
	require.Equal(t, known, statements("cus_2", "pay_4"), "who is asked for is known as well")
	require.Equal(t, []string{"cus_1", "cus_2"}, w.asked(t, clinic))
}

func TestAPayerWhoseRequestWasRolledBackIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := payerWorld{newWorld(t)}
	clinic := w.clinic(t, "Vida", "acc-1")
	_, err := w.all.Exec(t.Context(), `
		CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
		CREATE TRIGGER break BEFORE INSERT ON changes FOR EACH ROW EXECUTE FUNCTION break()`)
	require.NoError(t, err)
	w.payAgain(t, clinic, "cus_1", "pay_1")
	require.Empty(t, w.asked(t, clinic))
	_, err = w.all.Exec(t.Context(), `DROP TRIGGER break ON changes`)
	require.NoError(t, err)
	w.payAgain(t, clinic, "cus_1", "pay_2")
	require.Equal(t, []string{"cus_1"}, w.asked(t, clinic))
}
