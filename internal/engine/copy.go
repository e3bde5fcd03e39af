package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// copyOptions reads COPY's options, with PostgreSQL's defaults for the format.
func copyOptions(opts []ast.Option) (session.CopyOptions, error) {
	o := session.CopyOptions{Format: "text", Delimiter: '\t', Null: `\N`, Quote: '"'}
	for _, x := range opts {
		if x.Name == "format" {
			o.Format = strings.ToLower(x.Value)
		}
	}
	switch o.Format {
	case "csv":
		o.Delimiter, o.Null = ',', ""
	case "text", "binary":
	default:
		return o, pgerr.New(pgerr.InvalidParameterValue, "COPY format %q not recognized", o.Format)
	}
	for _, x := range opts {
		switch x.Name {
		case "format":
		case "delimiter", "quote":
			if len(x.Value) != 1 {
				return o, pgerr.At(int(x.Pos), pgerr.InvalidParameterValue, "COPY %s must be a single one-byte character", x.Name)
			}
			if x.Name == "quote" {
				o.Quote = x.Value[0]
			} else {
				o.Delimiter = x.Value[0]
			}
		case "null":
			o.Null = x.Value
		case "header":
			o.Header = x.Bare || strings.EqualFold(x.Value, "true") || strings.EqualFold(x.Value, "on") || x.Value == "1"
		case "encoding":
			if !strings.EqualFold(strings.ReplaceAll(x.Value, "-", ""), "utf8") {
				return o, pgerr.Unsupported(int(x.Pos), "COPY encoding %q", x.Value)
			}
		default:
			return o, pgerr.Unsupported(int(x.Pos), "COPY option %q", x.Name)
		}
	}
	return o, nil
}

// bindCopy turns COPY t into COPY (SELECT columns FROM t), or finds the columns of COPY t FROM STDIN.
func (s *statement) bindCopy(ctx context.Context, t *ast.Copy) error {
	if _, err := copyOptions(t.Options); err != nil {
		return err
	}
	if t.From {
		return nil
	}
	tree := t.Stmt
	if t.Table != nil {
		sel := &ast.Select{Pos: t.Pos, From: []ast.TableExpr{&ast.Table{Pos: t.Table.Pos, Name: *t.Table}}}
		for _, c := range t.Columns {
			sel.Items = append(sel.Items, ast.SelectItem{Pos: t.Pos, X: &ast.Ref{Pos: t.Pos, Parts: []string{c}}})
		}
		if t.Columns == nil {
			sel.Items = []ast.SelectItem{{Pos: t.Pos, X: &ast.Star{Pos: t.Pos}}}
		}
		tree = &ast.QueryStmt{Pos: t.Pos, Query: sel}
	}
	if err := s.bindInner(ctx, tree); err != nil {
		return err
	}
	s.cols = s.inner.cols
	return nil
}

// copyOut is a COPY … TO STDOUT: a query's result with COPY's options.
type copyOut struct {
	session.Result
	opt session.CopyOptions
}

func (c *copyOut) CopyOptions() session.CopyOptions { return c.opt }
func (c *copyOut) Tag() string                      { return "COPY " }

// copy runs COPY.
func (cs *clientSession) copy(ctx context.Context, s *statement, t *ast.Copy) (session.Result, error) {
	opt, err := copyOptions(t.Options)
	if err != nil {
		return nil, err
	}
	if t.From {
		return cs.copyFrom(t, opt)
	}
	r, err := cs.run(ctx, s.inner, nil)
	if err != nil {
		return nil, err
	}
	return &copyOut{Result: r, opt: opt}, nil
}

// copyIn is a COPY … FROM STDIN: rows gather and are written as one unit at the end.
type copyIn struct {
	cs   *clientSession
	opt  session.CopyOptions
	obj  *catalog.Object
	cols []int // of obj, in the order of the fields
	vis  []int // visible columns of obj
	// defaults are the values of the visible columns that the data does not have; NULL for the others.
	defaults []types.Value
	bl       *batch.Builder
	bs       []*batch.Batch
	rows     int
	n        int
}

func (cs *clientSession) copyFrom(t *ast.Copy, opt session.CopyOptions) (session.Result, error) {
	if t.Table == nil {
		return nil, pgerr.At(int(t.Pos), pgerr.SyntaxError, "COPY FROM needs a table")
	}
	if opt.Format == "binary" {
		return nil, pgerr.Unsupported(int(t.Pos), "COPY FROM STDIN in binary format")
	}
	obj := cs.e.catalog.Load().Lookup(t.Table.Parts)
	if obj == nil {
		return nil, pgerr.At(int(t.Table.Pos), pgerr.UndefinedTable, "relation %q does not exist", t.Table.Last())
	}
	if !obj.Owned || obj.Query != "" {
		return nil, pgerr.At(int(t.Table.Pos), pgerr.WrongObjectType, "cannot copy into %s %q", obj.Kind, obj.Name).
			WithHint("Only tables and streams that the server owns take rows; produce to the topic of others.")
	}
	c := &copyIn{cs: cs, opt: opt, obj: obj}
	var ts []types.Type
	for i, col := range obj.Columns {
		if !col.Hidden {
			c.vis = append(c.vis, i)
			ts = append(ts, col.Type)
		}
	}
	c.cols = c.vis
	if t.Columns != nil {
		c.cols = nil
		for _, name := range t.Columns {
			i := obj.Column(name)
			if i < 0 || obj.Columns[i].Hidden {
				return nil, pgerr.At(int(t.Pos), pgerr.UndefinedColumn, "column %q of relation %q does not exist", name, obj.Name)
			}
			if slices.Contains(c.cols, i) {
				return nil, pgerr.At(int(t.Pos), pgerr.DuplicateColumn, "column %q specified more than once", name)
			}
			c.cols = append(c.cols, i)
		}
	}
	if err := c.setDefaults(); err != nil {
		return nil, err
	}
	c.bl = batch.NewBuilder(ts)
	return c, nil
}

// setDefaults computes what the columns get that the data has not.
func (c *copyIn) setDefaults() error {
	c.defaults = make([]types.Value, len(c.vis))
	for j, i := range c.vis {
		c.defaults[j] = types.Null
		col := c.obj.Columns[i]
		if col.Default == "" || slices.Contains(c.cols, i) {
			continue
		}
		ps, err := parser.Parse("SELECT "+col.Default, parser.Options{Dialect: dialectOf(c.obj.Dialect)})
		if err != nil {
			return fmt.Errorf("default of column %s: %w", col.Name, err)
		}
		sel, ok := ps[0].Stmt.(*ast.QueryStmt).Query.(*ast.Select)
		if !ok {
			return fmt.Errorf("engine: default of column %s is no expression", col.Name)
		}
		vals, err := c.cs.evalRow(sel, []types.Type{col.Type})
		if err != nil {
			return err
		}
		c.defaults[j] = vals[0]
	}
	return nil
}

func (c *copyIn) Columns() []session.Column {
	out := make([]session.Column, len(c.cols))
	for i, col := range c.cols {
		out[i] = session.Column{Name: c.obj.Columns[col].Name, Type: c.obj.Columns[col].Type}
	}
	return out
}

func (c *copyIn) CopyOptions() session.CopyOptions { return c.opt }

// Receive takes one row of text fields.
func (c *copyIn) Receive(_ context.Context, fields [][]byte) error {
	c.n++
	if len(fields) != len(c.cols) {
		what := "missing data for column"
		if len(fields) > len(c.cols) {
			return c.bad(pgerr.New(pgerr.BadCopyFileFormat, "extra data after last expected column"))
		}
		return c.bad(pgerr.New(pgerr.BadCopyFileFormat, "%s %q", what, c.obj.Columns[c.cols[len(fields)]].Name))
	}
	vals := slices.Clone(c.defaults)
	for i, f := range fields {
		if f == nil {
			continue
		}
		col := c.obj.Columns[c.cols[i]]
		v, err := types.ParseText(col.Type, string(f), c.cs.Format())
		if err != nil {
			return c.bad(err)
		}
		for j, vc := range c.vis {
			if vc == c.cols[i] {
				vals[j] = v
			}
		}
	}
	c.bl.Append(1, vals)
	if c.rows++; c.rows > transactionRecordsMax {
		return pgerr.New(pgerr.ProgramLimitExceeded, "COPY writes more than %d rows", transactionRecordsMax).WithHint("Copy in several commands, or produce to the topic.")
	}
	if c.bl.Len() == batch.RowsMax {
		c.bs = append(c.bs, c.bl.Seal())
	}
	return nil
}

func (c *copyIn) bad(err error) error {
	p := *pgerr.From(err)
	p.Detail = strings.TrimSpace(p.Detail + fmt.Sprintf(" COPY %s, line %d.", c.obj.Name, c.n))
	return &p
}

// Done writes the rows.
func (c *copyIn) Done(ctx context.Context) error {
	if c.bl.Len() > 0 {
		c.bs = append(c.bs, c.bl.Seal())
	}
	if !c.cs.tx.open {
		if err := c.cs.e.dml.lock(ctx); err != nil {
			return err
		}
		defer c.cs.e.dml.unlock()
	}
	w := &writing{cs: c.cs, ctx: ctx}
	if err := w.begin(c.obj, false); err != nil {
		return err
	}
	if err := w.insertRows(c.bs); err != nil {
		return err
	}
	return w.done()
}

func (c *copyIn) Next(context.Context, int, func() error) (*batch.Batch, error) { return nil, nil }
func (c *copyIn) Tag() string                                                   { return fmt.Sprintf("COPY %d", c.rows) }
func (c *copyIn) Close()                                                        {}

// executeArgs computes the arguments of EXECUTE.
func (cs *clientSession) executeArgs(t *ast.Execute, want []types.Type) ([]types.Value, error) {
	if len(t.Args) != len(want) {
		return nil, pgerr.At(int(t.Pos), pgerr.SyntaxError, "wrong number of parameters for prepared statement %q", t.Name).
			WithDetail("Expected %d parameters but got %d.", len(want), len(t.Args))
	}
	if len(want) == 0 {
		return nil, nil
	}
	sel := &ast.Select{Pos: t.Pos}
	for _, a := range t.Args {
		sel.Items = append(sel.Items, ast.SelectItem{Pos: a.Start(), X: a})
	}
	return cs.evalRow(sel, want)
}
