package parser

import (
	"fmt"

	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
)

// fill completes the node of a marker with the operands that came back from TiDB. The operands are as the lowering wrote
// them, so their number is right; broken reports a marker that came back otherwise, which is our bug.
func (p *parser) fill(node ast.Node, args []ast.Expr) ast.Expr {
	switch n := node.(type) {
	case *part:
		return p.fillPart(n, args)
	case *ast.Lit:
		return n
	case *ast.TypedLit:
		return n
	case *ast.TableArg:
		n.PartitionBy = args
		return n
	case *ast.ArrayLit:
		n.Elems = args
		return n
	case *ast.RowLit:
		n.Elems = args
		return n
	case *ast.StructLit:
		for _, a := range args {
			n.Fields = append(n.Fields, *a.(*ast.Named))
		}
		return n
	case *ast.MapLit:
		for i := 0; i+1 < len(args); i += 2 {
			n.Keys, n.Values = append(n.Keys, args[i]), append(n.Values, args[i+1])
		}
		return n
	case *ast.Call:
		n.Args = args
		if !n.Keyword {
			return p.fillOverlaps(n)
		}
		return n
	case *ast.GroupingSets:
		return fillSets(n, args)
	case *ast.Star:
		if len(args) > 0 {
			n.Of = args[0]
		}
		return n
	}
	if len(args) == 0 {
		return p.broken(node)
	}
	return p.fillOperand(node, args)
}

// fillOverlaps makes the four arguments of OVERLAPS of the two rows beside it.
func (p *parser) fillOverlaps(n *ast.Call) ast.Expr {
	var args []ast.Expr
	for i, side := range []string{"left", "right"} {
		row, ok := n.Args[i].(*ast.RowLit)
		if !ok || len(row.Elems) != 2 {
			p.failAt(int(n.Args[i].Start()), pgerr.SyntaxError, "wrong number of parameters on %s side of OVERLAPS expression", side)
			return n
		}
		args = append(args, row.Elems...)
	}
	n.Args = args
	return n
}

// fillOperand completes the nodes that have at least one operand.
func (p *parser) fillOperand(node ast.Node, args []ast.Expr) ast.Expr {
	switch n := node.(type) {
	case *ast.Unary:
		n.X = args[0]
		return n
	case *ast.Cast:
		n.X = args[0]
		return n
	case *ast.Collate:
		n.X = args[0]
		return n
	case *ast.FieldSel:
		n.X = args[0]
		return n
	case *ast.Is:
		n.X = args[0]
		return n
	case *ast.Named:
		n.X = args[0]
		return n
	case *ast.Lambda:
		n.Body = args[0]
		return n
	case *ast.Subscript:
		n.X, n.Lo = args[0], orNil(args[1])
		if n.Slice {
			n.Hi = orNil(args[2])
		}
		return n
	case *ast.ArrayQuery:
		if q, ok := args[0].(*ast.Subquery); ok {
			n.Query = q.Query
			return n
		}
	case *ast.Quantified:
		if q, ok := args[0].(*ast.Subquery); ok {
			n.Query = q.Query
		} else {
			n.Array = args[0]
		}
		return n
	case *ast.Binary: // the pattern of LIKE
		return fillPattern(n, args)
	case *ast.Between: // the lower bound of BETWEEN SYMMETRIC
		n.Lo = args[0]
		return n
	}
	return p.broken(node)
}

// orNil returns nil for the marker of a bound that was left out.
func orNil(e ast.Expr) ast.Expr {
	if _, ok := e.(*part); ok {
		return nil
	}
	return e
}

func fillSets(n *ast.GroupingSets, args []ast.Expr) ast.Expr {
	for _, a := range args {
		if set, ok := a.(*part); ok {
			n.Sets = append(n.Sets, set.args)
		} else {
			n.Sets = append(n.Sets, []ast.Expr{a})
		}
	}
	return n
}

func fillPattern(n *ast.Binary, args []ast.Expr) ast.Expr {
	if q, ok := args[0].(*ast.Quantified); ok && q.X == nil {
		q.Op = n.Op
		if n.Not {
			q.Op = "not " + n.Op
		}
		return q
	}
	n.R = args[0]
	if len(args) > 1 {
		n.Escape = args[1]
	}
	return n
}

func (p *parser) fillPart(n *part, args []ast.Expr) ast.Expr {
	n.args = args
	switch n.kind {
	case partGroup:
		return args[0]
	case partOrder:
		n.item.X = args[0]
	case partZone:
		name := ast.Name{Pos: n.pos, Parts: []string{"timezone"}}
		return &ast.Call{Pos: n.pos, Name: name, Args: []ast.Expr{args[1], args[0]}}
	case partOver, partWindow:
		if n.spec != nil {
			fillWindow(n.spec, args)
		}
	case partFrame:
		fillFrame(n.frame, args[1:])
	}
	return n
}

func fillWindow(w *ast.WindowSpec, args []ast.Expr) {
	for _, a := range args {
		c, ok := a.(*part)
		if !ok {
			continue // the NULL that keeps the list from being empty
		}
		switch c.kind {
		case partPartitionBy:
			w.PartitionBy = c.args
		case partOrderBy:
			w.OrderBy = orderItems(c.args)
		case partFrame:
			w.Frame = c.frame
		}
	}
}

func fillFrame(f *ast.Frame, offsets []ast.Expr) {
	for _, b := range []*ast.FrameBound{&f.Start, &f.End} {
		if (b.Kind == "preceding" || b.Kind == "following") && len(offsets) > 0 {
			b.X, offsets = offsets[0], offsets[1:]
		}
	}
}

func orderItems(parts []ast.Expr) []ast.OrderItem {
	out := make([]ast.OrderItem, 0, len(parts))
	for _, e := range parts {
		if it, ok := e.(*part); ok && it.kind == partOrder {
			out = append(out, it.item)
		}
	}
	return out
}

// fillCall sorts what came back as arguments of a call into arguments and clauses.
func (p *parser) fillCall(c *ast.Call, args []ast.Expr) *ast.Call {
	for _, a := range args {
		n, ok := a.(*part)
		if !ok {
			c.Args = append(c.Args, a)
			continue
		}
		switch n.kind {
		case partStar:
			c.Star = true
		case partDistinct:
			c.Distinct = true
		case partVariadic:
			c.Variadic = true
		case partNulls:
			c.Nulls = n.name
		case partOrderBy:
			c.OrderBy = orderItems(n.args)
		case partWithin:
			c.WithinGroup = orderItems(n.args)
		case partFilter:
			c.Filter = n.args[0]
		case partOver:
			c.Over = n.spec
		}
	}
	return c
}

// fillTail sorts the items of a lowered ORDER BY into the clauses of a query's tail; it returns the EMIT clause apart.
func fillTail(t *ast.Tail, items []ast.Expr) (emit string) {
	for _, e := range items {
		n, ok := e.(*part)
		if !ok {
			continue
		}
		switch n.kind {
		case partOrder:
			t.OrderBy = append(t.OrderBy, n.item)
		case partLimitBy:
			t.LimitBy = &ast.LimitBy{Pos: n.pos, N: n.args[0], Offset: orNil(n.args[1]), By: n.args[2:]}
		case partLimit:
			t.Limit = unlessNull(n.args[0])
		case partOffset:
			t.Offset = unlessNull(n.args[0])
		case partTies:
			t.WithTies = true
		case partEmit:
			emit = n.name
		}
	}
	return emit
}

// unlessNull returns nil for NULL: LIMIT NULL is no limit.
func unlessNull(e ast.Expr) ast.Expr {
	if l, ok := e.(*ast.Lit); ok && l.Kind == ast.LitNull {
		return nil
	}
	return e
}

// broken reports a tree that TiDB returned and that the lowering cannot have written.
func (p *parser) broken(what any) ast.Expr {
	p.fail(&pgerr.Error{Code: pgerr.InternalError, Msg: fmt.Sprintf("parser: unexpected %T", what), Pos: pgerr.NoPos})
	return &ast.Lit{}
}
