package expr

import (
	"slices"
	"strings"

	"streamsql/internal/types"
)

// SetFunc is one overload of a set-returning function: a call of it gives any number of rows. Func has its name,
// arguments, null rule (a NULL argument of a strict one gives no rows), volatility, doc and example; the example's result
// has its rows separated by "; " and columns by " | ".
type SetFunc struct {
	Func
	// Cols are the output columns. A column without a name has the function's, or its alias in FROM.
	Cols []SetColumn

	rows func(c *SetCall) (setRows, error)
}

// SetColumn is one output column of a set-returning function.
type SetColumn struct {
	Name string
	Type types.Type
}

// SetCall is a resolved call; Args have exactly the types the function takes, Cols the concrete types it gives.
type SetCall struct {
	Func *SetFunc
	Args []Expr
	Cols []SetColumn
	Pos  int // byte offset in the statement, or -1: run-time errors point there
}

// String is the call as EXPLAIN shows it.
func (c *SetCall) String() string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = a.String()
	}
	return c.Func.Name + "(" + strings.Join(args, ", ") + ")"
}

// WithArgs returns the call over other arguments of the same types.
func (c *SetCall) WithArgs(args []Expr) *SetCall {
	n := *c
	n.Args = args
	return &n
}

// setRegistry has every overload under its name. Like registry it is filled by init functions and never changed after.
var setRegistry = map[string][]*SetFunc{}

// defSet registers one overload. sig is as for def; its result is the type of the one column, or record if cols, as
// "name type, name type", names several. A single column may be named too: "value".
func defSet(sig, cols, doc, example string, rows func(c *SetCall) (setRows, error)) {
	f := &SetFunc{Func: *newFunc(sig, doc, example), rows: rows}
	switch {
	case cols == "":
		f.Cols = []SetColumn{{Type: f.Result}}
	case !strings.Contains(cols, " "):
		f.Cols = []SetColumn{{cols, f.Result}}
	default:
		for _, c := range strings.Split(cols, ", ") {
			name, t, _ := strings.Cut(c, " ")
			f.Cols = append(f.Cols, SetColumn{name, sigType(t)})
		}
	}
	setRegistry[f.Name] = append(setRegistry[f.Name], f)
}

// SetFunctions returns every overload of every set-returning function, by name, then in order of registration. They
// are shared and must not be changed.
func SetFunctions() []*SetFunc {
	names := make([]string, 0, len(setRegistry))
	for n := range setRegistry {
		names = append(names, n)
	}
	slices.Sort(names)
	var fs []*SetFunc
	for _, n := range names {
		fs = append(fs, setRegistry[n]...)
	}
	return fs
}

// IsSetReturning reports whether name (folded, unqualified) is a set-returning function.
func IsSetReturning(name string) bool { return setRegistry[name] != nil }

// setSchema is the schema of a set-returning function.
func setSchema(fn string) string {
	if fn == "_pg_expandarray" {
		return "information_schema"
	}
	return "pg_catalog"
}

// ResolveSetFunction finds the set-returning function name (folded; a qualifier must be pg_catalog) for args, as
// ResolveFunction does for others. nil, nil: no set-returning function has that name. Errors: 42883, 42725.
func ResolveSetFunction(name []string, args []Expr, pos int) (*SetCall, error) {
	fn := name[len(name)-1]
	if !IsSetReturning(fn) || len(name) > 1 && name[len(name)-2] != setSchema(fn) {
		return nil, nil
	}
	var cs []candidate
	for _, f := range setRegistry[fn] {
		if l := layout(f.Args, f.Variadic, len(args)); l != nil || len(args) == 0 && len(f.Args) == 0 {
			cs = append(cs, candidate{&f.Func, l})
		}
	}
	in := typesOf(args)
	best, ambiguous := pick(cs, in)
	if best == nil {
		return nil, functionError(fn, in, ambiguous, pos)
	}
	if undetermined(best.args, in) && slices.ContainsFunc(best.args, isPseudo) {
		return nil, functionError(fn, in, true, pos)
	}
	x, err := makeCall(best, args, pos)
	if err != nil {
		return nil, err
	}
	call := x.(*Call)
	i := slices.IndexFunc(setRegistry[fn], func(f *SetFunc) bool { return &f.Func == best.f })
	out := &SetCall{Func: setRegistry[fn][i], Args: call.Args, Pos: pos}
	for _, c := range out.Func.Cols {
		switch {
		case len(out.Func.Cols) == 1:
			c.Type = call.T
		case isPseudo(c.Type): // of the one array argument
			c.Type = *call.Args[0].Type().Elem
		}
		out.Cols = append(out.Cols, c)
	}
	return out, nil
}
