package agg

import (
	"math"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// A reader appends one aggregate's results for a range of images to column col of bl. Readers only read: any number of
// goroutines may use one.
type reader interface {
	read(v *View, bl *batch.Builder, col int) error
}

// eachGroup calls value for each image with the words of its slot, to append one result to out. Where the word n, the
// number of values, is 0, NULL is appended instead.
func (v *View) eachGroup(n int, out batch.Appender, value func(i int, w []uint64) error) error {
	for i := range v.len() {
		w := v.words(i)
		if w[n] == 0 {
			out.AppendNull()
		} else if err := value(i, w); err != nil {
			return err
		}
	}
	return nil
}

// countReader is count: a word as it is.
type countReader struct{ word int }

func (r countReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	for i := range v.len() {
		out.AppendInt(int64(v.words(i)[r.word]))
	}
	return nil
}

// sumReader is sum over integers: NULL where n is 0, bigint from 64 bits or numeric from 128.
type sumReader struct {
	n, sum int
	wide   bool
}

func (r sumReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		switch hi, lo := int64(w[r.sum+1]), w[r.sum]; {
		case r.wide:
			out.AppendDec(types.DecFromInt128(hi, lo))
		case hi != int64(lo)>>63:
			return pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
		default:
			out.AppendInt(int64(lo))
		}
		return nil
	})
}

// avgReader is avg over integers: numeric.
type avgReader struct{ n, sum int }

func (r avgReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		d, err := types.DecFromInt128(int64(w[r.sum+1]), w[r.sum]).Div(types.DecFromInt(int64(w[r.n])))
		out.AppendDec(d)
		return err
	})
}

// intExtremeReader is min and max over the integer class, from intCell's images.
type intExtremeReader struct {
	n, word int
	min     bool
}

func (r intExtremeReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		out.AppendInt(int64(extremeImage(w[r.word], r.min) ^ signBit))
		return nil
	})
}

// floatExtremeReader is min and max over floats, from floatExtremeCell's images.
type floatExtremeReader struct {
	n, word int
	min     bool
}

func (r floatExtremeReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		out.AppendFloat(floatOfImage(extremeImage(w[r.word], r.min)))
		return nil
	})
}

// extremeImage undoes that least values are kept as complements.
func extremeImage(x uint64, isMin bool) uint64 {
	if isMin {
		return ^x
	}
	return x
}

// boolReader is bool_and (every) and bool_or, from the number of values and the number of true ones.
type boolReader struct {
	n, trues int
	or       bool
}

func (r boolReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		out.AppendBool(w[r.trues] == w[r.n] || r.or && int64(w[r.trues]) > 0)
		return nil
	})
}

// decReader is sum and avg over numeric.
type decReader struct {
	n    int
	sum  *decSum
	part int
	avg  bool
	zero bool // 0, not NULL, over nothing
}

func (r decReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	for i := range v.len() {
		w := v.words(i)
		if w[r.n] == 0 {
			if r.zero {
				out.AppendDec(types.DecFromInt(0))
			} else {
				out.AppendNull()
			}
			continue
		}
		d := r.sum.value(w[r.sum.word:], v.part(i, r.part))
		if r.avg {
			var err error
			if d, err = d.Div(types.DecFromInt(int64(w[r.n]))); err != nil {
				return err
			}
		}
		out.AppendDec(d)
	}
	return nil
}

// floatReader is sum and avg over real and double precision.
type floatReader struct {
	n      int
	sum    *floatSum
	part   int
	avg    bool
	single bool // the result is real
	zero   bool // 0, not NULL, over nothing
}

func (r floatReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	for i := range v.len() {
		w := v.words(i)
		if w[r.n] == 0 {
			if r.zero {
				out.AppendFloat(0)
			} else {
				out.AppendNull()
			}
			continue
		}
		f, err := r.sum.value(w[r.sum.word:], v.part(i, r.part))
		if err != nil {
			return err
		}
		if r.avg {
			f /= float64(int64(w[r.n]))
		}
		if r.single {
			g := float64(float32(f))
			if math.IsInf(g, 0) && !math.IsInf(f, 0) {
				return errFloatOverflow
			}
			f = g
		}
		out.AppendFloat(f)
	}
	return nil
}

// spanReader is sum and avg over intervals.
type spanReader struct {
	n, word int
	avg     bool
}

var errSpanRange = pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")

func (r spanReader) read(v *View, bl *batch.Builder, col int) error {
	out := bl.Col(col)
	return v.eachGroup(r.n, out, func(_ int, w []uint64) error {
		months, days, micros := int64(w[r.word]), int64(w[r.word+1]), int64(w[r.word+2])
		if months != int64(int32(months)) || days != int64(int32(days)) {
			return errSpanRange
		}
		s := types.Span{Months: int32(months), Days: int32(days), Micros: micros}
		if r.avg {
			s = divSpan(s, float64(int64(w[r.n])))
		}
		out.AppendSpan(s)
		return nil
	})
}

// divSpan divides an interval as PostgreSQL's interval_div does: what is left of months becomes days of 1/30 month, what
// is left of days becomes time.
func divSpan(s types.Span, n float64) types.Span {
	const microsPerDay, microsPerSec, secsPerDay, daysPerMonth = 86_400e6, 1e6, 86_400, 30
	out := types.Span{Months: int32(float64(s.Months) / n), Days: int32(float64(s.Days) / n)}
	monthRest := roundMicro((float64(s.Months)/n - float64(out.Months)) * daysPerMonth)
	secs := roundMicro((float64(s.Days)/n - float64(out.Days) + monthRest - math.Trunc(monthRest)) * secsPerDay)
	if math.Abs(secs) >= secsPerDay {
		out.Days += int32(secs / secsPerDay)
		secs -= math.Trunc(secs/secsPerDay) * secsPerDay
	}
	out.Days += int32(monthRest)
	out.Micros = int64(math.RoundToEven(float64(s.Micros)/n + secs*microsPerSec))
	return out
}

// roundMicro is PostgreSQL's TSROUND: to six digits.
func roundMicro(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }

// partReader reads what an extra captured.
type partReader struct {
	part int
	x    interface {
		read(part []byte, bl *batch.Builder, col int) error
	}
}

func (r partReader) read(v *View, bl *batch.Builder, col int) error {
	for i := range v.len() {
		if err := r.x.read(v.part(i, r.part), bl, col); err != nil {
			return err
		}
	}
	return nil
}
