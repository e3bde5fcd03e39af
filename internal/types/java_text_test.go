package types

import (
	"math"
	"testing"
)

// TestJavaDouble compares with what Double.toString gives (Java's API documentation, JDK 19 and later).
func TestJavaDouble(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -1.5: "-1.5", 0.001: "0.001", 0.0001: "1.0E-4", 9999999: "9999999.0", 1e7: "1.0E7", 123456789: "1.23456789E8",
		2e23: "2.0E23", math.SmallestNonzeroFloat64: "4.9E-324", math.MaxFloat64: "1.7976931348623157E308", 2.2250738585072014e-308: "2.2250738585072014E-308",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got := string(AppendJavaDouble(nil, f)); got != want {
			t.Errorf("%g: %s, want %s", f, got, want)
		}
	}
	if got := string(AppendJavaDouble(nil, math.NaN())); got != "NaN" {
		t.Error(got)
	}
}
