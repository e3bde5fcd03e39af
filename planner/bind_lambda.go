package planner

import (
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// lambdaScope is the parameters of one lambda and of those around it, innermost first.
type lambdaScope struct {
	vars   []*expr.LambdaVar
	parent *lambdaScope
}

// slots is the number of parameters in scope.
func (s *lambdaScope) slots() int {
	if s == nil {
		return 0
	}
	return len(s.vars) + s.parent.slots()
}

// lookup finds a parameter; nil if there is none.
func (s *lambdaScope) lookup(name string) *expr.LambdaVar {
	for ; s != nil; s = s.parent {
		for _, v := range s.vars {
			if v.Name == name {
				return v
			}
		}
	}
	return nil
}

// hasLambda reports a call with a lambda among its arguments.
func hasLambda(x *ast.Call) bool {
	for _, a := range x.Args {
		if _, ok := a.(*ast.Lambda); ok {
			return true
		}
	}
	return false
}

// lambdaCall binds a call with lambdas: the other arguments first, whose types say what the parameters are.
func (c *clause) lambdaCall(x *ast.Call, name []string) (expr.Expr, error) {
	args, lambdas := make([]expr.Expr, len(x.Args)), make([]*expr.LambdaArg, len(x.Args))
	for i, a := range x.Args {
		if l, ok := a.(*ast.Lambda); ok {
			lambdas[i] = &expr.LambdaArg{Params: len(l.Params), Bind: func(params []types.Type) (*expr.Lambda, error) {
				return c.lambda(l, params)
			}}
			continue
		}
		e, err := c.expr(a)
		if err != nil {
			return nil, err
		}
		if args[i], err = c.b.known(e, at(a)); err != nil {
			return nil, err
		}
	}
	return c.b.dialect().FunctionWithLambdas(name, args, lambdas, at(x))
}

// lambda binds a lambda's body with its parameters in scope.
func (c *clause) lambda(x *ast.Lambda, params []types.Type) (*expr.Lambda, error) {
	inner := *c
	inner.lambdas = &lambdaScope{parent: c.lambdas}
	l := &expr.Lambda{First: c.lambdas.slots(), Names: x.Params, Params: params}
	seen := map[string]bool{}
	for i, p := range x.Params {
		if seen[p] {
			return nil, pgerr.At(at(x), pgerr.DuplicateColumn, "parameter %s of a lambda specified more than once", quoted(p))
		}
		seen[p] = true
		inner.lambdas.vars = append(inner.lambdas.vars, &expr.LambdaVar{Slot: l.First + i, Name: p, T: params[i]})
	}
	// What is computed elsewhere and joined to the row cannot depend on an element.
	inner.aggs, inner.subs, inner.pre = nil, nil, nil
	body, err := inner.expr(x.Body)
	if err != nil {
		return nil, err
	}
	l.Body = body
	return l, nil
}
