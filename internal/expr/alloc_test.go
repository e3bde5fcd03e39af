package expr

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"streamsql/internal/batch"
	"streamsql/internal/types"
)

// tame returns a value of t that few functions fail on: a small positive number, a date of this century, a short word.
func tame(r *rand.Rand, t types.Type) (types.Value, bool) {
	n := int64(1 + r.IntN(20))
	switch t.Kind {
	case types.Bool:
		return types.BoolValue(n%2 == 0), true
	case types.Int2, types.Int4, types.Int8, types.OID:
		return types.IntValue(n), true
	case types.Float4, types.Float8:
		return types.FloatValue(float64(n) / 32), true
	case types.Numeric:
		d, err := types.ParseText(t, fmt.Sprintf("%d.%d", n, n), types.DefaultFormat)
		return d, err == nil
	case types.Date:
		return types.IntValue(7000 + n), true
	case types.Time:
		return types.IntValue(n * 3_600_000_000), n < 24
	case types.Timestamp, types.TimestampTZ:
		return types.IntValue((7000 + n) * 86_400_000_000), true
	case types.Interval:
		return types.SpanValue(types.Span{Micros: n, Days: int32(n)}), true
	case types.Text, types.Varchar, types.Bytea:
		return types.TextValue(fmt.Sprintf("word-%d", n)), true
	}
	return types.Value{}, false
}

// slowFuncs are the functions over simple types that do allocate per row, each with its reason. No value is boxed in them.
var slowFuncs = func() map[string]string {
	out := map[string]string{"similar_to_escape": "makes a pattern of a pattern", "to_char": "lays out a template",
		"regexp_extract": "the pattern, ksqlDB's first argument, is a column here", "regexp_replace": "ksqlDB's finds the groups of every match",
		"timezone": "the zone is a column here", "regexp_instr": "finds where matches begin", "pg_size_pretty": "numeric beyond 64 bits"}
	for _, f := range []string{"~~", "!~~", "like", "notlike"} {
		out[f] = "of bytea: the pattern is a column here"
	}
	for _, f := range []string{"/", "^", "div", "exp", "factorial", "lcm", "ln", "log", "log10", "pow", "power", "sqrt", "round", "trunc"} {
		out[f] = "numeric beyond 64 bits"
	}
	return out
}()

// TestNoKernelBoxes: every function and operator of the registry over simple types allocates for a batch (its result, a
// pattern's matcher), never for a row.
func TestNoKernelBoxes(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes pools forget")
	}
	const n = 256
	r := rand.New(rand.NewPCG(5, 6))
	tried := 0
next:
	for _, f := range Functions() {
		if f.IsPolymorphic() || f.Vol == Volatile || f.build == nil || len(f.Args) == 0 {
			continue
		}
		call := &Call{Func: f, T: f.Result, Pos: -1}
		var in []batch.Vec
		for i, a := range f.Args {
			vals := make([]types.Value, n)
			for k := range vals {
				v, ok := tame(r, a)
				if !ok {
					continue next
				}
				vals[k] = v
			}
			if i > 0 && a.Kind == types.Text { // a pattern, a delimiter, a name: constant in all but odd statements
				call.Args = append(call.Args, &Const{V: vals[0], T: a})
			} else {
				call.Args = append(call.Args, &Column{Index: i, T: a})
			}
			in = append(in, batch.NewVec(a, vals))
		}
		if _, ok := tame(r, f.Result); !ok {
			continue
		}
		p, err := Compile(call)
		if err != nil {
			continue
		}
		failed := false
		env := &Env{RowError: func(error) error { failed = true; return nil }}
		eval := func() {
			if _, err := p.Eval(env, in, n); err != nil {
				failed = true
			}
		}
		eval()
		if failed { // errors are made one by one, and are rare
			continue
		}
		tried++
		if got := testing.AllocsPerRun(3, eval); got > 60 && slowFuncs[f.Name] == "" {
			t.Errorf("%s: %v allocations for %d rows", f.Signature(), got, n)
		}
	}
	t.Logf("%d functions tried", tried)
}
