package domain

import (
	"math"
	"strconv"
)

// Cost is what an advance costs, in per cent with two decimals: "1.83". These are rates,
// for people to compare; no amount is ever computed from them.
type Cost struct {
	Period  Decimal // fee ÷ value
	Monthly Decimal // (value ÷ net)^(30 ÷ days) − 1
}

// CostOf returns the cost of an advance, false when an amount or the days are missing.
func CostOf(a Anticipation) (Cost, bool) {
	value, net, days := a.Value.V, a.NetValue.V, a.Days.V
	if value <= 0 || net <= 0 || days <= 0 || a.Fee.V < 0 {
		return Cost{}, false
	}
	monthly := math.Pow(float64(value)/float64(net), 30/float64(days)) - 1
	return Cost{percent(float64(a.Fee.V) / float64(value)), percent(monthly)}, true
}

func percent(share float64) Decimal { return Decimal(strconv.FormatFloat(100*share, 'f', 2, 64)) }
