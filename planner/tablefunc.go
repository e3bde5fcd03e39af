package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// tableFunc binds a function in FROM: a window function over a relation, a set-returning function, or any other, which
// gives one row. Its arguments may refer to the items before it, which lat shows.
func (b *binder) tableFunc(t *ast.TableFunc, sc, lat *scope) (*from, error) {
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
	}
	c := &clause{b: b, sc: &scope{parent: lat, ctes: sc.ctes}, name: "functions in FROM", subs: &subSet{base: subBase}}
	if !expr.IsSetReturning(fn) {
		return b.scalarFunc(c, t, fn)
	}
	args, _, err := c.list(t.Call.Args)
	if err != nil {
		return nil, err
	}
	calls, err := setCalls(name, args, at(t))
	if err != nil {
		return nil, pgerr.WithPos(err, at(t))
	}
	input, resolve, err := c.subs.attach(unit())
	if err != nil {
		return nil, err
	}
	for i, call := range calls {
		calls[i] = call.WithArgs(mapExprs(call.Args, resolve))
	}
	n := newProjectSet(input, calls, t.Ordinality, false)
	first := len(input.Columns())
	if len(calls) == 1 && len(calls[0].Cols) == 1 && calls[0].Cols[0].Name == "" && t.Alias.Name != "" {
		n.Out[first].Name = t.Alias.Name
	}
	return aliased(newFrom(withoutFirst(n, first), fn), t.Alias, at(t))
}

// withoutFirst drops the first n columns.
func withoutFirst(node Node, n int) Node {
	if n == 0 {
		return node
	}
	cols := node.Columns()
	p := &Project{Input: node, Out: append([]Column(nil), cols[n:]...)}
	p.Exprs = mapColumns(cols, shifted(upTo(len(p.Out)), n))
	return p
}

// setCalls resolves a function in FROM; unnest of several arrays is one call each, side by side.
func setCalls(name []string, args []expr.Expr, pos int) ([]*expr.SetCall, error) {
	if name[len(name)-1] != "unnest" || len(args) < 2 {
		call, err := expr.ResolveSetFunction(name, args, pos)
		if err == nil && call == nil {
			_, err = expr.ResolveFunction(name, args, pos)
		}
		return []*expr.SetCall{call}, err
	}
	var calls []*expr.SetCall
	for i := range args {
		call, err := setCalls(name, args[i:i+1], pos)
		if err != nil {
			return nil, err
		}
		calls = append(calls, call...)
	}
	return calls, nil
}

// scalarFunc is a function in FROM that gives one value: a row with it.
func (b *binder) scalarFunc(c *clause, t *ast.TableFunc, fn string) (*from, error) {
	e, err := c.expr(t.Call)
	if err != nil {
		return nil, err
	}
	col := fn
	if t.Alias.Name != "" {
		col = t.Alias.Name
	}
	input, resolve, err := c.subs.attach(unit())
	if err != nil {
		return nil, err
	}
	p := &Project{Input: input}
	p.add(col, resolve(e), nil)
	if t.Ordinality {
		p.add("ordinality", constInt(1), nil)
	}
	return aliased(newFrom(p, fn), t.Alias, at(t))
}
