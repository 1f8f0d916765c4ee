package main

import (
	"slices"
	"strings"
)

// count returns the tests of a package by outcome and the names of those that failed, in
// order. A test that never ended (a panic, a time-out) failed.
func (p *pkg) count() (c counts, failed []string) {
	for test, outcome := range p.outcome {
		subtests, failedBelow := p.below(test)
		if outcome == "fail" || outcome == "" {
			failed = append(failed, test)
		}
		switch {
		case (outcome == "fail" || outcome == "") && !failedBelow:
			c.failed++
		case subtests:
		case outcome == "pass":
			c.passed++
		case outcome == "skip":
			c.skipped++
		}
	}
	slices.Sort(failed)
	return c, failed
}

// below tells whether test has subtests and whether one of them failed or never ended.
func (p *pkg) below(test string) (any, failed bool) {
	for other, outcome := range p.outcome {
		if strings.HasPrefix(other, test+"/") {
			any = true
			failed = failed || outcome == "fail" || outcome == ""
		}
	}
	return any, failed
}
