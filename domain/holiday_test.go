package domain

import "testing"

func TestBanksAreClosedOnWeekendsAndNationalHolidays(t *testing.T) {
	for day, want := range map[Day]bool{
		"2026-11-20": false, "2023-11-20": true, // a Monday, before the law of 2023
		"2026-11-21": false, "2026-11-22": false, "2026-11-23": true, // a weekend
		"2026-02-16": false, "2026-02-17": false, "2026-02-18": true, // Carnival, Ash Wednesday
		"2026-04-03": false, "2026-06-04": false, "2027-03-26": false, "2024-05-30": false, // Good Friday, Corpus Christi
		"2026-01-01": false, "2026-04-21": false, "2026-05-01": false, "2026-09-07": false, "2026-10-12": false, "2026-11-02": false, "2027-11-15": false, "2026-12-25": false,
		"2026-07-09": true, // of a state only
		"":           false, "2026-13-01": false,
	} {
		if got := day.BankDay(); got != want {
			t.Errorf("%s: bank day %v, want %v", day, got, want)
		}
	}
}
