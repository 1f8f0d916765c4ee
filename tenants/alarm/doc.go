// Package alarm keeps what somebody must look at: one open row for each kind and clinic, and
// the outbox of the e-mails that an incident sends. An alarm and its e-mail are written in
// one transaction, so neither is there without the other.
package alarm
