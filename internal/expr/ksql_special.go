package expr

import (
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlForms are the functions of the ksql dialect whose resolution is not that of ordinary ones.
var ksqlForms map[string]func(name string, args []Expr, pos int) (Expr, error)

func init() {
	ksqlForms = map[string]func(string, []Expr, int) (Expr, error){"coalesce": ksqlCoalesce, "ifnull": ksqlCoalesce,
		"nullif": ksqlNullif, "greatest": ksqlGreatest, "least": ksqlGreatest}
	f := defKSQL("ifnull(T, T) T nullok", "the first argument, or the second where the first is NULL", "ifnull(CAST(NULL AS INT), 3) => 3", nil)
	f.total = true
}

// ksqlCommon casts args to their common type.
func ksqlCommon(what string, args []Expr, pos int) ([]Expr, types.Type, error) {
	t, err := ksqlCommonType(what, args, nil)
	if err != nil {
		return nil, t, pgerr.WithPos(err, pos)
	}
	out := make([]Expr, len(args))
	for i, a := range args {
		if out[i], err = KSQL.Cast(a, t, types.Implicit, pos); err != nil {
			return nil, t, err
		}
	}
	return out, t, nil
}

func ksqlCoalesce(name string, args []Expr, pos int) (Expr, error) {
	if len(args) == 0 || name == "ifnull" && len(args) != 2 {
		return nil, functionError(name, typesOf(args), false, pos)
	}
	args, t, err := ksqlCommon(name, args, pos)
	if err != nil {
		return nil, err
	}
	return &Coalesce{Args: args, T: t}, nil
}

// ksqlNullif is NULL where the arguments are equal, else the first.
func ksqlNullif(name string, args []Expr, pos int) (Expr, error) {
	if len(args) != 2 {
		return nil, functionError(name, typesOf(args), false, pos)
	}
	args, t, err := ksqlCommon(name, args, pos)
	if err != nil {
		return nil, err
	}
	eq, err := ksqlCompareAs("=", args[0], args[1], t, pos)
	if err != nil {
		return nil, err
	}
	return &Case{Conds: []Expr{eq}, Results: []Expr{&Const{V: types.Null, T: t}}, Else: args[0], T: t}, nil
}

func ksqlGreatest(name string, args []Expr, pos int) (Expr, error) {
	if len(args) == 0 {
		return nil, functionError(name, nil, false, pos)
	}
	args, t, err := ksqlCommon(name, args, pos)
	if err != nil {
		return nil, err
	}
	switch t.Kind {
	case types.Array, types.Map, types.Record, types.Bool:
		return nil, functionError(name, typesOf(args), false, pos)
	}
	return &Call{Func: registry[name][0], Args: args, T: t, Pos: pos}, nil
}

// Positive drops IS TRUE where NULL counts as false anyway: around the conditions of WHERE and ON, and of their ANDs and
// ORs, so that the optimizer sees the comparisons themselves.
func Positive(e Expr) Expr {
	switch e := e.(type) {
	case *Is:
		if e.What == "true" && !e.Not {
			return e.X
		}
	case *Logic:
		out := &Logic{Or: e.Or, Args: make([]Expr, len(e.Args))}
		for i, a := range e.Args {
			out.Args[i] = Positive(a)
		}
		return out
	}
	return e
}
