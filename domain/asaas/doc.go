// Package asaas holds the gateway's words: its event names, ids, dates, payloads and the
// way from them to the domain. Its one rule: whatever the bytes are, nothing here panics,
// and the same bytes always give the same answer.
package asaas
