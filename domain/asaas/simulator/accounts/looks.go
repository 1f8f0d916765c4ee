package accounts

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"patapay/domain/asaas"
)

// Looks say what ids, public addresses and dates of charges look like that are made from an instant on, as when a
// gateway changes them without a word. Half of the accounts have them. What is empty stays as it was.
type Looks struct {
	Since   time.Time `json:"since"`   // UTC; zero: at once
	ID      string    `json:"id"`      // "pay-{20}": {20} stands for twenty random letters and digits
	Address string    `json:"address"` // what public addresses begin with, in place of "https://www.asaas.com"
	Date    string    `json:"date"`    // how 2 January 2006 is written
}

var randomPart = regexp.MustCompile(`\{([1-9]\d?)\}`)

// Look decides what charges look like from an instant on. It fails for ids that would not differ from each other, and
// for a date that does not say its day.
func (w *World) Look(l Looks) error {
	part := randomPart.FindStringSubmatch(l.ID)
	if n := append(part, "", "")[1]; l.ID != "" && len(n) < 2 {
		return errors.New("an id needs a part of at least ten random letters, such as pay-{20}")
	}
	for _, day := range []string{"2006", "1", "2"} {
		if l.Date != "" && !strings.Contains(l.Date, day) {
			return errors.New("write the date as that of 2 January 2006 would be")
		}
	}
	w.Lock()
	defer w.Unlock()
	if l.Since.IsZero() {
		l.Since = w.Clock.Now()
	}
	w.looks = l
	return nil
}

// Looks returns what charges of the scene look like: nothing new before the instant, and in every second account.
func (v *Scene) Looks() Looks {
	l := v.World.looks
	if l.Since.IsZero() || v.Now.Before(l.Since) || !v.Books.Changes() {
		return Looks{}
	}
	return l
}

// Changes tells whether the account is of the half whose charges change their looks.
func (a *Books) Changes() bool { return hashOf(a.ID)/2%2 == 0 }

// id returns a fresh id.
func (l Looks) id(w *World) string {
	return randomPart.ReplaceAllStringFunc(l.ID, func(part string) string {
		n, _ := strconv.Atoi(part[1 : len(part)-1]) // of the expression
		return w.RandomID(anyAlnum, n)
	})
}

// date returns t as a date, null for none.
func (l Looks) date(t time.Time) any {
	if t.IsZero() || l.Date == "" {
		return Date(t)
	}
	return t.In(asaas.SaoPaulo).Format(l.Date)
}
