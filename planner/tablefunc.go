package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// tableFunc binds a function in FROM: a window function over a relation, or a set-returning function of constants.
func (b *binder) tableFunc(t *ast.TableFunc, sc *scope) (*from, error) {
	name := funcName(t.Call.Name)
	fn := name[len(name)-1]
	switch {
	case len(name) == 1 && (fn == "tumble" || fn == "hop"):
		if t.Lateral || t.Ordinality {
			return nil, pgerr.Unsupported(at(t), "LATERAL or WITH ORDINALITY of a window function")
		}
		return b.windowFunc(t, fn, sc)
	case fn == "session" || fn == "cumulate":
		return nil, pgerr.Unsupported(at(t), "a %s window", fn)
	case fn != "generate_series" && fn != "unnest":
		return nil, pgerr.Unsupported(at(t), "function %s in FROM", fn)
	}
	c := &clause{b: b, sc: &scope{parent: sc.parent, ctes: sc.ctes}, name: "functions in FROM"}
	args, _, err := c.list(t.Call.Args)
	if err != nil {
		return nil, err
	}
	for i := range args {
		if args[i], err = expr.Fold(b.opt.Env, args[i]); err != nil {
			return nil, pgerr.WithPos(err, at(t.Call.Args[i]))
		}
		if _, ok := args[i].(*expr.Const); !ok {
			return nil, pgerr.Unsupported(at(t.Call.Args[i]), "%s of anything but constants", fn)
		}
	}
	var vals []types.Value
	var ty types.Type
	if fn == "unnest" {
		vals, ty, err = unnestConst(args, at(t))
	} else {
		vals, ty, err = b.series(args, at(t))
	}
	if err != nil {
		return nil, err
	}
	return b.functionRows(t, fn, vals, ty)
}

// functionRows is the Values of a set-returning function, under its alias: without column aliases the one column has
// the table alias as its name.
func (b *binder) functionRows(t *ast.TableFunc, fn string, vals []types.Value, ty types.Type) (*from, error) {
	col := fn
	if t.Alias.Name != "" {
		col = t.Alias.Name
	}
	v := &Values{Out: []Column{{Name: col, Type: ty}}}
	if t.Ordinality {
		v.Out = append(v.Out, Column{Name: "ordinality", Type: types.T(types.Int8), NotNull: true})
	}
	for i, x := range vals {
		row := []expr.Expr{&expr.Const{V: x, T: ty}}
		if t.Ordinality {
			row = append(row, constInt(int64(i+1)))
		}
		v.Rows = append(v.Rows, row)
	}
	return aliased(newFrom(v, col), t.Alias, at(t))
}

func unnestConst(args []expr.Expr, pos int) ([]types.Value, types.Type, error) {
	if len(args) != 1 {
		return nil, types.Type{}, pgerr.Unsupported(pos, "unnest of several arrays")
	}
	k := args[0].(*expr.Const)
	if k.T.Kind != types.Array {
		return nil, types.Type{}, pgerr.At(pos, pgerr.UndefinedFunction, "function unnest(%s) does not exist", k.T)
	}
	if k.V.Null {
		return nil, *k.T.Elem, nil
	}
	_, vals, err := types.DecodeArray(k.V.Bytes, *k.T.Elem)
	return vals, *k.T.Elem, err
}
