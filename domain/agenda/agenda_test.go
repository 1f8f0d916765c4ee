package agenda_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/domain/asaas"
)

// now is noon in São Paulo.
var now = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

func some(m domain.Money) domain.Opt[domain.Money] { return domain.Some(m) }

func ago(days int) time.Time { return now.AddDate(0, 0, -days) }

// key is one that is used and has no end, so that it says nothing.
func key() agenda.Key { return agenda.Key{SetAt: ago(200), UsedAt: now} }

// facts has, for each kind, the facts that make one entry of it, and what that says.
var facts = []struct {
	put  func(*agenda.Facts)
	want agenda.Deadline
}{
	{
		func(f *agenda.Facts) {
			f.Disputes = []agenda.Dispute{{Payment: "pay_1", Since: "2026-11-18", Deadline: "2026-11-28", Value: some(25000)}}
		},
		agenda.Deadline{
			Kind:    agenda.DisputeDeadline,
			Subject: "pay_1",
			Since:   utc("2026-11-18 03:00"),
			Due:     utc("2026-11-29 02:59"),
			Amount:  some(25000),
			Action:  agenda.ActionAnswerDispute,
			Ends:    agenda.EndsDocuments,
		},
	},
	{
		func(f *agenda.Facts) { f.Disputes = []agenda.Dispute{{Payment: "pay_2", Value: some(100)}} },
		agenda.Deadline{
			Kind:    agenda.DisputeDocuments,
			Subject: "pay_2",
			Amount:  some(100),
			Action:  agenda.ActionAnswerDispute,
			Ends:    agenda.EndsDocuments,
		},
	},
	{
		func(f *agenda.Facts) { f.LossAt, f.PausedAt = now.Add(99*time.Hour), ago(10) },
		agenda.Deadline{
			Kind:   agenda.EventsLoss,
			Since:  ago(10),
			Due:    now.Add(99 * time.Hour),
			Action: agenda.ActionReactivate,
			Ends:   agenda.EndsResumed,
		},
	},
	{
		func(f *agenda.Facts) { f.Key.ExpiresOn = "2026-12-20" },
		agenda.Deadline{
			Kind:   agenda.KeyExpiry,
			Since:  utc("2026-11-20 03:00"),
			Due:    utc("2026-12-21 02:59"),
			Action: agenda.ActionReplaceKey,
			Ends:   agenda.EndsKey,
		},
	},
	{
		func(f *agenda.Facts) { f.Key.UsedAt = ago(60) },
		agenda.Deadline{
			Kind:   agenda.KeyUnused,
			Since:  ago(60),
			Due:    utc("2026-12-21 02:59"),
			Action: agenda.ActionSeeHealth,
			Ends:   agenda.EndsUsed,
		},
	},
	{
		func(f *agenda.Facts) { f.Key.CommercialEnds = "2026-12-01" },
		agenda.Deadline{
			Kind: agenda.CommercialData, Since: utc("2026-11-01 03:00"), Due: utc("2026-12-02 02:59"),
			Action: agenda.ActionCommercialData, Ends: agenda.EndsConfirmed,
		},
	},
	{
		func(f *agenda.Facts) {
			f.Available = some(400)
			f.Advances = []agenda.Advance{
				{ID: "ant_1", Status: domain.AnticipationCredited, Since: ago(20), Due: "2026-11-27", Value: some(1000)},
			}
		},
		agenda.Deadline{
			Kind: agenda.AdvanceUncovered, Subject: "ant_1", Since: ago(20), Due: utc("2026-11-28 02:59"), Amount: some(600),
			Action: agenda.ActionAddBalance, Ends: agenda.EndsCovered,
		},
	},
	{
		func(f *agenda.Facts) {
			f.Advances = []agenda.Advance{
				{ID: "ant_2", Status: domain.AnticipationOverdue, Since: ago(1), Due: "2026-11-19", Value: some(700)},
			}
		},
		agenda.Deadline{
			Kind: agenda.AdvanceOverdue, Subject: "ant_2", Since: ago(1), Due: utc("2026-11-20 02:59"), Amount: some(700),
			Action: agenda.ActionAddBalance, Ends: agenda.EndsDebited,
		},
	},
	{
		func(f *agenda.Facts) {
			f.Advances = []agenda.Advance{{ID: "ant_3", Status: domain.AnticipationDenied, Since: ago(6), Value: some(300)}}
		},
		agenda.Deadline{
			Kind:    agenda.AdvanceDenied,
			Subject: "ant_3",
			Since:   ago(6),
			Amount:  some(300),
			Action:  agenda.ActionSeeAdvance,
			Ends:    agenda.EndsAnticipated,
		},
	},
	{
		func(f *agenda.Facts) { f.WorkItems = []agenda.WorkItem{{ID: "wki_1", Opened: ago(7), Amount: -900}} },
		agenda.Deadline{
			Kind:    agenda.WorkItemOld,
			Subject: "wki_1",
			Since:   ago(7),
			Due:     now,
			Amount:  some(900),
			Action:  agenda.ActionDecide,
			Ends:    agenda.EndsDecided,
		},
	},
	{
		func(f *agenda.Facts) { f.Refusals = []agenda.Pile{{Day: "2026-11-14", Count: 3, Sum: 4500}} },
		agenda.Deadline{
			Kind: agenda.CardRefused, Subject: "2026-11-14", Since: utc("2026-11-14 03:00"), Amount: some(4500), Count: 3,
			Action: agenda.ActionSeePayments, Ends: agenda.EndsPaid,
		},
	},
	{
		func(f *agenda.Facts) { f.Boletos = []agenda.Pile{{Day: "2026-11-22", Count: 2, Sum: 800}} },
		agenda.Deadline{
			Kind: agenda.BoletoExpiring, Subject: "2026-11-22", Since: utc("2026-11-20 03:00"), Due: utc("2026-11-23 02:59"),
			Amount: some(800), Count: 2, Action: agenda.ActionSeePayments, Ends: agenda.EndsPaid,
		},
	},
}

func utc(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestEachFactAloneMakesItsEntryAndNoOther(t *testing.T) {
	kinds := map[agenda.Kind]bool{}
	for _, c := range facts {
		f := agenda.Facts{Now: now, Key: key()}
		require.Empty(t, f.List())
		c.put(&f)
		c.want.Actor, c.want.Count = agenda.Clinic, max(c.want.Count, 1)
		list := f.List()
		require.Len(t, list, 1, c.want.Kind)
		require.True(t, c.want.Same(list[0]), "%+v\n%+v", c.want, list[0])
		kinds[c.want.Kind] = true
	}
	require.Len(t, kinds, len(agenda.Kind("").Values()), "every kind has a row")
}

func TestAnEntryIsTheFirstDayAndNotTheDayBefore(t *testing.T) {
	for name, c := range map[string]func(*agenda.Facts){
		"a key's end is told 30 days before": func(f *agenda.Facts) { f.Key.ExpiresOn = "2026-12-21" },
		"an unused key after 60 days":        func(f *agenda.Facts) { f.Key.UsedAt = ago(59) },
		"commercial data 30 days before":     func(f *agenda.Facts) { f.Key.CommercialEnds = "2026-12-21" },
		"an item after seven days": func(f *agenda.Facts) {
			f.WorkItems = []agenda.WorkItem{{Opened: ago(7).Add(time.Second)}}
		},
		"a boleto two days before":     func(f *agenda.Facts) { f.Boletos = []agenda.Pile{{"2026-11-23", 1, 1}} },
		"and not when its day is over": func(f *agenda.Facts) { f.Boletos = []agenda.Pile{{"2026-11-19", 1, 1}} },
		"a refusal for seven days":     func(f *agenda.Facts) { f.Refusals = []agenda.Pile{{"2026-11-13", 1, 1}} },
		"a balance that nobody knows":  func(f *agenda.Facts) { f.Advances = credited("2026-11-21", 1) },
		"an advance that is due later": func(f *agenda.Facts) {
			f.Advances, f.Available = credited("2026-11-28", 1), some(0)
		},
		"an advance that the balance covers": func(f *agenda.Facts) {
			f.Advances, f.Available = credited("2026-11-21", 5), some(5)
		},
		"a denied one that was taken again": func(f *agenda.Facts) { f.Advances = deniedOne(1, true) },
		"a denied one for seven days":       func(f *agenda.Facts) { f.Advances = deniedOne(7, false) },
		"without a key its days say nothing": func(f *agenda.Facts) {
			f.Key = agenda.Key{ExpiresOn: "2026-11-21", CommercialExpired: true}
		},
		"a key that was saved and never asked": func(f *agenda.Facts) { f.Key = agenda.Key{SetAt: ago(59)} },
	} {
		f := agenda.Facts{Now: now, Key: key()}
		c(&f)
		require.Empty(t, f.List(), name)
	}
}

func credited(due domain.Day, value domain.Money) []agenda.Advance {
	return []agenda.Advance{{ID: "ant", Status: domain.AnticipationCredited, Due: due, Value: some(value)}}
}

func deniedOne(days int, again bool) []agenda.Advance {
	return []agenda.Advance{{ID: "ant", Status: domain.AnticipationDenied, Since: ago(days), Again: again}}
}

func TestADisputeWhoseLastDayIsOverIsAsaasToDecide(t *testing.T) {
	f := agenda.Facts{Now: utc("2026-11-21 02:59"), Disputes: []agenda.Dispute{{Payment: "pay_1", Deadline: "2026-11-20"}}}
	require.Equal(t, agenda.Clinic, f.List()[0].Actor, "the last minute")
	require.Equal(t, utc("2026-11-21 03:00"), f.Next())
	f.Now = f.Next()
	require.Equal(t, agenda.Asaas, f.List()[0].Actor)
	require.Equal(t, agenda.ActionWait, f.List()[0].Action)
}

func TestTheBalancePaysTheFirstAdvanceFirst(t *testing.T) {
	f := agenda.Facts{Now: now, Available: some(1200), Advances: []agenda.Advance{
		{ID: "b", Status: domain.AnticipationCredited, Due: "2026-11-23", Value: some(1000)},
		{ID: "a", Status: domain.AnticipationCredited, Due: "2026-11-22", Value: some(500)},
		{ID: "c", Status: domain.AnticipationCredited, Due: "2026-11-24", Value: some(70)},
	}}
	list := f.List()
	require.Len(t, list, 2)
	require.Equal(
		t,
		[]any{"b", some(300), "c", some(70)},
		[]any{list[0].Subject, list[0].Amount, list[1].Subject, list[1].Amount},
	)
}

// random returns facts of every sort, some of which make entries.
func random(r *rand.Rand) (f agenda.Facts) {
	f = agenda.Facts{
		Now:       now.Add(time.Duration(r.IntN(96)) * time.Hour),
		Key:       key(),
		Available: some(domain.Money(r.IntN(4000))),
	}
	day := func() domain.Day { return asaas.DayOf(f.Now.AddDate(0, 0, r.IntN(20)-10)) }
	statuses := []domain.AnticipationStatus{
		domain.AnticipationDenied,
		domain.AnticipationOverdue,
		domain.AnticipationCredited,
	}
	for n := range r.IntN(4) {
		id := string(rune('a' + n))
		at := f.Now.Add(-time.Duration(r.IntN(14*24)) * time.Hour)
		f.Disputes = append(
			f.Disputes,
			agenda.Dispute{Payment: id, Deadline: []domain.Day{"", day()}[r.IntN(2)], Value: some(5)},
		)
		f.Advances = append(
			f.Advances,
			agenda.Advance{ID: id, Status: statuses[r.IntN(3)], Since: at, Due: day(), Value: some(domain.Money(r.IntN(2000)))},
		)
		f.WorkItems = append(f.WorkItems, agenda.WorkItem{ID: id, Opened: at, Amount: domain.Money(r.IntN(9) - 4)})
		f.Refusals = append(f.Refusals, agenda.Pile{Day: asaas.DayOf(f.Now.AddDate(0, 0, -3*n)), Count: 1 + n, Sum: 7})
		f.Boletos = append(f.Boletos, agenda.Pile{Day: asaas.DayOf(f.Now.AddDate(0, 0, n-1)), Count: 1 + n, Sum: 9})
	}
	f.Key.ExpiresOn, f.Key.CommercialEnds = day(), day()
	if r.IntN(2) == 0 {
		f.LossAt = f.Now.Add(time.Duration(r.IntN(40)-5) * time.Hour)
	}
	return f
}

func TestTheAgendaIsAFunctionOfTheFactsAndTotallyOrdered(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := random(r)
		list := f.List()
		for i := 1; i < len(list); i++ {
			require.Negative(t, agenda.Compare(list[i-1], list[i]), "seed %d: %+v %+v", seed, list[i-1], list[i])
		}
		shuffle(r, f.Disputes)
		shuffle(r, f.Advances)
		shuffle(r, f.WorkItems)
		shuffle(r, f.Refusals)
		shuffle(r, f.Boletos)
		require.Equal(t, list, f.List(), "seed %d: the order in which facts are read says nothing", seed)
		for _, d := range list {
			require.Contains(t, agenda.Action("").Values(), d.Action)
			require.Contains(t, agenda.Ending("").Values(), d.Ends)
			require.Contains(t, agenda.Actor("").Values(), d.Actor)
		}
		last := f.Next().Add(-time.Second)
		require.True(t, f.Next().After(f.Now), "seed %d", seed)
		f.Now = f.Now.Add(time.Duration(r.Int64N(int64(last.Sub(f.Now)) + 1)))
		require.Equal(t, list, f.List(), "seed %d: until Next time alone changes nothing", seed)
	}
}

func shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func TestAnEntryEndsWhenItsFactIsGone(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		f := random(r)
		whole := f.List()
		if len(f.Disputes) == 0 {
			continue
		}
		gone := r.IntN(len(f.Disputes))
		id := f.Disputes[gone].Payment
		f.Disputes = slices.Delete(f.Disputes, gone, gone+1)
		f.WorkItems = slices.DeleteFunc(f.WorkItems, func(w agenda.WorkItem) bool { return w.ID == id })
		f.Refusals, f.Boletos, f.LossAt, f.Key = nil, nil, time.Time{}, key()
		want := slices.DeleteFunc(whole, func(d agenda.Deadline) bool {
			switch d.Kind {
			case agenda.DisputeDeadline, agenda.DisputeDocuments, agenda.WorkItemOld:
				return d.Subject == id
			case agenda.AdvanceDenied, agenda.AdvanceOverdue, agenda.AdvanceUncovered:
				return false
			}
			return true
		})
		require.Equal(t, append([]agenda.Deadline{}, want...), append([]agenda.Deadline{}, f.List()...), "seed %d", seed)
	}
}
