// Package app is the program's one object graph, with its settings, its telemetry and the
// order in which its parts start and end. Every command of the server, and every test of the
// whole program, starts here, so that a test runs what production runs.
package app
