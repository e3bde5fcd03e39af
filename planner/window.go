package planner

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// microsecondsPerDay converts the day part of an interval: window bounds are plain multiples of the size.
const microsecondsPerDay = 24 * 60 * 60 * 1000000

// windowFunc binds TUMBLE(relation, time, size [, offset]) and HOP(relation, time, slide, size [, offset]).
func (b *binder) windowFunc(t *ast.TableFunc, name string, sc *scope) (*from, error) {
	args := t.Call.Args
	fixed := map[string]int{"tumble": 3, "hop": 4}[name]
	if len(args) != fixed && len(args) != fixed+1 {
		usage := map[string]string{"tumble": "TUMBLE(relation, time column, size)", "hop": "HOP(relation, time column, slide, size)"}[name]
		return nil, pgerr.At(at(t), pgerr.UndefinedFunction, "%s takes %d or %d arguments, not %d", strings.ToUpper(name), fixed, fixed+1, len(args)).
			WithHint("Write %s, with an optional offset interval.", usage)
	}
	f, err := b.windowInput(args[0], sc)
	if err != nil {
		return nil, err
	}
	col, err := b.timeColumn(f, args[1], sc)
	if err != nil {
		return nil, err
	}
	var spans []int64
	for _, a := range args[2:] {
		v, err := b.constInterval(a, sc)
		if err != nil {
			return nil, err
		}
		spans = append(spans, v)
	}
	w := &Window{Input: f.node, TimeCol: col, Size: spans[0], Slide: spans[0]}
	if name == "hop" {
		w.Slide, w.Size = spans[0], spans[1]
	}
	if len(args) == fixed+1 {
		w.Offset = spans[len(spans)-1]
	}
	if err := w.check(args[fixed-1]); err != nil {
		return nil, err
	}
	r := f.rels[0]
	appendWindow(w, f, "window_start", "window_end")
	r.key = nil
	return aliased(f, t.Alias, at(t))
}

// windowHopsMax bounds how often one row is repeated.
const windowHopsMax = 10000

func (w *Window) check(x ast.Node) error {
	switch {
	case w.Size <= 0 || w.Slide <= 0:
		return pgerr.At(at(x), pgerr.InvalidParameterValue, "a window's size and slide must be greater than zero")
	case w.Slide > w.Size:
		return pgerr.At(at(x), pgerr.InvalidParameterValue, "a window's slide must not be greater than its size")
	case w.Size%w.Slide != 0:
		return pgerr.Unsupported(at(x), "a hopping window whose size is not a multiple of its slide")
	case w.Size/w.Slide > windowHopsMax:
		return pgerr.At(at(x), pgerr.ProgramLimitExceeded, "a row would be in %d windows, more than %d", w.Size/w.Slide, windowHopsMax)
	}
	return nil
}

// appendWindow gives the node and its one relation the two window columns.
func appendWindow(w *Window, f *from, start, end string) {
	in, r := w.Input.Columns(), f.rels[0]
	t := in[w.TimeCol].Type
	w.Out = append(append([]Column(nil), in...), Column{Name: "window_start", Type: t, NotNull: true}, Column{Name: "window_end", Type: t, NotNull: true})
	w.Out[w.TimeCol].NotNull = true // rows without a time are in no window
	f.node = w
	for i, name := range []string{start, end} {
		rc := relCol{name: name, x: &expr.Column{Index: len(in) + i, Name: r.alias + "." + name, T: t}}
		r.cols = append(r.cols, rc)
		f.out = append(f.out, outCol{rc, r})
	}
}

// windowInput binds the relation argument.
func (b *binder) windowInput(x ast.Expr, sc *scope) (*from, error) {
	switch x := unnamed(x).(type) {
	case *ast.TableArg:
		if len(x.PartitionBy) > 0 {
			return nil, pgerr.Unsupported(at(x.PartitionBy[0]), "PARTITION BY in a window function's table")
		}
		return b.relation(x.Name, sc)
	case *ast.Ref:
		return b.relation(ast.Name{Pos: x.Pos, Parts: x.Parts}, sc)
	case *ast.Subquery:
		return b.derived(&ast.Derived{Pos: x.Pos, Query: x.Query}, sc, nil)
	}
	return nil, pgerr.At(at(x), pgerr.SyntaxError, "the first argument of a window function is a relation")
}

// unnamed takes the name off a named argument.
func unnamed(x ast.Expr) ast.Expr {
	if n, ok := x.(*ast.Named); ok {
		return n.X
	}
	return x
}

// timeColumn finds the column a window goes by.
func (b *binder) timeColumn(f *from, x ast.Expr, sc *scope) (int, error) {
	x = unnamed(x)
	if d, ok := x.(*ast.Call); ok && strings.EqualFold(d.Name.Last(), "descriptor") && len(d.Args) == 1 {
		x = d.Args[0]
	}
	ref, ok := x.(*ast.Ref)
	if !ok {
		return 0, pgerr.At(at(x), pgerr.SyntaxError, "the second argument of a window function is a column name")
	}
	e, err := lookup(f, ref)
	if err != nil {
		return 0, err
	}
	if k := e.Type().Kind; k != types.Timestamp && k != types.TimestampTZ {
		return 0, pgerr.At(at(x), pgerr.DatatypeMismatch, "a window's time column must be of type timestamp, not type %s", e.Type())
	}
	return e.(*expr.Column).Index, nil
}

// constInterval evaluates a window's size or slide to microseconds.
func (b *binder) constInterval(x ast.Expr, sc *scope) (int64, error) {
	x = unnamed(x)
	c := &clause{b: b, sc: &scope{ctes: sc.ctes}, name: "a window function"}
	e, err := c.expr(x)
	if err != nil {
		return 0, err
	}
	if k := e.Type(); k.Kind != types.Unknown && k.Kind != types.Interval {
		return 0, pgerr.At(at(x), pgerr.DatatypeMismatch, "a window's size must be of type interval, not type %s", k)
	}
	if e, err = b.castTo(e, types.T(types.Interval), types.Implicit, at(x)); err != nil {
		return 0, err
	}
	if e, err = expr.Fold(b.opt.Env, e); err != nil {
		return 0, pgerr.WithPos(err, at(x))
	}
	k, ok := e.(*expr.Const)
	if !ok || k.V.Null {
		return 0, pgerr.At(at(x), pgerr.InvalidParameterValue, "a window's size must be a constant interval")
	}
	if k.V.S.Months != 0 {
		return 0, pgerr.Unsupported(at(x), "a window of months or years")
	}
	return int64(k.V.S.Days)*microsecondsPerDay + k.V.S.Micros, nil
}

// durationUnits are ksqlDB's, in microseconds.
var durationUnits = map[string]int64{
	"millisecond": 1000, "second": 1000000, "minute": 60 * 1000000, "hour": 3600 * 1000000, "day": microsecondsPerDay,
	"week": 7 * microsecondsPerDay,
}

func micros(d *ast.Duration, pos int) (int64, error) {
	u, ok := durationUnits[strings.ToLower(d.Unit)]
	if !ok {
		return 0, pgerr.Unsupported(pos, "a window of %ss", d.Unit)
	}
	return d.N * u, nil
}

// windowClause is ksqlDB's WINDOW TUMBLING|HOPPING (…) behind a source: windows of the record time, by which the
// query groups besides its GROUP BY. WINDOWSTART and WINDOWEND are their bounds in milliseconds since 1970.
func windowClause(f *from, timeCol expr.Expr, w *ast.Window, pos int) (*from, error) {
	switch {
	case w.Kind != "tumbling" && w.Kind != "hopping":
		return nil, pgerr.Unsupported(pos, "WINDOW %s", strings.ToUpper(w.Kind))
	case w.Grace != nil:
		return nil, pgerr.Unsupported(pos, "GRACE PERIOD")
	case w.Size == nil:
		return nil, pgerr.At(pos, pgerr.SyntaxError, "a window needs a SIZE")
	}
	col, ok := timeCol.(*expr.Column)
	if !ok {
		return nil, pgerr.At(pos, pgerr.WrongObjectType, "%s has no ROWTIME: a WINDOW clause needs a stream", quoted(f.rels[0].alias))
	}
	size, err := micros(w.Size, pos)
	if err != nil {
		return nil, err
	}
	win := &Window{Input: f.node, TimeCol: col.Index, Size: size, Slide: size}
	if w.Advance != nil {
		if win.Slide, err = micros(w.Advance, pos); err != nil {
			return nil, err
		}
	}
	if err := win.check(ast.Pos(pos)); err != nil {
		return nil, err
	}
	appendWindow(win, f, "windowstart", "windowend")
	f.origin.window = &keyWindow{kind: w.Kind, size: size}
	r, last := f.rels[0], len(f.out)-2
	r.key = nil
	for i := range 2 {
		c := f.out[last+i].x
		ms, err := epochMillis(c, pos)
		if err != nil {
			return nil, err
		}
		f.window = append(f.window, c)
		f.out[last+i].x, f.out[last+i].hidden = ms, true
		r.cols[len(r.cols)-2+i].x, r.cols[len(r.cols)-2+i].hidden = ms, true
	}
	return f, nil
}

// epochMillis is a timestamp as milliseconds since 1970.
func epochMillis(x expr.Expr, pos int) (expr.Expr, error) {
	e, err := expr.ResolveFunction([]string{"extract"}, []expr.Expr{constText("epoch"), x}, pos)
	if err != nil {
		return nil, err
	}
	if e, err = expr.ResolveOperator("*", e, intConst(1000), pos); err != nil {
		return nil, err
	}
	return expr.ResolveCast(e, types.T(types.Int8), types.Explicit, pos)
}
