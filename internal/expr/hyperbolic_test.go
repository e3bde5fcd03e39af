package expr

import (
	"math"
	"testing"
)

// TestHyperbolic: as glibc has them near the end of the doubles.
func TestHyperbolic(t *testing.T) {
	const want = 1.1169973830808557e+308
	for x, got := range map[float64]float64{710: sinh(710), -710: -sinh(-710), 0: cosh(710)} {
		if math.Abs(got/want-1) > 1e-13 {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
	if !math.IsInf(sinh(711), 1) || !math.IsInf(cosh(-711), 1) || !math.IsInf(sinh(math.Inf(-1)), -1) || !math.IsNaN(sinh(math.NaN())) {
		t.Error("beyond the doubles")
	}
}
