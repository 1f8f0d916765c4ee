package domain

import (
	"fmt"
	"testing"
)

func TestBanksAreClosedOnWeekendsAndNationalHolidays(t *testing.T) {
	for day, want := range map[Day]bool{
		"2026-11-20": false, "2023-11-20": true, // a Monday, before the law of 2023
		"2026-11-21": false, "2026-11-22": false, "2026-11-23": true, // a weekend
		"2026-02-16": false, "2026-02-17": false, "2026-02-18": true, // Carnival, Ash Wednesday
		"2026-04-03": false, "2026-06-04": false, "2027-03-26": false, "2024-05-30": false, // Good Friday, Corpus Christi
		"2026-01-01": false, "2026-04-21": false, "2026-05-01": false, "2026-09-07": false,
		"2026-10-12": false, "2026-11-02": false, "2027-11-15": false, "2026-12-25": false,
		"2026-07-09": true, // of a state only
		"":           false, "2026-13-01": false,
	} {
		if got := day.BankDay(); got != want {
			t.Errorf("%s: bank day %v, want %v", day, got, want)
		}
	}
}

// 31 December was counted as a bank day; on the year's last weekday nothing is cleared.
func TestTheYearsLastWeekdayIsNoBankDay(t *testing.T) {
	for day, want := range map[Day]bool{
		"2026-12-31": false, "2026-12-30": true, // a Thursday
		"2027-12-31": false,                     // a Friday
		"2028-12-29": false, "2028-12-28": true, // the 31st is a Sunday
		"2023-12-29": false, "2022-12-30": false, // the 31st a Sunday, a Saturday
		"2027-01-04": true,
	} {
		if got := day.BankDay(); got != want {
			t.Errorf("%s: bank day %v, want %v", day, got, want)
		}
	}
	for year := 2020; year < 2060; year++ {
		closed := 0
		for d := 25; d <= 31; d++ {
			if !Day(fmt.Sprintf("%d-12-%d", year, d)).BankDay() {
				closed++
			}
		}
		if closed < 3 || closed > 4 { // a weekend, Christmas, the last weekday
			t.Errorf("%d: %d days without banks in Christmas week", year, closed)
		}
	}
}
