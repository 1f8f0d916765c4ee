// Package inbox stores what arrives: each event once, the deliveries that nobody vouches for
// within their quotas, and the log of deliveries. It knows who owns a webhook token, and how
// long bodies are kept. Nothing in it decides what an event means.
package inbox
