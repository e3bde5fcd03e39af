package expr

import "math"

// hyperbolicMax is where Go's sinh and cosh overflow in e^x, which is twice what they are.
const hyperbolicMax = 709

// sinh is math.Sinh, up to the largest value that a double holds.
func sinh(x float64) float64 {
	if math.Abs(x) > hyperbolicMax {
		half := math.Exp(math.Abs(x) / 2)
		return math.Copysign(half/2*half, x)
	}
	return math.Sinh(x)
}

// cosh is math.Cosh, up to the largest value that a double holds.
func cosh(x float64) float64 {
	if math.Abs(x) > hyperbolicMax {
		return math.Abs(sinh(x))
	}
	return math.Cosh(x)
}
