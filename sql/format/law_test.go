package format_test

import (
	"flag"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"streamsql/sql/ast"
	"streamsql/sql/format"
	"streamsql/sql/parser"
)

var seed = flag.Int64("seed", 1, "seed of the random trees")

// TestRandomTrees prints random trees and parses them: the law of this package, from trees no text was made for.
func TestRandomTrees(t *testing.T) {
	g := gen{rand.New(rand.NewSource(*seed))}
	for i := range 1000 {
		q := g.query(3)
		text := format.Query(q)
		stmts, err := parser.Parse(text, parser.Options{})
		if err != nil {
			t.Fatalf("seed %d, tree %d: %v\n%s", *seed, i, err, text)
		}
		if a, b := ast.Dump(&ast.QueryStmt{Query: q}, false), ast.Dump(stmts[0].Stmt, false); a != b {
			t.Fatalf("seed %d, tree %d: %s\n%s", *seed, i, text, cmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")))
		}
	}
}

// gen makes random trees, deep ones less and less likely.
type gen struct{ *rand.Rand }

func pick[T any](g gen, list ...T) T { return list[g.Intn(len(list))] }

// few returns one to three of what make makes.
func few[T any](g gen, make func() T) []T {
	out := []T{make()}
	for g.Intn(2) == 0 && len(out) < 3 {
		out = append(out, make())
	}
	return out
}

func (g gen) maybe() bool { return g.Intn(4) == 0 }

func (g gen) name() string {
	return pick(g, "a", "b", "Mixed", "select", "x y", `q"q`, "emit", "left", "ünï", "partition", "row", "interval", "filter", "over",
		"rows", "within", "key", "values", "current_date", "array", "at", "nulls", "operator")
}

func (g gen) query(depth int) ast.Query {
	var tail ast.Tail
	if g.maybe() {
		tail = g.tail(depth)
	}
	switch {
	case depth > 0 && g.Intn(5) == 0:
		q := &ast.SetOp{Op: pick(g, "union", "intersect", "except"), All: g.maybe(), L: g.query(depth - 1), R: g.query(depth - 1), Tail: tail}
		if g.maybe() {
			q.With = g.with(depth - 1)
		}
		return q
	case g.Intn(8) == 0:
		return &ast.Values{Rows: few(g, func() []ast.Expr { return g.exprs(depth) }), Tail: tail}
	}
	q := g.selectBlock(depth)
	q.Tail = tail
	if depth > 0 && g.maybe() {
		q.With = g.with(depth - 1)
	}
	return q
}

func (g gen) with(depth int) *ast.With {
	return &ast.With{Recursive: g.maybe(), CTEs: few(g, func() ast.CTE {
		return ast.CTE{Name: g.name(), Query: g.query(depth), Materialized: pick(g, "", "materialized", "not materialized")}
	})}
}

func (g gen) tail(depth int) ast.Tail {
	t := ast.Tail{OrderBy: g.order(depth)}
	if g.maybe() {
		t.LimitBy = &ast.LimitBy{N: g.operation(depth), By: g.exprs(depth)}
		if g.maybe() {
			t.LimitBy.Offset = g.operation(depth)
		}
	}
	if g.maybe() {
		t.Limit = &ast.Param{N: 1}
		if g.maybe() {
			t.Limit = g.operation(depth)
		}
		t.WithTies = g.maybe()
	}
	if g.maybe() {
		t.Offset = g.operation(depth)
	}
	return t
}

func (g gen) order(depth int) []ast.OrderItem {
	return few(g, func() ast.OrderItem {
		it := ast.OrderItem{X: g.expr(depth), Desc: g.maybe()}
		if g.maybe() {
			first := g.maybe()
			it.NullsFirst = &first
		}
		return it
	})
}

func (g gen) selectBlock(depth int) *ast.Select {
	q := &ast.Select{Distinct: g.maybe()}
	q.Items = few(g, func() ast.SelectItem {
		if g.maybe() {
			star := &ast.Star{Table: pick(g, nil, []string{g.name(), g.name()})}
			if g.maybe() {
				star.Except, star.ExceptOf = few(g, g.name), []ast.Name{{Parts: []string{g.name(), g.name()}}}
			}
			return ast.SelectItem{X: star}
		}
		return ast.SelectItem{X: g.expr(depth), As: pick(g, "", g.name())}
	})
	if g.Intn(3) > 0 {
		q.From = few(g, func() ast.TableExpr { return g.table(depth) })
		if g.maybe() {
			q.Where = g.expr(depth)
		}
		if g.maybe() {
			q.Windows = []ast.NamedWindow{{Name: g.name(), Spec: g.window(depth)}}
		}
		if g.maybe() {
			q.PartitionBy = g.exprs(depth)
		}
		if g.maybe() {
			q.Emit = pick(g, "changes", "final")
		}
	}
	if g.maybe() {
		q.GroupBy = g.exprs(depth)
		q.GroupBy = append(q.GroupBy, &ast.GroupingSets{Kind: pick(g, "grouping sets", "rollup", "cube"), Sets: [][]ast.Expr{{g.expr(depth)}, g.exprs(depth)}})
		if g.maybe() { // GROUP BY DISTINCT is one item with all others in it
			all := &ast.GroupingSets{Kind: "distinct"}
			for _, x := range q.GroupBy {
				all.Sets = append(all.Sets, []ast.Expr{x})
			}
			q.GroupBy = []ast.Expr{all}
		}
	}
	if g.maybe() {
		q.Having = g.expr(depth)
	}
	return q
}

func (g gen) table(depth int) ast.TableExpr {
	alias := ast.Alias{Name: g.name()}
	if g.maybe() {
		alias.Columns = few(g, g.name)
	}
	switch {
	case depth > 0 && g.Intn(3) == 0:
		j := &ast.Join{Kind: pick(g, "inner", "left", "right", "full", "cross"), L: g.table(depth - 1), R: g.table(depth - 1)}
		switch {
		case j.Kind == "cross":
		case g.maybe():
			j.Natural = true
		case g.maybe():
			j.Using = few(g, g.name)
		default:
			j.On = g.expr(depth - 1)
		}
		if !j.Natural && j.Kind != "cross" && g.maybe() {
			j.Within = &ast.Within{Before: ast.Duration{N: 1, Unit: "hour"}, After: ast.Duration{N: 2, Unit: "day"}}
		}
		return j
	case depth > 0 && g.Intn(4) == 0:
		return &ast.Derived{Query: g.query(depth - 1), Alias: alias, Lateral: g.maybe()}
	case g.Intn(4) == 0:
		return &ast.TableFunc{Call: g.plainCall(depth), Alias: alias, Lateral: g.maybe(), Ordinality: g.maybe()}
	}
	t := &ast.Table{Name: ast.Name{Parts: few(g, g.name)}, Alias: pick(g, ast.Alias{}, alias)}
	if g.maybe() {
		t.AsOf, t.AsOfKind = g.expr(depth), pick(g, "system_time", "timestamp", "offset")
	}
	if g.maybe() {
		t.Window = &ast.Window{Kind: pick(g, "tumbling", "session"), Size: &ast.Duration{N: 5, Unit: "minute"}, Grace: &ast.Duration{N: 1, Unit: "second"}}
	}
	return t
}

func (g gen) exprs(depth int) []ast.Expr { return few(g, func() ast.Expr { return g.expr(depth) }) }

func (g gen) expr(depth int) ast.Expr {
	if depth <= 0 {
		return g.leaf()
	}
	switch g.Intn(4) {
	case 0:
		return g.leaf()
	case 1:
		return g.operation(depth - 1)
	case 2:
		return g.compound(depth - 1)
	}
	return g.call(depth - 1)
}

func (g gen) leaf() ast.Expr {
	switch g.Intn(9) {
	case 0:
		return &ast.Lit{Kind: ast.LitNumber, Text: pick(g, "0", "1", "1.50", "1e10", "007", "99999999999999999999")}
	case 1:
		return &ast.Lit{Kind: ast.LitString, Text: pick(g, "", "it's", `\`, "a\nb", "\x1e1", "ü", "?", "`")}
	case 2:
		return &ast.Lit{Kind: pick(g, ast.LitNull, ast.LitDefault)}
	case 3:
		return &ast.Lit{Kind: ast.LitBool, Bool: g.maybe()}
	case 4:
		return &ast.Param{N: 1 + g.Intn(9)}
	case 5:
		return &ast.TypedLit{Type: g.typ(0), Text: "x'y"}
	case 6:
		return &ast.Call{Name: ast.Name{Parts: []string{pick(g, "current_timestamp", "user", "current_schema")}}, Keyword: true}
	}
	return &ast.Ref{Parts: few(g, g.name)}
}

func (g gen) typ(depth int) *ast.TypeName {
	t := &ast.TypeName{Name: []string{pick(g, "int", "text", "double precision", "Mixed", `"char"`, "timestamp with time zone", "interval", "character varying", "bit")}}
	switch {
	case depth > 0 && g.maybe():
		return &ast.TypeName{Name: []string{"map"}, Args: []*ast.TypeName{g.typ(depth - 1), g.typ(depth - 1)}, Dims: g.Intn(2)}
	case depth > 0 && g.maybe():
		return &ast.TypeName{Name: []string{"struct"}, Fields: []ast.TypeField{{Name: g.name(), Type: g.typ(depth - 1)}}}
	case g.maybe():
		t.Mods = []int{3}
	}
	if depth > 0 {
		t.Dims = g.Intn(3)
	}
	return t
}

func (g gen) operation(depth int) ast.Expr {
	x := func() ast.Expr { return g.expr(depth) }
	switch g.Intn(8) {
	case 0:
		return &ast.Unary{Op: pick(g, "-", "+", "~", "not", "@", "|/"), X: x()}
	case 1:
		b := &ast.Binary{Op: pick(g, "like", "ilike", "similar to"), L: x(), R: x(), Not: g.maybe()}
		if g.maybe() {
			b.Escape = x()
		}
		return b
	case 2:
		return &ast.Is{X: x(), What: pick(g, "null", "true", "false", "unknown"), Not: g.maybe()}
	case 3:
		return &ast.Between{X: x(), Lo: x(), Hi: x(), Not: g.maybe(), Symmetric: g.maybe()}
	case 4:
		if g.maybe() {
			return &ast.In{X: x(), Query: g.query(depth), Not: g.maybe()}
		}
		return &ast.In{X: x(), List: append(g.exprs(depth), g.leaf()), Not: g.maybe()}
	case 5:
		q := &ast.Quantified{Op: pick(g, "=", "<>", "~", "like", "not ilike"), All: g.maybe(), X: x()}
		if g.maybe() {
			q.Query = g.query(depth)
		} else {
			q.Array = g.leaf()
		}
		return q
	}
	return &ast.Binary{Op: pick(g, "and", "or", "+", "-", "*", "/", "%", "^", "=", "<>", "<", ">=", "||", "->", "#>>", "~*", "@>", "&", "|", "<<", "?",
		"is distinct from", "is not distinct from", "operator(ops.+)", "operator(Mixed.~)"), L: x(), R: x()}
}

func (g gen) compound(depth int) ast.Expr {
	x := func() ast.Expr { return g.expr(depth) }
	switch g.Intn(14) {
	case 0:
		c := &ast.Case{Whens: few(g, func() ast.When { return ast.When{Cond: x(), Result: x()} })}
		if g.maybe() {
			c.Operand = x()
		}
		if g.maybe() {
			c.Else = x()
		}
		return c
	case 1:
		return &ast.Cast{X: x(), Type: g.typ(2), Try: g.maybe()}
	case 2:
		return &ast.Collate{X: x(), Name: ast.Name{Parts: few(g, g.name)}}
	case 3:
		return &ast.ArrayLit{Elems: few(g, x)}
	case 4:
		return &ast.RowLit{Elems: few(g, x)}
	case 5:
		return &ast.StructLit{Fields: few(g, func() ast.Named { return ast.Named{Name: g.name(), X: x()} })}
	case 6:
		return &ast.MapLit{Keys: []ast.Expr{x()}, Values: []ast.Expr{x()}}
	case 7:
		s := &ast.Subscript{X: x(), Slice: g.maybe()}
		if !s.Slice || g.maybe() {
			s.Lo = x()
		}
		if s.Slice && g.maybe() {
			s.Hi = x()
		}
		return s
	case 8:
		return &ast.FieldSel{X: x(), Name: g.name(), Arrow: g.maybe()}
	case 9:
		return &ast.Subquery{Query: g.query(depth)}
	case 10:
		return &ast.Exists{Query: g.query(depth), Not: g.maybe()}
	case 11:
		return &ast.ArrayQuery{Query: g.query(depth)}
	case 12:
		return &ast.Star{Of: x()}
	}
	return x()
}

func (g gen) plainCall(depth int) *ast.Call {
	c := &ast.Call{Name: ast.Name{Parts: []string{pick(g, "f", "left", "coalesce", "Mixed", "row", "substring", "trim", "if", "map", "extract", "filter", "select")}}}
	if g.maybe() {
		c.Name.Parts = append(c.Name.Parts, g.name())
	}
	switch {
	case g.maybe():
		c.Star = true
	case g.maybe():
	default:
		c.Args = g.exprs(depth)
		c.Distinct = g.maybe()
		c.Variadic = g.maybe()
		if g.maybe() {
			c.OrderBy = g.order(depth)
		}
		if g.maybe() {
			c.Args[0] = &ast.Named{Name: g.name(), X: c.Args[0]}
		} else if g.maybe() {
			c.Args[0] = &ast.Lambda{Params: []string{"x", g.name()}, Body: c.Args[0]}
		}
	}
	return c
}

func (g gen) call(depth int) *ast.Call {
	c := g.plainCall(depth)
	if g.maybe() {
		c.WithinGroup = g.order(depth)
	}
	if g.maybe() {
		c.Filter = g.expr(depth)
	}
	if g.maybe() {
		c.Nulls = pick(g, "ignore", "respect")
	}
	if g.maybe() {
		c.Over = g.window(depth)
	}
	return c
}

func (g gen) window(depth int) *ast.WindowSpec {
	w := &ast.WindowSpec{Name: pick(g, "", g.name())}
	if g.maybe() {
		w.PartitionBy = g.exprs(depth)
	}
	if g.maybe() {
		w.OrderBy = g.order(depth)
	}
	if g.maybe() {
		w.Frame = &ast.Frame{Mode: pick(g, "rows", "range", "groups"), Start: g.bound(depth, "preceding"), End: g.bound(depth, "following"),
			Exclude: pick(g, "", "ties", "current row")}
	}
	return w
}

func (g gen) bound(depth int, dir string) ast.FrameBound {
	switch g.Intn(3) {
	case 0:
		return ast.FrameBound{Kind: "unbounded " + dir}
	case 1:
		return ast.FrameBound{Kind: "current row"}
	}
	return ast.FrameBound{Kind: dir, X: g.expr(depth)}
}

func ExampleIdent() {
	fmt.Println(format.Ident("a"), format.Ident("A"), format.Ident("select"), format.Literal("it's"))
	// Output: a "A" "select" 'it''s'
}
