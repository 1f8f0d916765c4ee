package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

func TestAReasonOfAReadSaysHowSoonAndHowMuchItWeighs(t *testing.T) {
	for reason, want := range map[domain.ReadReason]struct {
		class domain.ReadClass
		after time.Duration
		kept  bool
	}{
		domain.ReadConfirm:       {domain.ReadOfConfirmation, 30 * time.Second, false},
		domain.ReadReconcile:     {domain.ReadOfUpkeep, 0, false},
		domain.ReadOrphan:        {domain.ReadOfDoubt, time.Minute, false},
		domain.ReadUnverified:    {domain.ReadOfDoubt, 0, true},
		domain.ReadVariant:       {domain.ReadOfDoubt, 0, true},
		domain.ReadLedger:        {domain.ReadOfDoubt, 5 * time.Second, true},
		domain.AnomalyNoSnapshot: {domain.ReadOfDoubt, 0, false},
		domain.AnomalyOrder:      {domain.ReadOfDoubt, 5 * time.Second, false},
	} {
		require.Equal(t, want.class, reason.Class(), reason)
		require.Equal(t, want.after, reason.After(), reason)
		require.Equal(t, want.kept, reason.Kept(), reason)
	}
}
