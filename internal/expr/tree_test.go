package expr

import (
	"fmt"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

func TestTreeTools(t *testing.T) {
	cols := testColumns()
	e := must(parseExpr("i > 0 AND (b OR c) AND CASE WHEN t IN ('x') THEN l ELSE j END = ANY (ARRAY[i, j])", cols))
	if got := fmt.Sprint(Columns(e)); got != "[0 1 3 4 5 8]" {
		t.Errorf("Columns: %s", got)
	}
	if got := len(Conjuncts(e)); got != 3 {
		t.Errorf("%d conjuncts, want 3", got)
	}
	if back := And(Conjuncts(e)...); fmt.Sprint(Columns(back)) != fmt.Sprint(Columns(e)) {
		t.Error("And(Conjuncts) loses columns")
	}
	shifted := Shift(e, 10)
	if got := fmt.Sprint(Columns(shifted)); got != "[10 11 13 14 15 18]" {
		t.Errorf("Shift: %s", got)
	}
	m := make([]int, 20)
	for i := range m {
		m[i] = i - 10
	}
	if back := Remap(shifted, m); !EqualExpr(back, e) {
		t.Errorf("Remap of Shift: %s", back)
	}
	if EqualExpr(shifted, e) {
		t.Error("EqualExpr does not see columns")
	}
	if got := fmt.Sprint(Columns(e)); got != "[0 1 3 4 5 8]" {
		t.Errorf("the tree was changed: %s", got)
	}
	if And() != nil || Or() != nil {
		t.Error("And and Or of nothing are not nil")
	}
}

func TestEqualExpr(t *testing.T) {
	cols := testColumns()
	all := []string{"i + 1", "i + 2", "j + 1", "i - 1", "1 + i", "n + 1.0", "n + 1.00", "i IS NULL", "i IS NOT NULL", "i IN (1)", "NOT (i IN (1))", "b AND c", "b OR c", "i::int8", "i::text", "coalesce(i, 1)", "NULL::int4", "0"}
	for x, a := range all {
		for y, b := range all {
			if got := EqualExpr(must(parseExpr(a, cols)), must(parseExpr(b, cols))); got != (x == y) {
				t.Errorf("EqualExpr(%s, %s) = %v", a, b, got)
			}
		}
	}
}

// TestFold checks what is computed before the plan runs, and what is left for the rows.
func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"1 + 2": "3", "i + (1 + 2)": "(i + 3)", "1 / 0": "(1 / 0)", "i + (1 / 0)": "(i + (1 / 0))", "b AND true": "b", "b AND false": "false", "b OR true": "true", "b OR false": "b",
		"b AND 1 = 1 AND c": "(b AND c)", "true AND true": "true", "CASE WHEN 1 = 2 THEN 1 / 0 ELSE i END": "i", "CASE WHEN b THEN 1 WHEN true THEN 2 ELSE 3 END": "CASE WHEN b THEN 1 ELSE 2 END",
		"coalesce(NULL, i)": "i", "coalesce(i, 1, j)": "COALESCE(i, 1)", "i + NULL": "NULL::integer", "upper('a') || t": "('A'::text || t)", "random() > 2": "(random() > '2'::double precision)",
		"now() > now()": "(now() > now())", "(b AND c) AND b": "(b AND c AND b)", "i IN (1 + 1, 3)": "(i IN (2, 3))", "NOT true": "false", "i::int8 = 3": "((i)::bigint = 3)",
		"'2001-01-01'::date + 1": "'2001-01-02'::date", "concat('a', NULL)": "concat('a'::text, NULL::text)",
	} {
		e, err := Fold(testEnv, must(parseExpr(text, testColumns())))
		if err != nil || e.String() != want {
			t.Errorf("%s folds to %s (%v), want %s", text, e, err, want)
		}
	}
}

func TestVolatility(t *testing.T) {
	for text, want := range map[string]Volatility{"i + 1": Immutable, "now()": Stable, "random() + 1": Volatile, "i::text": Immutable, "ts::text": Stable, "t::timestamptz": Stable,
		"CASE WHEN b THEN now() END": Stable, "'2001-01-01'::date": Immutable, "js -> 'a'": Immutable} {
		if got := VolatilityOf(must(parseExpr(text, testColumns()))); got != want {
			t.Errorf("%s: volatility %d, want %d", text, got, want)
		}
	}
}

// TestErrorsStopOrNull: without RowError the first bad row stops the evaluation; the error points at the operator.
func TestErrorsStopOrNull(t *testing.T) {
	i := testColumns()["i"]
	e := must(ResolveOperator("/", &Const{V: types.IntValue(1), T: types.T(types.Int4)}, &i, 17))
	p, err := Compile(Remap(e, []int{0, 0, 0, 0}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Eval(nil, gatherRow(randomZero(), 0)[3:], 1)
	if err == nil || err.Error() != "division by zero" || fmt.Sprint(position(err)) != "17" {
		t.Errorf("error %v at %d", err, position(err))
	}
}

// randomZero is a table of one row whose integers are 0.
func randomZero() []batch.Vec {
	out := make([]batch.Vec, len(testCols))
	for k, c := range testCols {
		out[k] = batch.NewVec(sigType(c.typ), []types.Value{types.Null})
	}
	out[3] = batch.NewVec(types.T(types.Int4), []types.Value{types.IntValue(0)})
	return out
}

func position(err error) int { return pgerr.From(err).Pos }
