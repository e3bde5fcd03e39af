package planner

import (
	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// PlanQuery plans a query against a catalog. Errors are *pgerr.Error with the position of the expression at fault.
// EMIT CHANGES turns the Pull lifetime into Push.
func PlanQuery(q ast.Query, cat *catalog.Catalog, opt Options) (*Plan, error) {
	b := newBinder(cat, opt)
	node, err := b.bindQuery(q, &scope{}, true)
	if err != nil {
		return nil, err
	}
	if node, err = b.resolveUnknown(node); err != nil {
		return nil, err
	}
	return b.plan(node)
}

// plan finishes a bound query: parameters, rewrites, properties.
func (b *binder) plan(node Node) (*Plan, error) {
	if n := size(node, map[Node]int{}); n > nodesMax {
		return nil, pgerr.New(pgerr.StatementTooComplex, "the query is too complex: its plan has more than %d nodes", nodesMax)
	}
	node = b.typedParams(node)
	if err := b.checkParams(); err != nil {
		return nil, err
	}
	if err := b.checkVolatile(node); err != nil {
		return nil, err
	}
	node = rewrite(node, b.opt)
	p := &Plan{Root: node, Columns: node.Columns(), Params: b.params, Props: PropsOf(node), DependsOn: b.dependsOn(),
		Push: b.push, PushLimit: b.pushLimit}
	return p, nil
}

// nodesMax bounds a plan. Views and common table expressions are put in where they are used: a few lines that each
// use the one before twice would make a plan that fits no machine.
const nodesMax = 10000

// size counts the nodes of a tree whose parts may be shared, without walking a part twice.
func size(n Node, seen map[Node]int) int {
	if s, ok := seen[n]; ok {
		return s
	}
	total := 1
	for _, in := range n.Inputs() {
		total = min(total+size(in, seen), nodesMax+1)
	}
	seen[n] = total
	return total
}

// typedParams gives parameters that were used before their type was known that type.
func (b *binder) typedParams(node Node) Node {
	if !b.paramUnknown {
		return node
	}
	return transform(node, func(n Node) Node {
		return withExprs(n, func(e expr.Expr) expr.Expr {
			return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
				if p, ok := x.(*expr.Param); ok && p.T.Kind == types.Unknown {
					return &expr.Param{N: p.N, T: b.params[p.N-1]}
				}
				return x
			})
		})
	})
}

// Bind returns the plan's tree with the parameters replaced by args (one value per Params, of those types). A Sort's
// Limit or Offset may then be a NULL constant, which means none, or a negative one, which is the user's error.
func (p *Plan) Bind(args []types.Value) Node {
	if len(p.Params) == 0 {
		return p.Root
	}
	return transform(p.Root, func(n Node) Node {
		return withExprs(n, func(e expr.Expr) expr.Expr { return expr.Bind(e, args) })
	})
}
