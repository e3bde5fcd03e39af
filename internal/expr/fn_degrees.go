package expr

import (
	"math"

	"streamsql/internal/types"
)

// Trigonometry in degrees. As in PostgreSQL (float.c) the results at multiples of 30 degrees are exact: each quarter is
// put together from sines and cosines that are scaled to their value at 30, 45 or 60 degrees.

// Variables, so that products with them are rounded as they are for any other angle.
var (
	radPerDegree = 0.0174532925199432957692
	thirty       = 30.0
	sixty        = 60.0

	sin30      = math.Sin(thirty * radPerDegree)
	oneMinus60 = 1 - math.Cos(sixty*radPerDegree)
	asin05     = math.Asin(0.5)
	acos05     = math.Acos(0.5)
	tan45      = sinQuarter(45) / cosQuarter(45)
	cot45      = cosQuarter(45) / sinQuarter(45)
)

func init() {
	float1("sind", "sine of degrees", "sind(30) => 0.5", sind, finite)
	float1("cosd", "cosine of degrees", "cosd(60) => 0.5", cosd, finite)
	float1("tand", "tangent of degrees", "tand(45) => 1", tand, finite)
	float1("cotd", "cotangent of degrees", "cotd(45) => 1", cotd, finite)
	float1("asind", "inverse sine in degrees", "asind(0.5) => 30", asind, unitRange)
	float1("acosd", "inverse cosine in degrees", "acosd(0.5) => 60", acosd, unitRange)
	float1("atand", "inverse tangent in degrees", "atand(1) => 45", func(x float64) float64 { return math.Atan(x) / math.Atan(1) * 45 }, nil)
	def("atan2d(float8, float8) float8", "inverse tangent of a quotient in degrees", "atan2d(1, 0) => 90",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.FloatValue(math.Atan2(a[0].F, a[1].F) / math.Atan(1) * 45), nil
		}))
}

// sin0to30 and cos0to60 are exact at the end of their range.
func sin0to30(x float64) float64 { return math.Sin(x*radPerDegree) / sin30 / 2 }

func cos0to60(x float64) float64 { return 1 - (1-math.Cos(x*radPerDegree))/oneMinus60/2 }

// sinQuarter and cosQuarter take 0 to 90 degrees.
func sinQuarter(x float64) float64 {
	if x <= 30 {
		return sin0to30(x)
	}
	return cos0to60(90 - x)
}

func cosQuarter(x float64) float64 {
	if x <= 60 {
		return cos0to60(x)
	}
	return sin0to30(90 - x)
}

// quarter folds x into 0 to 90 degrees. odd: an odd function's sign is turned; past: x lay beyond 90 of a half turn.
func quarter(x float64) (y, odd, past float64) {
	x, odd, past = math.Mod(x, 360), 1, 1
	if x < 0 {
		x, odd = -x, -1
	}
	if x > 180 {
		x, odd = 360-x, -odd
	}
	if x > 90 {
		x, past = 180-x, -1
	}
	return x, odd, past
}

func sind(x float64) float64 {
	y, odd, _ := quarter(x)
	return odd * sinQuarter(y)
}

func cosd(x float64) float64 {
	y, _, past := quarter(x)
	return past * cosQuarter(y)
}

func tand(x float64) float64 {
	y, odd, past := quarter(x)
	if r := odd * past * (sinQuarter(y) / cosQuarter(y) / tan45); r != 0 {
		return r
	}
	return 0 // never -0
}

func cotd(x float64) float64 {
	y, odd, past := quarter(x)
	if r := odd * past * (cosQuarter(y) / sinQuarter(y) / cot45); r != 0 {
		return r
	}
	return 0
}

func asinQuarter(x float64) float64 {
	if x <= 0.5 {
		return math.Asin(x) / asin05 * 30
	}
	return 90 - math.Acos(x)/acos05*60
}

func acosQuarter(x float64) float64 {
	if x <= 0.5 {
		return 90 - math.Asin(x)/asin05*30
	}
	return math.Acos(x) / acos05 * 60
}

func asind(x float64) float64 {
	if x != x {
		return x
	}
	if x < 0 {
		return -asinQuarter(-x)
	}
	return asinQuarter(x)
}

func acosd(x float64) float64 {
	if x != x {
		return x
	}
	if x < 0 {
		return 90 + asinQuarter(-x)
	}
	return acosQuarter(x)
}
