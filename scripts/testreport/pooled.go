package main

import (
	"os"
	"slices"
	"strings"
)

// pooled are the tests that run a second time with every role behind PgBouncer in transaction mode: intake, apply,
// reading, signing in, long work and what holds rows against others. They are few, so that the second run stays short.
var pooled = map[string][]string{
	"./api/webhook": {
		"TestRow1ANewEventIsStoredNotifiedOfAndAnswered200", "TestRow2ADuplicateGetsTheSameAnswerAndWritesNothing",
		"TestRow6ASecondBodyUnderOneIdIsKeptBesideTheFirstAndTheGatewayIsAsked",
		"TestRow7ASuspendedClinicsEventsAreStoredHeldAndAppliedWhenItResumes",
		"TestRow10AnUnknownAccountIsQuarantinedAndBecomesUnverifiedDeliveriesWhenItIsBound",
		"TestAHundredCopiesAtOnceAndAHundredInARowAreOneEventWithOneEffect",
		"TestTheClinicOfEveryRowInASharedCommitIsItsOwnTokens", "TestCopiesAndVariantsInOneBatchAreToldApart",
		"TestABadRowInABatchNeverFailsItsNeighbours", "TestARotatedTokenIsGoodUntilItsEnd",
		"TestEveryPairOfTenClinicsStaysApart",
	},
	"./api/v1": {
		"TestAnObjectIsReadAsItsSampleTellsIt", "TestATagOfTheVersionSavesTheAnswer", "TestARefreshTokenIsUsedOnce",
		"TestOneRefreshTokenBuysOneOtherHoweverOftenItIsSentAtOnce",
		"TestSumsOfInvoicesAreThoseOfTheirList", "TestTheFeedTellsOfEachChangeWithTheObjectAfterIt",
		"TestOneCallReturnsAnInvoicesWholeTimelineInOrder", "TestTheSameKeyAtOnceDoesItOnce",
		"TestInvoicesAndEventsAreFoundByWordsOfThePayersName", "TestAFileHasWhatTheListHas",
		"TestABulkReplayIsLongWorkWithProgressAndItsPreviewIsExact", "TestEnsuresAtOnceMakeOneWebhook",
		"TestUnexpectedMoneyIsAWorkItemUntilSomebodyDecidesWhatItWas", "TestTheLastUseOfATokenIsWrittenOnceAMinute",
		"TestTwoClinicsCannotHaveOneAccountHoweverFastTheyAre", "TestTheLastAdministratorStays",
		"TestAColumnAddedToEveryTableUnderTheEyesOfEveryGETAnswersNo500",
	},
	"./cmd/patapay": {
		"TestARealReceiptIsConfirmedByARead", "TestAForgedReceiptIsUndoneByTheGatewaysAnswer",
		"TestDoctorFindsNothingWrongOnAGoodDeployment", "TestTwoMonitorsAtOnceCheckAClinicOnce",
		"TestTheCommandNamesTheEntryOfAnAuditLogThatIsNotWhatWasWritten",
	},
	"./jobs": {
		"TestRoomForBodiesFollowsTheWorkersOwnClock",
		"TestATransactionInsideATransactionIsRefused",
	},
	"./tenants": {
		"TestAPixPaymentBecomesAReceivedInvoice", "TestEntriesWrittenAtOnceFormOneChain",
		"TestTheFeedHasEveryVersionOnceInOrderAndALateCommitIsNeverSkipped", "TestOfManyTakersOneGetsTheOperation",
		"TestWorkEndsWhenItsLeaseIsLost", "TestAPixPaymentIsBookedOnceWhateverComesAgain",
		"TestTwoConnectionsServeAThousandClinicsInTurnAndLeakNothing", "TestWithoutAClinicEveryTenantTableRefusesLoudly",
		"TestALineIsBookedOnceHoweverOftenItIsRead", "TestAPayerIsFoundByTheWordsOfTheNameInTheOwnClinicAlone",
		"TestWhatBillingSaysMovesMoneyOutOfSuspenseAndTheItemIsGone", "TestPartitionsAreMadeAheadAndOldOnesDropped",
	},
}

// throughPooler runs pooled, which devstack's --pooler makes possible, and counts them in r. It returns how go test
// ended.
func (r *report) throughPooler() error {
	var names, packages []string
	for path, tests := range pooled {
		packages = append(packages, path)
		names = append(names, tests...)
	}
	slices.Sort(packages)
	cmd := goTest(append([]string{"-count=1", "-run", "^(" + strings.Join(names, "|") + ")$"}, packages...)...)
	cmd.Env = append(os.Environ(), "PATAPAY_TEST_THROUGH=pooler")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	r.suffix = " through PgBouncer"
	r.read(out)
	r.suffix = ""
	return cmd.Wait()
}
