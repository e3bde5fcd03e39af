package expr

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// testCols is the table the tests below compute over: a column of most types, all with NULLs.
var testCols = []struct {
	name, typ string
	gen       func(r *rand.Rand) types.Value
}{
	{"b", "bool", func(r *rand.Rand) types.Value { return types.BoolValue(r.IntN(2) == 0) }},
	{"c", "bool", func(r *rand.Rand) types.Value { return types.BoolValue(r.IntN(2) == 0) }},
	{"i2", "int2", func(r *rand.Rand) types.Value { return types.IntValue(int64(int16(r.Uint64()))) }},
	{"i", "int4", func(r *rand.Rand) types.Value { return types.IntValue(int64(r.IntN(9) - 4)) }},
	{"j", "int4", func(r *rand.Rand) types.Value { return types.IntValue(int64(int32(r.Uint64()) >> r.IntN(31))) }},
	{"l", "int8", func(r *rand.Rand) types.Value { return types.IntValue(int64(r.Uint64()) >> r.IntN(63)) }},
	{"f", "float8", func(r *rand.Rand) types.Value {
		return types.FloatValue([]float64{0, 1.5, -2.25, math.NaN(), math.Inf(1), 1e300, r.NormFloat64()}[r.IntN(7)])
	}},
	{"n", "numeric", func(r *rand.Rand) types.Value { return types.DecValue(types.DecFromInt(r.Int64N(2000) - 1000)) }},
	{"t", "text", func(r *rand.Rand) types.Value {
		return types.TextValue([]string{"", "abc", "12", "José", "a,b", "x%y", "-7"}[r.IntN(7)])
	}},
	{"d", "date", func(r *rand.Rand) types.Value { return types.IntValue(r.Int64N(20000) - 5000) }},
	{"ts", "timestamp", func(r *rand.Rand) types.Value { return types.IntValue(r.Int64N(1e15)) }},
	{"iv", "interval", func(r *rand.Rand) types.Value {
		return types.SpanValue(types.Span{Months: int32(r.IntN(3)), Days: int32(r.IntN(40)), Micros: r.Int64N(1e11)})
	}},
	{"ar", "int4[]", func(r *rand.Rand) types.Value {
		vals := make([]types.Value, r.IntN(4))
		for i := range vals {
			vals[i] = types.IntValue(int64(r.IntN(5)))
		}
		return types.BytesValue(types.AppendArray(nil, types.T(types.Int4), nil, vals))
	}},
	{"js", "jsonb", func(r *rand.Rand) types.Value {
		return types.TextValue([]string{`{"a": 1}`, `[1, 2]`, `"s"`, `{"a": {"b": null}}`}[r.IntN(4)])
	}},
}

func testColumns() map[string]Column {
	cols := map[string]Column{}
	for i, c := range testCols {
		cols[c.name] = Column{Index: i, Name: c.name, T: sigType(c.typ)}
	}
	return cols
}

// randomBatch makes n rows; with nulls, one value in four is NULL.
func randomBatch(r *rand.Rand, n int, nulls bool) []batch.Vec {
	out := make([]batch.Vec, len(testCols))
	for k, c := range testCols {
		vals := make([]types.Value, n)
		for i := range vals {
			if nulls && r.IntN(4) == 0 {
				vals[i] = types.Null
			} else {
				vals[i] = c.gen(r)
			}
		}
		out[k] = batch.NewVec(sigType(c.typ), vals)
	}
	return out
}

// rowsExprs are computed over random batches and row by row.
var rowsExprs = []string{
	"i + j", "j * j", "j - l", "l * 3", "l + l", "5 - l", "l * -1", "i2 * i2", "l / i", "l % i", "l / 1000", "l % 7", "l % 8", "l / -3", "10 / i", "-7 % i", "- j", "abs(l)",
	"f + 1.5", "f * f", "f / i", "1.0::float8 / f", "f > 0", "f = f", "f <= 1.5", "n * n", "n / i", "n % 7", "n > 10", "n + i", "round(n / 7, 2)",
	"i = j", "i < 2", "2 >= i", "t = 'abc'", "t < 'b'", "t || t", "t || i", "upper(t)", "substr(t, i)", "length(t)", "t ~~ '%b%'", "t ~~ t", "t ~ '^[a-z]+$'", "t::int4", "t::int4 + 1",
	"i::text", "l::int4", "f::int4", "n::int8", "i::float8", "i::numeric", "d + i", "d - d", "ts + iv", "ts - iv", "ts - ts", "d + iv", "extract('hour', ts)", "date_trunc('day', ts)", "d < ts", "iv * f", "iv = iv",
	"b AND c", "b OR c", "NOT b", "b AND i > 0 AND j > 0", "b OR 10 / i > 1", "i <> 0 AND 10 / i > 1", "(b OR c) AND (NOT b OR l > 0)", "b IS NULL", "b IS NOT TRUE", "i IS NOT NULL", "c IS FALSE",
	"CASE WHEN i <> 0 THEN 10 / i END", "CASE WHEN b THEN t WHEN c THEN 'z' ELSE upper(t) END", "CASE WHEN i > 0 THEN n WHEN i < 0 THEN n / i ELSE 0 END", "CASE WHEN b THEN 1 / i ELSE l / j END",
	"CASE WHEN t = '12' THEN t::int4 ELSE -1 END", "CASE WHEN b THEN b ELSE c END", "CASE WHEN b THEN iv ELSE NULL END", "coalesce(i, j, 0)", "coalesce(t, 'none')", "coalesce(b, 1 / i = 1)", "coalesce(f, n)", "nullif(i, 1)",
	"i IN (1, 2, 3)", "i IN (1, NULL)", "t IN ('abc', '12')", "i IN (j, 1 / i)", "n IN (1, 2.5)", "NOT (i IN (1, NULL))", "i = ANY (ar)", "i > ALL (ar)", "10 / i = ANY (ar)", "i = ANY ('{1,2,NULL}'::int4[])",
	"array_append(ar, i)", "array_subscript(ar, i)", "ARRAY[i, j]", "cardinality(ar)", "js -> 'a'", "js ->> 'a'", "js @> '{\"a\": 1}'", "greatest(i, j)", "least(f, n)", "concat(t, i, b)", "power(f, 2)", "sqrt(f)",
	"1 / 0", "b AND 1 / 0 = 1", "coalesce(i, 1 / 0)", "i + 1 / 0", "to_char(ts, 'YYYY-MM-DD')", "split_part(t, ',', i)", "repeat(t, i)", "b = c", "b < c", "ar = ar", "md5(t)", "l & 255", "l << 3", "i # j", "~ l",
}

// outcome is what a run gives: a text for each row and how many rows failed with which code.
func outcome(p Program, t types.Type, in []batch.Vec, n int) (vals []string, errs map[string]int, err error) {
	errs = map[string]int{}
	env := &Env{Now: testEnv.Now, RowError: func(e error) error { errs[pgerr.Code(e)]++; return nil }}
	v, err := p.Eval(env, in, n)
	if err != nil {
		return nil, nil, err
	}
	if v.Len() != n {
		return nil, nil, fmt.Errorf("%d rows of %d", v.Len(), n)
	}
	for i := range n {
		x := batch.ValueAt(v, i)
		if x.Null {
			vals = append(vals, "NULL")
			if err := zeroAtNull(v, i); err != nil {
				return nil, nil, err
			}
			continue
		}
		vals = append(vals, string(types.AppendText(nil, t, x, nil)))
	}
	return vals, errs, nil
}

// zeroAtNull checks the rule of package batch: the value at a NULL row is zero.
func zeroAtNull(v batch.Vec, i int) error {
	ok := true
	switch v := v.(type) {
	case *batch.Bools:
		ok = !v.V[i]
	case *batch.Ints:
		ok = v.V[i] == 0
	case *batch.Floats:
		ok = v.V[i] == 0
	case *batch.Decs:
		ok = v.V[i] == types.Dec{}
	case *batch.Spans:
		ok = v.V[i] == types.Span{}
	case *batch.Bytes:
		ok = len(v.At(i)) == 0
	}
	if !ok {
		return errors.New("the value at a NULL row is not zero")
	}
	return nil
}

func gatherRow(in []batch.Vec, i int) []batch.Vec {
	out := make([]batch.Vec, len(in))
	for k, v := range in {
		out[k] = batch.NewVec(sigType(testCols[k].typ), []types.Value{batch.ValueAt(v, i)})
	}
	return out
}

// TestVectorsAgreeWithRows is the law of the room: a batch gives what its rows give one by one, values and errors.
func TestVectorsAgreeWithRows(t *testing.T) {
	const seed = 7
	for _, text := range rowsExprs {
		e, err := parseExpr(text, testColumns())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		folded, _ := Fold(nil, e)
		r := rand.New(rand.NewPCG(seed, uint64(len(text))))
		for _, n := range []int{1, 63, 64, 65, 200} {
			in := randomBatch(r, n, n != 64)
			checkRows(t, text, e, in, n)
			checkRows(t, text+" (folded)", folded, in, n)
		}
	}
}

func checkRows(t *testing.T, text string, e Expr, in []batch.Vec, n int) {
	t.Helper()
	p, err := Compile(e)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	got, gotErrs, err := outcome(p, e.Type(), in, n)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	again, _, err := outcome(p, e.Type(), in, n)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("%s: a second Eval gives something else (%v)", text, err)
	}
	one, _ := Compile(e)
	wantErrs := map[string]int{}
	for i := range n {
		want, errs, err := outcome(one, e.Type(), gatherRow(in, i), 1)
		if err != nil {
			t.Errorf("%s row %d: %v", text, i, err)
			return
		}
		for c, k := range errs {
			wantErrs[c] += k
		}
		if got[i] != want[0] {
			t.Errorf("%s, %d rows, row %d: %s in the batch, %s alone", text, n, i, got[i], want[0])
			return
		}
	}
	if fmt.Sprint(gotErrs) != fmt.Sprint(wantErrs) {
		t.Errorf("%s, %d rows: errors %v in the batch, %v row by row", text, n, gotErrs, wantErrs)
	}
}

// TestResultsAreKept checks that a result stays what it was while the Program goes on, and that inputs are not
// written to.
func TestResultsAreKept(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, text := range rowsExprs {
		e, err := parseExpr(text, testColumns())
		if err != nil {
			continue
		}
		p, _ := Compile(e)
		env := &Env{RowError: func(error) error { return nil }}
		in := randomBatch(r, 70, true)
		before := fmt.Sprint(values(in...))
		v, err := p.Eval(env, in, 70)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		kept := fmt.Sprint(values(v))
		for range 3 {
			if _, err := p.Eval(env, randomBatch(r, 70, true), 70); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
		if fmt.Sprint(values(v)) != kept {
			t.Errorf("%s: a result changed after it was returned", text)
		}
		if fmt.Sprint(values(in...)) != before {
			t.Errorf("%s: the input was written to", text)
		}
	}
}

func values(vs ...batch.Vec) (out []string) {
	for _, v := range vs {
		for i := range v.Len() {
			x := batch.ValueAt(v, i)
			out = append(out, fmt.Sprint(x.Null, x.B, x.I, x.F, x.N, x.S, string(x.Bytes)))
		}
	}
	return out
}

// TestAllocations: expressions over fixed-width types allocate their result and nothing for each row.
func TestAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n = 4096
	in := randomBatch(r, n, true)
	env := &Env{RowError: func(error) error { return nil }}
	for _, text := range []string{"i + j", "i * 3 / 7 > 100 AND i % 2 = 0", "CASE WHEN i > 0 THEN l ELSE j END", "f * 2 + 1", "coalesce(i, j)", "ts + iv", "i IN (1, 2, 3)",
		"t = 'abc'", "length(t)", "t ~~ 'a%'", "extract('hour', ts) > 3", "date_trunc('hour', ts)", "n + n", "d + i", "abs(i)", "b AND c OR NOT b", "i::int8", "i::float8"} {
		e, err := Fold(nil, must(parseExpr(text, testColumns())))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := Compile(e)
		eval := func() {
			if _, err := p.Eval(env, in, n); err != nil {
				t.Fatal(err)
			}
		}
		eval()
		const limit = 16 // the result, its null map, and what the pool lost to it
		if got := testing.AllocsPerRun(5, eval); got > limit {
			t.Errorf("%s: %v allocations for %d rows, want at most %v", text, got, n, limit)
		}
	}
}

// TestCastKernels: every cast between the columns' types gives what types.Cast gives for each value.
func TestCastKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	const n = 300
	in := randomBatch(r, n, true)
	in[9].(*batch.Ints).V[0], in[10].(*batch.Ints).V[0] = types.PosInf, types.NegInf
	targets := []string{"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar", "date", "timestamp", "timestamptz", "time", "interval", "oid", "jsonb", "bytea"}
	for k, c := range testCols {
		for _, target := range targets {
			from, to := sigType(c.typ), sigType(target)
			if !types.CanCast(from, to, types.Explicit) {
				continue
			}
			e := &Cast{X: &Column{Index: k, T: from}, T: to, Explicit: true}
			p, err := Compile(e)
			if err != nil {
				t.Fatal(err)
			}
			failed := 0
			v, err := p.Eval(&Env{RowError: func(error) error { failed++; return nil }}, in, n)
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				x := batch.ValueAt(in[k], i)
				if x.Null {
					continue
				}
				want, err := types.Cast(from, to, x, nil)
				if err != nil {
					want = types.Null
					failed--
				}
				if got := batch.ValueAt(v, i); !sameValue(got, want) && !(got.F != got.F && want.F != want.F) {
					t.Errorf("%s to %s: %v gives %v, want %v", c.typ, target, x, got, want)
					break
				}
			}
			if failed != 0 {
				t.Errorf("%s to %s: %d rows more reported than failed", c.typ, target, failed)
			}
		}
	}
}

// TestTruncKernels: date_trunc of a constant field cuts as the general one does.
func TestTruncKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	xs := []int64{0, -1, 1, types.PosInf, types.NegInf}
	for range 200 {
		xs = append(xs, r.Int64N(4e15)-2e15)
	}
	for field := range truncUnits {
		got := make([]int64, len(xs))
		floorTo(got, xs, truncUnits[field])
		for i, x := range xs {
			want, err := types.TimestampTrunc(field, x)
			if err != nil || got[i] != want {
				t.Errorf("%s of %d: %d, want %d (%v)", field, x, got[i], want, err)
			}
		}
	}
}
