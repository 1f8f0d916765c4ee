// Package remote is the commands that speak to a PataPay that runs elsewhere. They use /v1
// and nothing else, as anybody's program would.
package remote
