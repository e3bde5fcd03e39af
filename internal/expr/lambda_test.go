package expr

import (
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

var (
	tInt  = types.T(types.Int4)
	tInts = types.ArrayOf(tInt)
)

func ints(vals ...any) types.Value {
	var vs []types.Value
	for _, v := range vals {
		if n, ok := v.(int); ok {
			vs = append(vs, types.IntValue(int64(n)))
		} else {
			vs = append(vs, types.Null)
		}
	}
	return types.BytesValue(types.AppendArray(nil, tInt, nil, vs))
}

// lambdaOf makes a LambdaArg of one parameter at a slot.
func lambdaOf(first int, body func(vars []Expr) Expr) *LambdaArg {
	return &LambdaArg{Params: 1, Bind: func(params []types.Type) (*Lambda, error) {
		l := &Lambda{First: first, Params: params}
		var vars []Expr
		for i, p := range params {
			l.Names = append(l.Names, string(rune('a'+first+i)))
			vars = append(vars, &LambdaVar{Slot: first + i, Name: l.Names[i], T: p})
		}
		l.Body = body(vars)
		return l, nil
	}}
}

func op(t *testing.T, name string, l, r Expr) Expr {
	t.Helper()
	e, err := ResolveOperator(name, l, r, 0)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func withLambda(t *testing.T, name string, l *LambdaArg, args ...Expr) Expr {
	t.Helper()
	args = append(args, nil)
	lambdas := make([]*LambdaArg, len(args))
	lambdas[len(args)-1] = l
	e, err := KSQL.FunctionWithLambdas([]string{name}, args, lambdas, 0)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func textsOf(t *testing.T, env *Env, e Expr, in []batch.Vec, n int) []string {
	t.Helper()
	p, err := Compile(e)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for range 2 { // a program's memory is used again
		v, err := p.Eval(env, in, n)
		if err != nil {
			t.Fatal(err)
		}
		out = out[:0]
		for i := range n {
			ty := e.Type()
			if v.NullMap().Has(i) {
				out = append(out, "NULL")
			} else {
				out = append(out, string(batch.AppendText(nil, &ty, v, i, types.DefaultFormat)))
			}
		}
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// TestLambdaCaptures: a body reads the row around it and the parameters of the lambda around its own.
func TestLambdaCaptures(t *testing.T) {
	in := []batch.Vec{batch.NewVec(tInts, []types.Value{ints(1, 2), types.Null, ints(), ints(3, nil)}),
		batch.NewVec(tInt, []types.Value{types.IntValue(10), types.IntValue(20), types.IntValue(30), types.IntValue(40)})}
	arr, col := &Column{Index: 0, T: tInts}, &Column{Index: 1, T: tInt}
	plus := withLambda(t, "transform", lambdaOf(0, func(v []Expr) Expr { return op(t, "+", v[0], col) }), arr)
	expect(t, textsOf(t, nil, plus, in, 4), "{11,12}", "NULL", "{}", "{43,NULL}")

	nested := withLambda(t, "transform", lambdaOf(0, func(v []Expr) Expr {
		kept := withLambda(t, "filter", lambdaOf(1, func(w []Expr) Expr { return op(t, "<=", w[0], v[0]) }), arr)
		n, err := KSQL.Function([]string{"array_length"}, []Expr{kept}, 0)
		if err != nil {
			t.Fatal(err)
		}
		return op(t, "+", n, col)
	}), arr)
	expect(t, textsOf(t, nil, nested, in, 4), "{11,12}", "NULL", "{}", "{41,40}")
	if cols := Columns(nested); len(cols) != 2 {
		t.Errorf("columns %v", cols)
	}
	moved := Shift(nested, 1)
	expect(t, textsOf(t, nil, moved, append([]batch.Vec{nil}, in...), 4), "{11,12}", "NULL", "{}", "{41,40}")
	if EqualExpr(nested, moved) || !EqualExpr(nested, Shift(moved, -1)) {
		t.Error("equality of lambdas")
	}
}

// TestLambdaFailure: elements that cannot be computed make their row NULL, and count once.
func TestLambdaFailure(t *testing.T) {
	in := []batch.Vec{batch.NewVec(tInts, []types.Value{ints(1, 2), ints(0, 0, 5), ints(), ints(nil, 0)})}
	arr := &Column{Index: 0, T: tInts}
	div := withLambda(t, "transform", lambdaOf(0, func(v []Expr) Expr {
		return op(t, "/", &Const{V: types.IntValue(10), T: tInt}, v[0])
	}), arr)
	errs := 0
	env := &Env{RowError: func(error) error { errs++; return nil }}
	expect(t, textsOf(t, env, div, in, 4), "{10,5}", "NULL", "{}", "NULL")
	if errs != 4 { // two rows, evaluated twice
		t.Errorf("%d errors", errs)
	}
	errs = 0
	constant := withLambda(t, "transform", lambdaOf(0, func([]Expr) Expr {
		return op(t, "/", &Const{V: types.IntValue(1), T: tInt}, &Const{V: types.IntValue(0), T: tInt})
	}), arr)
	expect(t, textsOf(t, env, constant, in, 4), "NULL", "NULL", "{}", "NULL")
	if errs != 6 {
		t.Errorf("%d errors of a constant body", errs)
	}
	p, _ := Compile(div)
	if _, err := p.Eval(nil, in, 4); err == nil {
		t.Error("without RowError the first failure stops")
	}
	errs = 0
	guarded := &Case{Conds: []Expr{&Const{V: types.BoolValue(false), T: types.T(types.Bool)}}, Results: []Expr{div}, Else: arr, T: tInts}
	expect(t, textsOf(t, env, guarded, in, 4), "{1,2}", "{0,0,5}")
	if errs != 0 {
		t.Errorf("%d errors on rows that do not count", errs)
	}
}

// TestReduceLengths: rows of different lengths leave the loop at different times.
func TestReduceLengths(t *testing.T) {
	in := []batch.Vec{batch.NewVec(tInts, []types.Value{ints(1, 2, 3), ints(), ints(5), types.Null, ints(1, 0, 2)})}
	l := &LambdaArg{Params: 2, Bind: func(p []types.Type) (*Lambda, error) {
		return &Lambda{Names: []string{"s", "x"}, Params: p, Body: op(t, "/", op(t, "+", &LambdaVar{Slot: 0, T: p[0]},
			&Const{V: types.IntValue(60), T: tInt}), &LambdaVar{Slot: 1, T: p[1]})}, nil
	}}
	e := withLambda(t, "reduce", l, &Column{Index: 0, T: tInts}, &Const{V: types.IntValue(0), T: tInt})
	errs := 0
	env := &Env{RowError: func(error) error { errs++; return nil }}
	expect(t, textsOf(t, env, e, in, 5), "40", "0", "12", "0", "NULL")
	if errs != 2 {
		t.Errorf("%d errors", errs)
	}
}

// BenchmarkTransform is transform(a, x => x * 2 + c) over rows of ten elements.
func BenchmarkTransform(b *testing.B) {
	const rows, width = 1024, 10
	var arrs, cs []types.Value
	for i := range rows {
		vals := make([]any, width)
		for j := range vals {
			vals[j] = i + j
		}
		arrs, cs = append(arrs, ints(vals...)), append(cs, types.IntValue(int64(i)))
	}
	in := []batch.Vec{batch.NewVec(tInts, arrs), batch.NewVec(tInt, cs)}
	bind := lambdaOf(0, func(v []Expr) Expr {
		twice, _ := ResolveOperator("*", v[0], &Const{V: types.IntValue(2), T: tInt}, 0)
		sum, _ := ResolveOperator("+", twice, &Column{Index: 1, T: tInt}, 0)
		return sum
	})
	e, err := KSQL.FunctionWithLambdas([]string{"transform"}, []Expr{&Column{Index: 0, T: tInts}, nil}, []*LambdaArg{nil, bind}, 0)
	if err != nil {
		b.Fatal(err)
	}
	p, err := Compile(e)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Eval(nil, in, rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(rows*width), "ns/element")
}

// TestArrayFailure: rows whose parts do not fit together are NULL, and the others are computed.
func TestArrayFailure(t *testing.T) {
	in := []batch.Vec{batch.NewVec(tInts, []types.Value{ints(1, 2), ints(1), types.Null})}
	e := &ArrayOf{Args: []Expr{&Column{Index: 0, T: tInts}, &Const{V: ints(3, 4), T: tInts}}, T: tInts}
	errs := 0
	env := &Env{RowError: func(error) error { errs++; return nil }}
	expect(t, textsOf(t, env, e, in, 3), "{{1,2},{3,4}}", "NULL", "NULL")
	if errs != 4 { // two rows, evaluated twice
		t.Errorf("%d errors", errs)
	}
	m := &MapOf{Keys: []Expr{&Column{Index: 0, T: types.T(types.Text)}}, Values: []Expr{&Column{Index: 0, T: types.T(types.Text)}},
		T: types.Type{Kind: types.Map, Key: &types.Type{Kind: types.Text}, Elem: &types.Type{Kind: types.Text}}}
	errs = 0
	expect(t, textsOf(t, env, m, []batch.Vec{batch.NewVec(types.T(types.Text), []types.Value{types.TextValue("k"), types.Null})}, 2), `{"k":"k"}`, "NULL")
	if errs != 2 {
		t.Errorf("%d errors of NULL keys", errs)
	}
}
