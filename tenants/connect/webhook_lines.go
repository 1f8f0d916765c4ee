package connect

import (
	"slices"
	"strconv"
	"strings"

	"patapay/tenants/asaasapi"
)

// Line is one setting of our webhook: what it is to be and what the gateway says it is.
type Line struct {
	Field   string // the gateway's word
	Wanted  string
	Got     string
	OK      bool
	Missing []string // events that are not chosen
}

// fixed are the lines that an ensure does not put right: no PUT changes an e-mail, and it is not
// worth a new configuration, which loses what waits in the old one's queue.
var fixed = []string{"email"}

// Lines compares a configuration with the wanted one, in the panel's order. More events
// than wanted are fine: the door keeps what it does not know.
func (s SetUp) Lines(w asaasapi.Webhook) []Line {
	var missing []string
	for _, event := range s.Events {
		if !slices.Contains(w.Events, event) {
			missing = append(missing, event)
		}
	}
	token := "não informado"
	if w.HasAuthToken != nil {
		token = yesNo(*w.HasAuthToken)
	}
	version := s.APIVersion
	if outdated(w) {
		version = "v" + strconv.Itoa(w.APIVersion)
	}
	return []Line{
		{Field: "name", Wanted: s.Name, Got: w.Name, OK: w.Name == s.Name},
		{Field: "url", Wanted: s.URL, Got: w.URL, OK: w.URL == s.URL},
		{Field: "email", Wanted: s.Email, Got: w.Email, OK: strings.EqualFold(w.Email, s.Email)},
		{Field: "apiVersion", Wanted: s.APIVersion, Got: version, OK: !outdated(w)},
		{Field: "authToken", Wanted: yesNo(true), Got: token, OK: w.HasAuthToken == nil || *w.HasAuthToken},
		{Field: "interrupted", Wanted: yesNo(false), Got: yesNo(w.Interrupted), OK: !w.Interrupted},
		{Field: "enabled", Wanted: yesNo(true), Got: yesNo(w.Enabled), OK: w.Enabled},
		{Field: "sendType", Wanted: s.SendType, Got: w.SendType, OK: w.SendType == s.SendType},
		{
			Field:   "events",
			Wanted:  strconv.Itoa(len(s.Events)),
			Got:     strconv.Itoa(len(s.Events) - len(missing)),
			OK:      missing == nil,
			Missing: missing,
		},
	}
}

func yesNo(b bool) string {
	if b {
		return "sim"
	}
	return "não"
}

// repaired tells whether every line that an ensure puts right is as wanted.
func repaired(lines []Line) bool {
	return !slices.ContainsFunc(lines, func(l Line) bool { return !l.OK && !slices.Contains(fixed, l.Field) })
}

// union returns what is wanted, and what somebody chose beside it.
func union(wanted, chosen []string) []string {
	all := slices.Concat(wanted, chosen)
	slices.Sort(all)
	return slices.Compact(all)
}
