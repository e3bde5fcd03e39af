package planner

import (
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// The hidden columns of a derived relation of the ksql dialect, behind rowtime (docs/design/0004-ksql-changelogs.md).
const (
	// RowseqColumn has the number of the last record that a row was made of, where rows change.
	RowseqColumn       = "_rowseq"
	rowtouchColumn     = "_rowtouch" // another number each time a record changed what a row of an aggregation stands for
	rowtombstoneColumn = "_rowtombstone"
	windowstartColumn  = "windowstart" // of a windowed key
	windowendColumn    = "windowend"
)

// meta are the hidden columns that the ksql dialect carries through a query, as expressions over from.node; nil: none.
type meta struct {
	time      expr.Expr // when the row's record was written (timestamptz)
	seq       expr.Expr // grows with every record that changes the row (bigint)
	start     expr.Expr // bounds of a windowed key (bigint)
	end       expr.Expr
	headers   expr.Expr // of the record that the row was made of (an array of structs)
	tombstone expr.Expr // 1 for a record of a stream without a value, else 0 (bigint)
}

// origin is what the ksql dialect knows of a FROM clause besides its names.
type origin struct {
	meta
	window *keyWindow  // of the WINDOW clause, or of the keys that are read; nil: none
	key    []expr.Expr // what the records' key consists of
	same   []expr.Expr // expressions that are as good as the one key: what a join equates with it
	// value is what the one key is where it differs from the columns that stand for it (in outer joins); or nil.
	value expr.Expr
	// synthetic is the name of the key of a join that no column stands for, ROWKEY in general; or "".
	synthetic string
	table     bool // rows change: a table, or a join of tables only
	headed    bool // a source has columns of headers
	object    *catalog.Object
}

func (o origin) shift(by int) origin {
	move := func(x expr.Expr) expr.Expr {
		if x == nil {
			return nil
		}
		return expr.Shift(x, by)
	}
	out := o
	out.time, out.seq, out.tombstone = move(o.time), move(o.seq), move(o.tombstone)
	out.start, out.end, out.headers = move(o.start), move(o.end), move(o.headers)
	out.key, out.same, out.value = mapExprs(o.key, move), mapExprs(o.same, move), move(o.value)
	return out
}

// setOrigin fills in what is known of a relation of the catalog.
func (f *from) setOrigin(o *catalog.Object) error {
	f.origin = origin{object: o, table: o.Kind != catalog.Stream, headed: hasHeaderColumns(o)}
	for i, c := range o.Columns {
		if c.From == catalog.FromKey && !c.Hidden && i < len(f.rels[0].cols) {
			f.origin.key = append(f.origin.key, f.rels[0].cols[i].x)
		}
	}
	hidden := func(name string) expr.Expr {
		x, _ := matchOut(f, name)
		return x
	}
	if c := o.Connector; c != nil && c.Window != "" {
		f.origin.window = &keyWindow{kind: c.Window, size: c.WindowSize.Microseconds()}
		f.origin.start, f.origin.end = hidden(windowstartColumn), hidden(windowendColumn)
	}
	f.origin.time, f.origin.seq, f.origin.tombstone = hidden(rowtimeColumn), hidden(RowseqColumn), hidden(rowtombstoneColumn)
	f.origin.headers = hidden(RowheadersColumn)
	if f.origin.seq == nil {
		f.origin.seq = hidden(rowtouchColumn)
	}
	if off := hidden(rowoffsetColumn); f.origin.seq == nil && off != nil {
		var err error // an offset may be 0: a row more is to make a difference to a sum
		f.origin.seq, err = expr.ResolveOperator("+", off, constInt(1), pgerr.NoPos)
		return err
	}
	return nil
}

// joinOrigin is what is known of a join besides its key.
func joinOrigin(l, r *from) (origin, error) {
	out := origin{table: l.origin.table && r.origin.table, object: l.origin.object, window: l.origin.window}
	out.start, out.end = l.origin.start, l.origin.end
	if r.origin.object == nil {
		out.object = nil
	}
	out.headed = l.origin.headed || r.origin.headed
	if r.origin.table && !l.origin.table { // a row of the stream has its own time
		out.time, out.headers = l.origin.time, l.origin.headers
		return out, nil
	}
	var err error
	if out.headers, err = joinHeaders(l.origin, r.origin); err != nil {
		return out, err
	}
	if l.origin.time != nil && r.origin.time != nil {
		out.time, err = expr.ResolveFunction([]string{"greatest"}, []expr.Expr{l.origin.time, r.origin.time}, pgerr.NoPos)
	}
	if err != nil || !out.table || l.origin.seq == nil || r.origin.seq == nil {
		return out, err
	}
	zero := func(x expr.Expr) expr.Expr {
		return &expr.Coalesce{Args: []expr.Expr{x, constInt(0)}, T: types.T(types.Int8)}
	}
	out.seq, err = expr.ResolveOperator("+", zero(l.origin.seq), zero(r.origin.seq), pgerr.NoPos)
	return out, err
}

// ksqlDialect is the dialect's name in options and objects.
const ksqlDialect = "ksql"

// rowkeyName is what the key of a join is called that no column is.
const rowkeyName = "ROWKEY"

// ksqlRowtime makes ROWTIME what it is in ksqlDB, milliseconds since 1970; of a join without a qualifier it is the later
// of its sides'. x and err are what the name was resolved to.
func ksqlRowtime(f *from, ref *ast.Ref, x expr.Expr, err error) (expr.Expr, error) {
	name := ref.Parts[len(ref.Parts)-1]
	if err != nil && f != nil && f.origin.synthetic != "" && len(ref.Parts) == 1 && name == f.origin.synthetic {
		return f.origin.value, nil
	}
	if !strings.EqualFold(name, rowtimeColumn) {
		return x, err
	}
	if err != nil {
		if f == nil || f.origin.time == nil || len(ref.Parts) > 1 {
			return nil, err
		}
		x = f.origin.time
	}
	if x.Type().Kind != types.TimestampTZ {
		return x, nil
	}
	return epochMillis(x, at(ref))
}
