package accounts

import (
	"bytes"
	"testing"
	"time"
)

func TestCommercialDataAreMonthsFromTheirEndOnWhateverDayTheSimulatorRuns(t *testing.T) {
	var books Books
	day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for ; day.Year() < 2031; day = day.AddDate(0, 0, 1) {
		info := books.CommercialInfoExpiration(day)
		end, err := time.Parse(time.DateTime, info.Text("scheduledDate"))
		if err != nil || info.Get("isExpired") != false || end.Sub(day) < 120*24*time.Hour {
			t.Fatalf("on %s: %v, %v", day.Format(time.DateOnly), info, err)
		}
	}
}

func TestASwitchEndsCommercialDataAndTheParentAccountSeesIt(t *testing.T) {
	books := Books{Switches: Switches{CommercialEnds: "2026-12-01"}}
	now := time.Date(2026, 12, 2, 12, 0, 0, 0, time.UTC)
	if books.CommercialInfoExpiration(now).Get("isExpired") != true {
		t.Error("the day is over")
	}
	got, want := books.Card(now).Bytes(), books.CommercialInfoExpiration(now).Bytes()
	if !bytes.Contains(got, want) {
		t.Errorf("%s lacks %s", got, want)
	}
}
