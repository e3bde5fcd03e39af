package planner

import (
	"slices"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// withoutRowtime takes ROWTIME, and its values, out of an INSERT … VALUES of the ksql dialect: the records' timestamps in
// milliseconds since 1970. Without it the statement is returned as it is.
func withoutRowtime(s *ast.Insert) (*ast.Insert, [][]ast.Expr, error) {
	at := slices.IndexFunc(s.Columns, func(c ast.ColumnRef) bool { return strings.EqualFold(c.Name, rowtimeColumn) })
	v, ok := s.Query.(*ast.Values)
	if at < 0 || !ok {
		return s, nil, nil
	}
	n := *s
	n.Columns = slices.Delete(slices.Clone(s.Columns), at, at+1)
	rows := *v
	rows.Rows = nil
	var times [][]ast.Expr
	for _, row := range v.Rows {
		if len(row) != len(s.Columns) {
			return nil, nil, pgerr.At(int(row[0].Start()), pgerr.SyntaxError, "expected a value for each column: %d values, %d columns", len(row), len(s.Columns))
		}
		times = append(times, row[at:at+1])
		rows.Rows = append(rows.Rows, slices.Delete(slices.Clone(row), at, at+1))
	}
	n.Query = &rows
	return &n, times, nil
}

// PlanValues plans rows of expressions, each cast to its column's type as INSERT does.
func PlanValues(rows [][]ast.Expr, cols []Column, cat *catalog.Catalog, opt Options) (*Plan, error) {
	opt.Lifetime = Pull
	b := newBinder(cat, opt)
	out := &Values{Out: cols}
	c := &clause{b: b, sc: &scope{}, name: "VALUES"}
	for _, row := range rows {
		es := make([]expr.Expr, len(cols))
		for i, x := range row {
			e, err := c.expr(x)
			if err != nil {
				return nil, err
			}
			if from := e.Type(); from.Kind != types.Unknown && !b.dialect().CanAssign(from, cols[i].Type) {
				return nil, assignError(cols[i].Name, cols[i].Type, from, at(x))
			}
			if es[i], err = b.castTo(e, cols[i].Type, types.Assignment, at(x)); err != nil {
				return nil, err
			}
		}
		out.Rows = append(out.Rows, es)
	}
	return b.plan(out)
}

// refuseHeaders refuses to write columns that come from record headers.
func refuseHeaders(o *catalog.Object, targets []int, pos int) error {
	for _, i := range targets {
		if o.Columns[i].From == catalog.FromHeaders {
			return pgerr.At(pos, pgerr.FeatureNotSupported, "cannot insert into column %s: it is read from record headers", quoted(o.Columns[i].Name))
		}
	}
	return nil
}

// Micros is a duration as written, in microseconds.
func Micros(d *ast.Duration, pos int) (int64, error) { return micros(d, pos) }
