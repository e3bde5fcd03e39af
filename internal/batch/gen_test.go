package batch

import (
	"math"
	"math/rand/v2"
	"testing"

	"streamsql/internal/types"
)

// allTypes has a column type for every vector.
var allTypes = []types.Type{
	types.T(types.Int8), types.T(types.Text), types.T(types.Bool), types.T(types.Float8), types.T(types.Numeric),
	types.T(types.Interval), types.T(types.Timestamp), types.T(types.JSONB), {Kind: types.Char, Prec: 3}, types.ArrayOf(types.T(types.Int4)),
}

func pick[E any](r *rand.Rand, xs ...E) E { return xs[r.IntN(len(xs))] }

// parse reads a value's text.
func parse(t types.Type, s string) types.Value {
	v, err := types.ParseText(t, s, nil)
	if err != nil {
		panic(err)
	}
	return v
}

// randomValue returns one of few values of t, so that equal rows come up; NULL now and then.
func randomValue(r *rand.Rand, t types.Type) types.Value {
	if r.IntN(6) == 0 {
		return types.Null
	}
	switch t.Kind {
	case types.Int8:
		return types.IntValue(pick[int64](r, 0, 1, -1, 7, math.MaxInt64, math.MinInt64))
	case types.Text:
		return types.TextValue(pick(r, "", "a", "b", "it's", "NULL", "two words", "a long text that shares", "a long text that shares a prefix", `\n`, "x\ny", " "))
	case types.Bool:
		return types.BoolValue(r.IntN(2) == 0)
	case types.Float8:
		return types.FloatValue(pick(r, 0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(-1)))
	case types.Numeric:
		return parse(t, pick(r, "1.0", "1.00", "-3", "NaN", "123456789012345678901234567890.5", "0"))
	case types.Interval:
		return parse(t, pick(r, "30 days", "1 mon", "-1 day", "0"))
	case types.Timestamp:
		return parse(t, pick(r, "2000-01-01", "infinity", "1999-12-31 23:59:59.5"))
	case types.JSONB:
		return parse(t, pick(r, "1", "1.0", `{"a": 1}`, "[]", "null"))
	case types.Char:
		return parse(t, pick(r, "a", "ab", ""))
	}
	return parse(t, pick(r, "{}", "{1}", "{1,NULL}", "{{1},{2}}"))
}

func randomRow(r *rand.Rand, ts []types.Type) []types.Value {
	vals := make([]types.Value, len(ts))
	for i, t := range ts {
		vals[i] = randomValue(r, t)
	}
	return vals
}

func randomBatch(r *rand.Rand, ts []types.Type, rows int) *Batch {
	b := NewBuilder(ts)
	for range rows {
		b.Append(int64(r.IntN(5)-2), randomRow(r, ts))
	}
	return b.Seal()
}

// rowText is a row's values as text, for comparisons that share nothing with the vectors.
func rowText(ts []types.Type, b *Batch, row int) string {
	one := b.Slice(row, row+1)
	text := (&Batch{Cols: one.Cols, Weights: []int64{1}}).Format(ts)
	return text[len("+1 ") : len(text)-1]
}

func random(t testing.TB, seed uint64) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 15))
}
