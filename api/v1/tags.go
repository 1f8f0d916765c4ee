package v1

import "github.com/danielgtaylor/huma/v2"

// servers tells a client made from the document where to ask: the address that it read the document from.
var servers = []*huma.Server{{URL: "/", Description: "Where this document was read from."}}

// tags say what each group of operations is for, in the order in which somebody meets them who connects a system.
var tags = []*huma.Tag{
	{Name: "Tenants", Description: "Clinics, one tenant each: made, changed, suspended and deleted by the platform."},
	{Name: "Connection", Description: "A clinic's connection to Asaas: its key, webhook, checks, repairs and long work."},
	{Name: "Invoices", Description: "Payments as Asaas tells of them: their state, sums, history and ledger."},
	{Name: "Checkouts", Description: "Payment pages, and what was paid on them."},
	{Name: "Anticipations", Description: "Receivables that Asaas paid out early, what that cost, and what is still owed."},
	{Name: "Ledger", Description: "Double-entry bookings of every centavo, the comparison with Asaas's statement, and work items: " +
		"money that a person must look at."},
	{Name: "Feed", Description: "Every change in the order of its commit, behind a cursor: what billing follows."},
	{Name: "Endpoints", Description: "Addresses that the feed's entries are pushed to, signed by Standard Webhooks."},
	{Name: "Events", Description: "Deliveries of Asaas and our own reads, with what became of each; replays."},
	{Name: "Agenda", Description: "What a clinic must not miss, each with its day, amount and the one thing to do."},
	{Name: "Alarms", Description: "What is wrong now, or was, with a clinic's payments."},
	{Name: "Exports", Description: "Whole lists as files, made as long work and kept for a day."},
	{Name: "Users", Description: "A clinic's people, their roles, sessions and second factors."},
	{Name: "Auth", Description: "Logging in and what a person keeps: profile, sessions, factors, calendars."},
	{Name: "Service tokens", Description: "Tokens of programs, with their scopes and last use."},
	{Name: "Audit", Description: "Who changed, revealed or looked at what, in a chain that cannot be altered unnoticed."},
	{Name: "Operation", Description: "All clinics at once, for the operators of the platform."},
}
