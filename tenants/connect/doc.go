// Package connect is what is done with a clinic's connection to the gateway: it saves and
// verifies keys, sets the webhook up and repairs it, checks its health, resumes a paused
// queue, imports what was there before, and compares with what Asaas says. It asks the
// gateway outside of any transaction, and changes the clinic in one.
package connect
