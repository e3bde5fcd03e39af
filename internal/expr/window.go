package expr

import (
	"slices"
	"strings"

	"streamsql/internal/types"
)

// WindowFunc is the signature of a window function that is no aggregate; its kernel is in operators under the same name.
type WindowFunc struct {
	Name          string
	Args          []types.Type
	Result        types.Type
	Doc           string
	Example       string // a SELECT without the word …
	ExampleResult string // … and the rows it gives, in order, joined by blanks
}

// windowFuncs is the registry of window functions, in order of registration.
var windowFuncs []*WindowFunc

func defWindow(doc, example string, sigs ...string) {
	for i, sig := range sigs {
		a := parseAgg(sig)
		w := &WindowFunc{Name: a.Name, Args: a.Args, Result: a.Result, Doc: doc}
		if i == 0 {
			w.Example, w.ExampleResult, _ = strings.Cut(example, " => ")
		}
		windowFuncs = append(windowFuncs, w)
	}
}

// PostgreSQL's window functions (chapter 9.22).
func init() {
	const over = " OVER (ORDER BY i) FROM (VALUES (1), (2), (2), (5)) t(i) ORDER BY i => "
	defWindow("number of the row in its partition", "row_number()"+over+"1 2 3 4", "row_number() int8")
	defWindow("rank of the row, with gaps: the number of the first of its peers", "rank()"+over+"1 2 2 4", "rank() int8")
	defWindow("rank of the row, without gaps", "dense_rank()"+over+"1 2 2 3", "dense_rank() int8")
	defWindow("rank of the row, from 0 to 1", "round(percent_rank()"+strings.Replace(over, ")", ")::numeric, 2)", 1)+"0.00 0.33 0.33 1.00", "percent_rank() float8")
	defWindow("the part of the rows up to the row's last peer", "cume_dist()"+over+"0.25 0.75 0.75 1", "cume_dist() float8")
	defWindow("the bucket of the row, from 1 to the argument, buckets being as equal as possible", "ntile(2)"+over+"1 1 2 2", "ntile(int4) int4")
	defWindow("the value of the row so many rows before, or the default", "lag(i, 1, 0)"+over+"0 1 2 2", "lag(anyelement) anyelement",
		"lag(anyelement, int4) anyelement", "lag(anycompatible, int4, anycompatible) anycompatible")
	defWindow("the value of the row so many rows behind, or the default", "lead(i, 1, 0)"+over+"2 2 5 0", "lead(anyelement) anyelement",
		"lead(anyelement, int4) anyelement", "lead(anycompatible, int4, anycompatible) anycompatible")
	defWindow("the value of the first row of the frame", "first_value(i)"+over+"1 1 1 1", "first_value(anyelement) anyelement")
	defWindow("the value of the last row of the frame", "last_value(i)"+over+"1 2 2 5", "last_value(anyelement) anyelement")
	defWindow("the value of the n-th row of the frame", "coalesce(nth_value(i, 2)"+strings.Replace(over, ")", "), 0)", 1)+"0 2 2 2", "nth_value(anyelement, int4) anyelement")
}

// WindowFuncs returns the signatures of all window functions. They are shared and must not be changed.
func WindowFuncs() []*WindowFunc { return windowFuncs }

// IsWindowFunc reports whether a window function has the name (folded, unqualified).
func IsWindowFunc(name string) bool {
	return slices.ContainsFunc(windowFuncs, func(w *WindowFunc) bool { return w.Name == name })
}

// ResolveWindow finds the window function for args and returns its result type and the arguments cast. Errors: 42883, 42725.
func ResolveWindow(name string, args []Expr, pos int) (types.Type, []Expr, error) {
	var cs []candidate
	for _, w := range windowFuncs {
		if w.Name == name && len(w.Args) == len(args) {
			cs = append(cs, candidate{&Func{Name: name, Args: w.Args, Result: w.Result}, w.Args})
		}
	}
	in := typesOf(args)
	best, ambiguous := pick(cs, in)
	if best == nil {
		return types.Type{}, nil, functionError(name, in, ambiguous, pos)
	}
	x, err := makeCall(best, args, pos)
	if err != nil {
		return types.Type{}, nil, err
	}
	call := x.(*Call)
	return base(call.T), call.Args, nil
}
