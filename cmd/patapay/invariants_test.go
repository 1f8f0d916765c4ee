package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// proofs is which test proves which invariant of docs/reliability.md, invariants. I11 is
// about leases that the design has no more.
var proofs = map[string][]string{
	"I1": {
		"tenants TestI1I2WhatIsAnsweredAsNewIsStoredOnceWithItsFirstBody",
		"cmd/patapay TestFaultAKillAtEveryPointOfTheWayLosesAndDoublesNothing",
	},
	"I2": {
		"tenants TestI1I2WhatIsAnsweredAsNewIsStoredOnceWithItsFirstBody",
		"api/webhook TestAHundredCopiesAtOnceAndAHundredInARowAreOneEventWithOneEffect",
	},
	"I3": {"tenants TestEachInvariantThatIsBrokenIsNamed"},
	"I4": {"domain TestAnyOrderAndAnyRepeatGiveTheSameProjection", "tenants TestEightWorkersBookWhatEachHistoryProves"},
	"I5": {"domain TestAnyOrderAndAnyRepeatGiveTheSameLedger", "tenants TestEightWorkersBookWhatEachHistoryProves"},
	"I6": {"tenants TestI6TheLedgerOnlyGrows", "tenants TestNobodyChangesOrRemovesABooking"},
	"I7": {"domain TestTheBalancesAreTheGatewaysOwn", "tenants TestABookingComesWholeAndSumsToZeroOrNotAtAll"},
	"I8": {"domain TestAnyOrderAndAnyRepeatGiveTheSameLedger", "tenants TestEightWorkersBookWhatEachHistoryProves"},
	"I9": {"tenants TestOneClinicsBookingsAreNotAnothers", "tenants TestAForeignClinicFindsAndWritesNothing"},
	"I10": {
		"api/webhook TestTheClinicOfEveryRowInASharedCommitIsItsOwnTokens",
		"cmd/patapay TestAnUnverifiedDeliveryOfANonexistentPaymentLeavesNothing",
	},
	"I12": {"tenants TestEachInvariantThatIsBrokenIsNamed", "tenants TestAPoisonEventStopsOnlyItsOwnEntity"},
	"I13": {"domain TestI13TheSameSeedGivesTheSameLedger"},
	"I14": {"domain TestI14NoEventOlderThanAnAnswerChangesTheStatus"},
}

func TestEveryInvariantHasItsNamedTests(t *testing.T) {
	t.Parallel()
	sources := map[string][]byte{}
	for number, list := range proofs {
		for _, proof := range list {
			at := bytes.IndexByte([]byte(proof), ' ')
			dir, name := proof[:at], proof[at+1:]
			if sources[dir] == nil {
				files, _ := filepath.Glob(filepath.Join("..", "..", dir, "*_test.go"))
				for _, f := range files {
					raw, err := os.ReadFile(f)
					if err != nil {
						t.Fatal(err)
					}
					sources[dir] = append(sources[dir], raw...)
				}
			}
			if !bytes.Contains(sources[dir], []byte("\nfunc "+name+"(t *testing.T)")) {
				t.Errorf("%s: there is no %s in %s", number, name, dir)
			}
		}
	}
}
