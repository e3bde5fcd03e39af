package planner

import (
	"slices"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// RowheadersColumn is the hidden column of the ksql dialect with the headers of the record that a row was made of, which
// its record in the output topic gets too (docs/design/0004-ksql-changelogs.md).
const RowheadersColumn = "_rowheaders"

// headersType is the type of a column with all of a record's headers.
func headersType(key, value string) types.Type {
	fields := []types.Field{{Name: key, Type: types.T(types.Text)}, {Name: value, Type: types.T(types.Bytea)}}
	return types.ArrayOf(types.Type{Kind: types.Record, Fields: fields})
}

// addHeaders gives a source of the ksql dialect the hidden column of its records' headers.
func addHeaders(o *catalog.Object) {
	if o.Dialect == ksqlDialect {
		o.Columns = append(o.Columns, catalog.Column{Name: RowheadersColumn, Type: headersType("KEY", "VALUE"), Hidden: true, From: catalog.FromHeaders})
	}
}

// hasHeaderColumns reports whether a source was declared with columns of headers.
func hasHeaderColumns(o *catalog.Object) bool {
	return slices.ContainsFunc(o.Columns, func(c catalog.Column) bool { return c.From == catalog.FromHeaders && !c.Hidden })
}

// joinHeaders are the headers of the side whose record is the later one by its time, as ROWTIME of the pair is; nil: none.
func joinHeaders(l, r origin) (expr.Expr, error) {
	if l.headers == nil && r.headers == nil || l.time == nil || r.time == nil {
		return nil, nil
	}
	lh, rh := l.headers, r.headers
	if lh == nil {
		lh = constNull(rh.Type())
	}
	if rh == nil {
		rh = constNull(lh.Type())
	}
	before, err := expr.ResolveOperator(">", l.time, r.time, pgerr.NoPos)
	if err != nil {
		return nil, err
	}
	after, err := expr.ResolveOperator("<=", l.time, r.time, pgerr.NoPos)
	if err != nil {
		return nil, err
	}
	t := lh.Type()
	alone := &expr.Coalesce{Args: []expr.Expr{lh, rh}, T: t} // a row of an outer join: one side is all NULL
	return &expr.Case{Conds: []expr.Expr{before, after}, Results: []expr.Expr{lh, rh}, Else: alone, T: t}, nil
}

// groupHeaders are the headers of the record of a group's rows that came last; nil: its source has no columns of headers,
// and to keep the order of a group's rows is no price that all aggregations should pay.
func (q *selecting) groupHeaders(m meta) (expr.Expr, error) {
	if m.headers == nil || !q.sc.from.origin.headed {
		return nil, nil
	}
	all := &expr.Const{V: types.BoolValue(false), T: types.T(types.Bool)} // rows without headers count
	use := expr.AggUse{Name: []string{"latest_by_offset"}, Args: []expr.Expr{m.headers, all}, Dialect: ksqlDialect, Env: q.b.opt.Env, Pos: pgerr.NoPos}
	call := &aggCall{pos: []int{pgerr.NoPos, pgerr.NoPos}}
	var err error
	if call.agg, call.args, err = use.Resolve(); err != nil {
		return nil, err
	}
	for _, x := range []expr.Expr{m.seq, m.time} {
		if x != nil {
			call.order = append(call.order, orderKey{x: fresh(x), pos: pgerr.NoPos})
		}
	}
	return q.aggs.add(call), nil
}

// commonColumns is how many columns all inputs have, where what is hidden has one name.
func commonColumns(in []Node) int {
	first := in[0].Columns()
	n := len(first)
	for _, x := range in[1:] {
		cols := x.Columns()
		n = min(n, len(cols))
		for i := range n {
			if (hiddenName(first[i].Name) || hiddenName(cols[i].Name)) && first[i].Name != cols[i].Name {
				n = i
				break
			}
		}
	}
	return n
}
