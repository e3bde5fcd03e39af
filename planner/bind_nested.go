package planner

import (
	"fmt"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// dialect is the one whose rules resolve the text that is being bound.
func (b *binder) dialect() expr.Dialect { return expr.Dialect(b.opt.Dialect) }

// knownList binds expressions whose types nothing else decides: untyped literals are text.
func (c *clause) knownList(xs []ast.Expr) ([]expr.Expr, error) {
	es, pos, err := c.list(xs)
	if err != nil {
		return nil, err
	}
	for i := range es {
		if es[i], err = c.b.known(es[i], pos[i]); err != nil {
			return nil, err
		}
	}
	return es, nil
}

// rowLit is ROW(…) or (a, b): a record whose fields are f1, f2, … as in PostgreSQL.
func (c *clause) rowLit(x *ast.RowLit) (expr.Expr, error) {
	es, err := c.knownList(x.Elems)
	if err != nil {
		return nil, err
	}
	if len(es) > itemsMax {
		return nil, pgerr.At(at(x), pgerr.ProgramLimitExceeded, "ROW expressions can have at most %d entries", itemsMax)
	}
	t := types.Type{Kind: types.Record}
	for i, e := range es {
		t.Fields = append(t.Fields, types.Field{Name: fmt.Sprintf("f%d", i+1), Type: e.Type()})
	}
	return &expr.RecordOf{Args: es, T: t}, nil
}

// structLit is STRUCT(a := 1, …).
func (c *clause) structLit(x *ast.StructLit) (expr.Expr, error) {
	if len(x.Fields) > fieldsMax {
		return nil, pgerr.At(at(x), pgerr.ProgramLimitExceeded, "a struct has at most %d fields", fieldsMax)
	}
	t := types.Type{Kind: types.Record, Fields: []types.Field{}}
	var xs []ast.Expr
	seen := map[string]bool{}
	for i := range x.Fields {
		f := &x.Fields[i]
		if seen[f.Name] {
			return nil, pgerr.At(int(f.Pos), pgerr.DuplicateColumn, "field %s of a struct specified more than once", quoted(f.Name))
		}
		seen[f.Name] = true
		t.Fields = append(t.Fields, types.Field{Name: f.Name})
		xs = append(xs, f.X)
	}
	es, err := c.knownList(xs)
	for i, e := range es {
		t.Fields[i].Type = e.Type()
	}
	return &expr.RecordOf{Args: es, T: t}, err
}

// mapLit is MAP('k' := v, …): all keys of one type, all values of one type.
func (c *clause) mapLit(x *ast.MapLit) (expr.Expr, error) {
	if len(x.Keys) == 0 {
		return nil, pgerr.At(at(x), pgerr.IndeterminateDatatype, "cannot determine type of empty map").
			WithHint("Map constructor cannot be empty. Supply at least one key and value.")
	}
	keys, k, err := c.common("MAP", x.Keys)
	if err != nil {
		return nil, err
	}
	if c.b.dialect() == expr.KSQL && k.IsString() {
		for i := range keys { // ksqlDB's records hold a NULL key as the text null
			keys[i] = nullKey(keys[i])
		}
	}
	vals, v, err := c.common("MAP", x.Values)
	if err != nil {
		return nil, err
	}
	if err := needOrdering(k, at(x.Keys[0])); err != nil {
		return nil, err
	}
	return &expr.MapOf{Keys: keys, Values: vals, T: types.Type{Kind: types.Map, Key: &k, Elem: &v}}, nil
}

func nullKey(k expr.Expr) expr.Expr {
	text := &expr.Const{V: types.TextValue("null"), T: k.Type()}
	switch c, ok := k.(*expr.Const); {
	case !ok:
		return &expr.Coalesce{Args: []expr.Expr{k, text}, T: k.Type()}
	case c.V.Null:
		return text
	}
	return k
}

// common binds expressions and casts them to their common type; what is the word for errors.
func (c *clause) common(what string, xs []ast.Expr) ([]expr.Expr, types.Type, error) {
	es, pos, err := c.list(xs)
	if err != nil {
		return nil, types.Type{}, err
	}
	t, err := c.b.dialect().CommonType(what, es, pos)
	if err != nil {
		return nil, t, err
	}
	if t.Kind == types.Unknown {
		t = types.T(types.Text)
	}
	for i := range es {
		if es[i], err = c.b.castTo(es[i], t, types.Implicit, pos[i]); err != nil {
			return nil, t, err
		}
	}
	return es, t, nil
}

// field is (x).name or x->name.
func (c *clause) field(x *ast.FieldSel) (expr.Expr, error) {
	e, err := c.expr(x.X)
	if err != nil {
		return nil, err
	}
	t := e.Type()
	if t.Kind != types.Record {
		return nil, pgerr.At(at(x), pgerr.WrongObjectType, "column notation .%s applied to type %s, which is not a composite type", x.Name, t)
	}
	i := c.b.dialect().FieldIndex(t, x.Name)
	if i < 0 {
		return nil, pgerr.At(at(x), pgerr.UndefinedColumn, "column %s not found in data type %s", quoted(x.Name), t)
	}
	return fieldOf(e, i), nil
}

// fieldOf takes field i of a record; of a constructor, the argument itself where that changes nothing.
func fieldOf(e expr.Expr, i int) expr.Expr {
	return &expr.Field{X: e, Index: i, T: e.Type().Fields[i].Type}
}

// fieldStar expands (x).* or x->* in a select list.
func (q *selecting) fieldStar(x *ast.Star) error {
	if len(x.Except)+len(x.ExceptOf) > 0 {
		return pgerr.Unsupported(at(x), "EXCEPT with the expansion of a composite value")
	}
	e, err := q.output("SELECT").expr(x.Of)
	if err != nil {
		return err
	}
	if e.Type().Kind != types.Record {
		return pgerr.At(at(x), pgerr.WrongObjectType, "type %s is not composite", e.Type())
	}
	for i, f := range e.Type().Fields {
		q.items = append(q.items, item{name: f.Name, x: fieldOf(e, i), pos: at(x)})
	}
	return nil
}

// recordIsNull is PostgreSQL's rule for records: IS NULL if all fields are, IS NOT NULL if none is.
func recordIsNull(e expr.Expr, not bool) expr.Expr {
	var out []expr.Expr
	for i := range e.Type().Fields {
		out = append(out, &expr.Is{X: fieldOf(e, i), What: "null", Not: not})
	}
	return expr.And(out...)
}

// wholeRow is a table's name where a value stands: a record of its visible columns. On the far side of an outer join a
// row without a partner is NULL, not a record of NULLs.
func wholeRow(f *from, r *rel) expr.Expr {
	t := types.Type{Kind: types.Record}
	rec := &expr.RecordOf{}
	for _, c := range r.cols {
		if c.hidden {
			continue
		}
		t.Fields = append(t.Fields, types.Field{Name: c.name, Type: c.x.Type()})
		rec.Args = append(rec.Args, fresh(c.x))
	}
	rec.T = t
	if !hasOuterJoin(f.node) || len(rec.Args) == 0 {
		return rec
	}
	return &expr.Case{Conds: []expr.Expr{recordIsNull(rec, false)}, Results: []expr.Expr{constNull(t)}, Else: rec, T: t}
}

// hasOuterJoin reports joins at the top of a FROM clause that fill up with NULLs.
func hasOuterJoin(n Node) bool {
	j, ok := n.(*Join)
	return ok && (j.Kind != Inner || hasOuterJoin(j.Left) || hasOuterJoin(j.Right))
}
