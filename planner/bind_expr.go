package planner

import (
	"strconv"
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// clause binds the expressions of one clause of one query.
type clause struct {
	b    *binder
	sc   *scope
	name string   // "WHERE", "JOIN conditions": for "aggregate functions are not allowed in …"
	aggs *aggSet  // nil: aggregates are refused here
	in   *aggCall // the aggregate whose arguments are being bound, or nil
	subs *subSet  // collects subqueries; nil: they are refused here
	pre  *subSet  // collects those inside aggregates' arguments
	refs refPlaces
	srf  *setSet // collects set-returning functions; nil: they are refused here
	// within is the construct around that may leave the expression out: "CASE", "COALESCE"; or ""
	within string

	wins      *winSet        // collects window functions; nil: they are refused here
	inWindow  string         // "window function calls" or "window definitions", inside of which the clause stands
	groupings *groupingParts // collects GROUPING calls; nil: they are refused here

	lambdas *lambdaScope // the parameters of the lambdas around, or nil
}

// refPlaces remembers where in the text a column reference stands, by its address.
type refPlaces map[*expr.Column]int

// list binds several expressions.
func (c *clause) list(xs []ast.Expr) ([]expr.Expr, []int, error) {
	out, pos := make([]expr.Expr, len(xs)), make([]int, len(xs))
	for i, x := range xs {
		e, err := c.expr(x)
		if err != nil {
			return nil, nil, err
		}
		out[i], pos[i] = e, at(x)
	}
	return out, pos, nil
}

// expr binds one expression. Literals and parameters may come back with type unknown.
func (c *clause) expr(x ast.Expr) (expr.Expr, error) {
	e, err := c.bind(x)
	if err != nil {
		return nil, pgerr.WithPos(err, at(x))
	}
	return c.b.settle(e), nil
}

func (c *clause) bind(x ast.Expr) (expr.Expr, error) {
	switch x := x.(type) {
	case *ast.Lit:
		return c.b.literal(x)
	case *ast.TypedLit:
		t, err := c.b.bindType(x.Type)
		if err != nil {
			return nil, err
		}
		return c.b.dialect().Cast(constText(x.Text), t, types.Explicit, at(x))
	case *ast.Param:
		return c.b.param(x.N, at(x))
	case *ast.Ref:
		return c.ref(x)
	case *ast.Unary:
		return c.unary(x)
	case *ast.Binary:
		return c.binary(x)
	case *ast.Is:
		return c.is(x)
	case *ast.Between:
		return c.between(x)
	case *ast.In:
		return c.inList(x)
	case *ast.Quantified:
		return c.quantified(x)
	case *ast.Case:
		return c.caseExpr(x)
	case *ast.Call:
		return c.call(x)
	case *ast.Cast:
		return c.cast(x)
	case *ast.Collate:
		return c.collate(x)
	case *ast.ArrayLit:
		return c.array(x)
	case *ast.Subscript:
		return c.subscript(x)
	case *ast.RowLit:
		return c.rowLit(x)
	case *ast.StructLit:
		return c.structLit(x)
	case *ast.MapLit:
		return c.mapLit(x)
	case *ast.FieldSel:
		return c.field(x)
	case *ast.Subquery:
		return c.scalarSubquery(x)
	case *ast.Exists:
		return c.exists(x)
	case *ast.ArrayQuery:
		return c.arrayQuery(x)
	}
	return nil, refusedExpr(x)
}

// refusedExpr names the expressions that have no execution yet.
func refusedExpr(x ast.Expr) error {
	what := "this expression"
	switch x := x.(type) {
	case *ast.Star:
		return pgerr.At(at(x), pgerr.SyntaxError, "row expansion via \"*\" is not supported here")
	case *ast.Named:
		what = "a named argument"
	case *ast.Lambda:
		what = "a lambda that is no argument of a function that takes one"
	case *ast.GroupingSets:
		what = strings.ToUpper(x.Kind)
	case *ast.TableArg:
		what = "a table argument"
	}
	return pgerr.Unsupported(at(x), "%s", what)
}

func (c *clause) ref(x *ast.Ref) (expr.Expr, error) {
	if len(x.Parts) == 1 {
		if v := c.lambdas.lookup(x.Parts[0]); v != nil {
			return v, nil
		}
	}
	if c.sc == nil {
		return nil, undefinedColumn(nil, x, "", x.Parts[len(x.Parts)-1])
	}
	e, err := c.b.resolve(c.sc, x)
	if err != nil {
		return nil, err
	}
	if col, ok := e.(*expr.Column); ok && c.refs != nil {
		c.refs[col] = at(x)
	}
	return e, nil
}

func (c *clause) unary(x *ast.Unary) (expr.Expr, error) {
	// A minus sign belongs to the number after it: -2147483648 is an integer, -9223372036854775808 a bigint.
	if lit, ok := x.X.(*ast.Lit); ok && x.Op == "-" && lit.Kind == ast.LitNumber {
		if v, err := strconv.ParseInt("-"+lit.Text, 10, 64); err == nil {
			return intConst(v), nil
		}
	}
	// A second one is taken off it again: - (-2147483648) is a bigint.
	if neg, ok := x.X.(*ast.Unary); ok && x.Op == "-" && neg.Op == "-" {
		if lit, ok := neg.X.(*ast.Lit); ok && lit.Kind == ast.LitNumber {
			return c.expr(lit)
		}
	}
	e, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	if x.Op == "not" {
		if e, err = c.b.boolean(e, "NOT", at(x.X)); err != nil {
			return nil, err
		}
		if err := notSet(e, "NOT", at(x.X)); err != nil {
			return nil, err
		}
		return &expr.Not{X: e}, nil
	}
	return c.b.dialect().Operator(x.Op, nil, e, at(x))
}

// operatorNames are the operators behind keywords, as PostgreSQL's catalog spells them.
var operatorNames = map[string]string{"like": "~~", "ilike": "~~*"}

func (c *clause) binary(x *ast.Binary) (expr.Expr, error) {
	op := x.Op
	if op == "and" || op == "or" {
		return c.logic(x)
	}
	if l, ok := x.L.(*ast.RowLit); ok {
		if r, ok := x.R.(*ast.RowLit); ok {
			return c.rowCompare(x, l, r)
		}
		if r, ok := x.R.(*ast.Subquery); ok {
			return c.rowSubquery(x, l, r)
		}
	}
	l, err := c.expr(x.L)
	if err != nil {
		return nil, err
	}
	r, err := c.expr(x.R)
	if err != nil {
		return nil, err
	}
	if c.b.dialect() == expr.KSQL {
		if l, r, err = eventTimes(x.L, x.R, l, r); err != nil {
			return nil, err
		}
	}
	switch op {
	case "is distinct from", "is not distinct from":
		return c.distinct(l, r, op == "is distinct from", int(x.OpPos))
	case "similar to":
		return c.similar(x, l, r)
	case "like", "ilike":
		op = operatorNames[op]
		if x.Escape != nil {
			r, err = c.likeEscape(x, r)
		} else if c.b.dialect() == expr.KSQL {
			r, err = c.withoutEscape(x, r)
		}
		if err != nil {
			return nil, err
		}
		if x.Not {
			op = "!" + op
		}
	}
	return c.b.dialect().Operator(op, l, r, int(x.OpPos))
}

// likeEscape rewrites a pattern with its own escape character into one with the backslash.
func (c *clause) likeEscape(x *ast.Binary, pattern expr.Expr) (expr.Expr, error) {
	esc, err := c.expr(x.Escape)
	if err != nil {
		return nil, err
	}
	return c.b.dialect().Function([]string{"like_escape"}, []expr.Expr{pattern, esc}, at(x.Escape))
}

// withoutEscape is LIKE of the ksql dialect without ESCAPE: a backslash in the pattern stands for itself.
func (c *clause) withoutEscape(x *ast.Binary, pattern expr.Expr) (expr.Expr, error) {
	if lit, ok := x.R.(*ast.Lit); ok && !strings.Contains(lit.Text, `\`) {
		return pattern, nil
	}
	return expr.ResolveFunction([]string{"like_escape"}, []expr.Expr{pattern, constText("")}, at(x.R))
}

// similar is SIMILAR TO: the pattern as a regular expression.
func (c *clause) similar(x *ast.Binary, l, pattern expr.Expr) (expr.Expr, error) {
	args := []expr.Expr{pattern}
	if x.Escape != nil {
		esc, err := c.expr(x.Escape)
		if err != nil {
			return nil, err
		}
		args = append(args, esc)
	}
	re, err := c.b.dialect().Function([]string{"similar_to_escape"}, args, at(x.R))
	if err != nil {
		return nil, pgerr.Unsupported(int(x.OpPos), "SIMILAR TO")
	}
	op := "~"
	if x.Not {
		op = "!~"
	}
	return c.b.dialect().Operator(op, l, re, int(x.OpPos))
}

// distinct is l IS [NOT] DISTINCT FROM r, as a comparison that treats NULLs as equal values.
func (c *clause) distinct(l, r expr.Expr, distinct bool, pos int) (expr.Expr, error) {
	if isNull(r) && r.Type().Kind == types.Unknown {
		return &expr.Is{X: l, What: "null", Not: distinct}, nil
	}
	if isNull(l) && l.Type().Kind == types.Unknown {
		return &expr.Is{X: r, What: "null", Not: distinct}, nil
	}
	eq, err := c.b.dialect().Operator("=", l, r, pos)
	if err != nil {
		return nil, err
	}
	call, ok := eq.(*expr.Call)
	if ok && len(call.Args) == 2 {
		l, r = call.Args[0], call.Args[1]
	}
	// (l = r) IS TRUE OR (l IS NULL AND r IS NULL): never NULL itself.
	same := expr.Or(&expr.Is{X: eq, What: "true"}, expr.And(&expr.Is{X: l, What: "null"}, &expr.Is{X: r, What: "null"}))
	if distinct {
		return &expr.Not{X: same}, nil
	}
	return same, nil
}

// isNull reports the NULL literal.
func isNull(e expr.Expr) bool {
	k, ok := e.(*expr.Const)
	return ok && k.V.Null
}

func (c *clause) logic(x *ast.Binary) (expr.Expr, error) {
	out := &expr.Logic{Or: x.Op == "or"}
	// The left spine of a chain is walked in a loop: a AND b AND … is as deep as it is long.
	var parts []ast.Expr
	var node ast.Expr = x
	for {
		bin, ok := node.(*ast.Binary)
		if !ok || bin.Op != x.Op {
			parts = append(parts, node)
			break
		}
		parts = append(parts, bin.R)
		node = bin.L
	}
	for i := len(parts) - 1; i >= 0; i-- {
		e, err := c.expr(parts[i])
		if err != nil {
			return nil, err
		}
		if e, err = c.b.boolean(e, strings.ToUpper(x.Op), at(parts[i])); err != nil {
			return nil, err
		}
		if err := notSet(e, strings.ToUpper(x.Op), at(parts[i])); err != nil {
			return nil, err
		}
		out.Args = append(out.Args, e)
	}
	return out, nil
}

func (c *clause) is(x *ast.Is) (expr.Expr, error) {
	if row, ok := x.X.(*ast.RowLit); ok && x.What == "null" {
		return c.rowIsNull(row, x.Not)
	}
	e, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	if x.What != "null" {
		what := "IS " + strings.ToUpper(x.What)
		if x.Not {
			what = "IS NOT " + strings.ToUpper(x.What)
		}
		if e, err = c.b.boolean(e, what, at(x.X)); err != nil {
			return nil, err
		}
	} else if k, ok := e.(*expr.Const); ok && k.T.Kind == types.Unknown {
		if e, err = c.b.known(e, at(x.X)); err != nil {
			return nil, err
		}
	} else if e.Type().Kind == types.Record && len(e.Type().Fields) > 0 && c.b.dialect() != expr.KSQL {
		return recordIsNull(e, x.Not), nil
	}
	return &expr.Is{X: e, What: x.What, Not: x.Not}, nil
}

func (c *clause) between(x *ast.Between) (expr.Expr, error) {
	es, _, err := c.list([]ast.Expr{x.X, x.Lo, x.Hi})
	if err != nil {
		return nil, err
	}
	if c.b.dialect() == expr.KSQL {
		for i, bound := range []ast.Expr{x.Lo, x.Hi} {
			if _, es[i+1], err = eventTimes(x.X, bound, es[0], es[i+1]); err != nil {
				return nil, err
			}
		}
	}
	within := func(lo, hi expr.Expr) (expr.Expr, error) {
		ge, err := c.b.dialect().Operator(">=", es[0], lo, at(x))
		if err != nil {
			return nil, err
		}
		le, err := c.b.dialect().Operator("<=", es[0], hi, at(x))
		if err != nil {
			return nil, err
		}
		return expr.And(ge, le), nil
	}
	e, err := within(es[1], es[2])
	if err != nil {
		return nil, err
	}
	if x.Symmetric {
		turned, err := within(es[2], es[1])
		if err != nil {
			return nil, err
		}
		e = expr.Or(e, turned)
	}
	if x.Not {
		e = &expr.Not{X: e}
	}
	return e, nil
}

func (c *clause) inList(x *ast.In) (expr.Expr, error) {
	if x.Query != nil {
		return c.inQuery(x.X, x.Query, x.Not, at(x))
	}
	if row, ok := x.X.(*ast.RowLit); ok {
		return c.rowIn(x, row)
	}
	es, pos, err := c.list(append([]ast.Expr{x.X}, x.List...))
	if err != nil {
		return nil, err
	}
	for i, e := range es {
		if err := notSet(e, "IN", pos[i]); err != nil && len(x.List) == 1 { // as in PostgreSQL, a list of more may
			return nil, err
		}
	}
	t, err := c.b.dialect().CommonType("IN", es, pos)
	if err != nil && c.b.dialect() == expr.KSQL {
		return nil, err
	}
	if err != nil || t.Kind == types.Unknown && c.b.paramUnknown {
		return c.inChain(es, x)
	}
	if err := needEquality(t, at(x)); err != nil {
		return nil, err
	}
	same := make([]expr.Expr, len(es))
	for i := range es {
		if same[i], err = c.b.castTo(es[i], t, types.Implicit, pos[i]); err != nil {
			if es[i].Type().Kind == types.Unknown { // a literal that is no t
				return nil, err
			}
			return c.inChain(es, x)
		}
	}
	if k := es[0].Type().Kind; t.Kind == types.Float4 && k != t.Kind && k != types.Unknown {
		return c.inChain(append(es[:1:1], same[1:]...), x) // the operator compares in double precision
	}
	if c.b.dialect() == expr.KSQL { // what is not found is false, and so is NULL
		in := &expr.Is{X: &expr.InList{X: same[0], List: same[1:]}, What: "true"}
		if x.Not {
			return &expr.Not{X: in}, nil
		}
		return in, nil
	}
	return &expr.InList{X: same[0], List: same[1:], Not: x.Not}, nil
}

// inChain is IN where the list has no common type: one comparison an element, each resolved by itself. It is also how
// the error of an element that cannot be compared comes about.
func (c *clause) inChain(es []expr.Expr, x *ast.In) (expr.Expr, error) {
	var eqs []expr.Expr
	for i, e := range es[1:] {
		eq, err := c.b.dialect().Operator("=", es[0], e, at(x.List[i]))
		if err != nil {
			return nil, pgerr.WithPos(err, at(x))
		}
		eqs = append(eqs, c.b.settle(eq))
	}
	out := expr.Or(eqs...)
	if x.Not {
		out = &expr.Not{X: out}
	}
	return out, nil
}

func (c *clause) quantified(x *ast.Quantified) (expr.Expr, error) {
	if x.Query != nil {
		return c.quantifiedQuery(x)
	}
	es, _, err := c.list([]ast.Expr{x.X, x.Array})
	if err != nil {
		return nil, err
	}
	return expr.ResolveAnyAll(x.Op, es[0], es[1], x.All, at(x))
}

func (c *clause) caseExpr(x *ast.Case) (expr.Expr, error) {
	c = c.inside("CASE")
	var operand expr.Expr
	var err error
	if x.Operand != nil {
		if operand, err = c.expr(x.Operand); err != nil {
			return nil, err
		}
		if operand, err = c.b.known(operand, at(x.Operand)); err != nil {
			return nil, err
		}
	}
	out := &expr.Case{}
	for _, w := range x.Whens {
		cond, err := c.caseCond(operand, w)
		if err != nil {
			return nil, err
		}
		res, err := c.expr(w.Result)
		if err != nil {
			return nil, err
		}
		out.Conds, out.Results = append(out.Conds, cond), append(out.Results, res)
	}
	out.Else = constNull(types.T(types.Unknown))
	elsePos := at(x)
	if x.Else != nil {
		if out.Else, err = c.expr(x.Else); err != nil {
			return nil, err
		}
		elsePos = at(x.Else)
	}
	return c.unifyCase(out, x, elsePos)
}

func (c *clause) caseCond(operand expr.Expr, w ast.When) (expr.Expr, error) {
	cond, err := c.expr(w.Cond)
	if err != nil {
		return nil, err
	}
	if operand == nil {
		return c.b.boolean(cond, "CASE/WHEN", at(w.Cond))
	}
	cond, err = c.b.dialect().Operator("=", operand, cond, at(w.Cond))
	if err != nil {
		return nil, pgerr.WithPos(err, at(w.Cond))
	}
	return c.b.settle(cond), nil
}

// unifyCase casts the results to their common type; ELSE counts first, as in PostgreSQL.
func (c *clause) unifyCase(out *expr.Case, x *ast.Case, elsePos int) (expr.Expr, error) {
	all, pos := []expr.Expr{out.Else}, []int{elsePos}
	for i, r := range out.Results {
		all, pos = append(all, r), append(pos, at(x.Whens[i].Result))
	}
	t, err := c.b.dialect().CommonType("CASE", all, pos)
	if err != nil {
		return nil, err
	}
	if t.Kind == types.Unknown {
		t = types.T(types.Text)
	}
	out.T = t
	if out.Else, err = c.b.castTo(out.Else, t, types.Implicit, elsePos); err != nil {
		return nil, err
	}
	for i := range out.Results {
		if out.Results[i], err = c.b.castTo(out.Results[i], t, types.Implicit, pos[i+1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *clause) cast(x *ast.Cast) (expr.Expr, error) {
	if x.Try {
		return nil, pgerr.Unsupported(at(x), "TRY_CAST")
	}
	t, err := c.b.bindType(x.Type)
	if err != nil {
		return nil, err
	}
	if arr, ok := x.X.(*ast.ArrayLit); ok && t.Kind == types.Array {
		return c.arrayAs(arr, t)
	}
	e, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	return c.b.castTo(e, t, types.Explicit, at(x))
}

func (c *clause) collate(x *ast.Collate) (expr.Expr, error) {
	e, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	switch x.Name.Last() {
	case "default", "C", "POSIX", "ucs_basic":
	default:
		return nil, pgerr.At(int(x.Name.Pos), pgerr.UndefinedObject, "collation %s for encoding \"UTF8\" does not exist", quoteName(x.Name.Parts)).
			WithHint("Text is ordered by its bytes: \"default\", \"C\" and \"POSIX\" are accepted.")
	}
	if t := e.Type(); !t.IsString() {
		return nil, pgerr.At(at(x), pgerr.DatatypeMismatch, "collations are not supported by type %s", t)
	}
	return e, nil
}

// arrayAs is ARRAY[…]::t: each element is cast by itself, so that elements of different types may stand together.
func (c *clause) arrayAs(x *ast.ArrayLit, t types.Type) (expr.Expr, error) {
	if len(x.Elems) == 0 {
		return c.b.dialect().Cast(constText("{}"), t, types.Explicit, at(x))
	}
	out := &expr.ArrayOf{T: t}
	for _, el := range x.Elems {
		if inner, ok := el.(*ast.ArrayLit); ok {
			e, err := c.arrayAs(inner, t)
			if err != nil {
				return nil, err
			}
			out.Args = append(out.Args, e)
			continue
		}
		e, err := c.expr(el)
		if err != nil {
			return nil, err
		}
		want := *t.Elem
		if e.Type().Kind == types.Array {
			want = t
		}
		if e, err = c.b.castTo(e, want, types.Explicit, at(el)); err != nil {
			return nil, err
		}
		out.Args = append(out.Args, e)
	}
	return out, nil
}

func (c *clause) array(x *ast.ArrayLit) (expr.Expr, error) {
	if len(x.Elems) == 0 {
		return nil, pgerr.At(at(x), pgerr.IndeterminateDatatype, "cannot determine type of empty array").
			WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
	}
	es, pos, err := c.list(x.Elems)
	if err != nil {
		return nil, err
	}
	t, err := c.b.dialect().CommonType("ARRAY", es, pos)
	if err != nil {
		return nil, err
	}
	if t.Kind == types.Unknown {
		t = types.T(types.Text)
	}
	for i := range es {
		if es[i], err = c.b.castTo(es[i], t, types.Implicit, pos[i]); err != nil {
			return nil, err
		}
	}
	if t.Kind != types.Array || c.b.dialect() == expr.KSQL { // an array of arrays, not one of two dimensions
		t = types.ArrayOf(t)
	}
	return &expr.ArrayOf{Args: es, T: t}, nil
}
