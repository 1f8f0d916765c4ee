// Package domaintest makes up histories: lives of payments, checkouts and anticipations
// as the gateway tells them, with ties, legal steps back and answers to reads, together
// with the end that each must come to. Its one rule: everything follows from the seed.
package domaintest
