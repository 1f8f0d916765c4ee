// Package payers keeps the names of those who pay, sealed, with the keyed hashes that they are
// found by, and the list of names that are still to be read from the gateway.
package payers
