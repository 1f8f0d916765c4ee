// Package connection keeps what PataPay knows of a clinic's connection to the gateway: the
// sealed key, the webhook tokens, the checks and their schedule, the traffic, and the reports
// of each comparison. It asks the gateway nothing: package connect does.
package connection
