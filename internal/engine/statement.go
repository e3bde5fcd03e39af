package engine

import (
	"context"
	"fmt"
	"strings"

	"streamsql/internal/batch"
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/internal/types"
	"streamsql/planner"
	"streamsql/sql/ast"
)

// statement is a parsed statement of one session, bound against one version of the catalog and bound anew when that
// has changed.
type statement struct {
	cs         *clientSession
	text       string
	tree       ast.Stmt
	paramTypes []types.Type

	bound   bool
	version uint64
	dialect string
	plan    *planner.Plan // queries, SUBSCRIBE, EXPLAIN's query, COPY's query
	insert  *planner.InsertPlan
	update  *planner.UpdatePlan
	delete  *planner.DeletePlan
	params  []types.Type
	cols    []session.Column
	inner   *statement // PREPARE, DECLARE, COPY, EXPLAIN: the statement inside
	fast    *lookupPath
}

// Text is the statement as written.
func (s *statement) Text() string { return s.text }

// Params are the parameters' types.
func (s *statement) Params() []types.Type { return s.params }

// Columns describes the rows; nil when there are none, or when a statement of a longer text is not bound yet.
func (s *statement) Columns() []session.Column { return s.cols }

// Kind tells how the result is sent.
func (s *statement) Kind() session.Kind {
	switch t := s.tree.(type) {
	case *ast.QueryStmt, *ast.Subscribe, *ast.Explain, *ast.Show, *ast.Describe, *ast.Print, *ast.ExplainQuery, *ast.DescribeOther:
		return session.Rows
	case *ast.Fetch:
		if !t.Move {
			return session.Rows
		}
	case *ast.Insert:
		if t.Returning != nil {
			return session.Rows
		}
	case *ast.Update:
		if t.Returning != nil {
			return session.Rows
		}
	case *ast.Delete:
		if t.Returning != nil {
			return session.Rows
		}
	case *ast.Execute:
		if p := s.cs.prepared[t.Name]; p != nil {
			return p.Kind()
		}
	case *ast.Copy:
		if t.From {
			return session.CopyIn
		}
		return session.CopyOut
	}
	return session.Command
}

// bind plans the statement against the current catalog.
func (s *statement) bind(ctx context.Context) error {
	cat := s.cs.e.catalog.Load()
	s.version, s.dialect = cat.Version(), s.cs.settings.get("dialect")
	s.plan, s.insert, s.update, s.delete, s.inner, s.fast = nil, nil, nil, nil, nil, nil
	if err := s.bindTree(ctx, cat); err != nil {
		return err
	}
	s.bound = true
	return nil
}

func (s *statement) bindTree(ctx context.Context, cat *catalog.Catalog) error {
	var err error
	switch t := s.tree.(type) {
	case *ast.QueryStmt:
		life := planner.Pull
		if isPush(t.Query) {
			life = planner.Push
		}
		return s.bindQuery(t.Query, life, cat)
	case *ast.Subscribe:
		return s.bindSubscribe(t, cat)
	case *ast.Insert:
		if s.cs.runsOn(t) {
			return nil
		}
		if s.insert, err = planner.PlanInsert(t, cat, s.options(planner.Pull)); err != nil {
			return err
		}
		s.params, s.cols = s.insert.Query.Params, sessionColumns(s.insert.ReturningCols)
	case *ast.Update:
		if s.update, err = planner.PlanUpdate(t, cat, s.options(planner.Pull)); err != nil {
			return err
		}
		s.params, s.cols = s.update.Query.Params, sessionColumns(s.update.ReturningCols)
	case *ast.Delete:
		if s.delete, err = planner.PlanDelete(t, cat, s.options(planner.Pull)); err != nil {
			return err
		}
		s.params, s.cols = s.delete.Query.Params, sessionColumns(s.delete.ReturningCols)
	case *ast.Explain:
		s.cols = []session.Column{{Name: "QUERY PLAN", Type: types.T(types.Text)}}
		return s.bindInner(ctx, t.Stmt)
	case *ast.Declare:
		if err := s.bindInner(ctx, t.Stmt); err != nil {
			return err
		}
		s.params = s.inner.params
	case *ast.Prepare:
		switch t.Stmt.(type) {
		case *ast.QueryStmt, *ast.Subscribe, *ast.Insert, *ast.Update, *ast.Delete:
			return s.bindInner(ctx, t.Stmt)
		}
		return pgerr.At(int(t.Pos), pgerr.SyntaxError, "only SELECT, SUBSCRIBE, INSERT, UPDATE and DELETE can be prepared")
	case *ast.Copy:
		return s.bindCopy(ctx, t)
	case *ast.Show:
		s.cols = showColumns(t)
	case *ast.Describe:
		s.cols = describeColumns
	case *ast.Print, *ast.ExplainQuery, *ast.DescribeOther:
		s.cols = ksqlRows(t)
	case *ast.Fetch:
		if c := s.cs.cursors[t.Name]; c != nil && !t.Move {
			s.cols = c.res.Columns()
		}
	case *ast.Execute:
		if p := s.cs.prepared[t.Name]; p != nil {
			s.cols = p.cols
		}
	}
	return nil
}

func (s *statement) options(life planner.Lifetime) planner.Options {
	return s.cs.options(life, s.paramTypes)
}

// bindInner binds the statement that this one contains.
func (s *statement) bindInner(ctx context.Context, tree ast.Stmt) error {
	s.inner = &statement{cs: s.cs, text: s.text, tree: tree, paramTypes: s.paramTypes}
	return s.inner.bind(ctx)
}

func isPush(q ast.Query) bool {
	switch q := q.(type) {
	case *ast.Select:
		return q.Emit != ""
	case *ast.SetOp:
		return q.Emit != ""
	}
	return false
}

func (s *statement) bindQuery(q ast.Query, life planner.Lifetime, cat *catalog.Catalog) error {
	p, err := planner.PlanQuery(q, cat, s.options(life))
	if err != nil {
		return err
	}
	s.plan, s.params, s.cols = p, p.Params, sessionColumns(p.Columns)
	return nil
}

// bindSubscribe plans SUBSCRIBE: the columns tick and weight, then the query's.
func (s *statement) bindSubscribe(t *ast.Subscribe, cat *catalog.Catalog) error {
	if t.AsOf != nil {
		return pgerr.Unsupported(int(t.AsOf.Start()), "SUBSCRIBE … AS OF")
	}
	q := t.Query
	if t.Name != nil {
		q = &ast.Select{Pos: t.Pos, Items: []ast.SelectItem{{Pos: t.Pos, X: &ast.Star{Pos: t.Pos}}},
			From: []ast.TableExpr{&ast.Table{Pos: t.Name.Pos, Name: *t.Name}}}
	}
	for _, o := range t.With {
		return pgerr.Unsupported(int(o.Pos), "SUBSCRIBE option %q", o.Name)
	}
	if err := s.bindQuery(q, planner.Push, cat); err != nil {
		return err
	}
	s.cols = append([]session.Column{{Name: "tick", Type: types.T(types.Int8)}, {Name: "weight", Type: types.T(types.Int8)}}, s.cols...)
	return nil
}

func sessionColumns(cols []planner.Column) []session.Column {
	if cols == nil {
		return nil
	}
	out := make([]session.Column, len(cols))
	for i, c := range cols {
		out[i] = session.Column{Name: c.Name, Type: c.Type}
	}
	return out
}

// fresh binds the statement if it was not, or if the catalog has changed since.
func (s *statement) fresh(ctx context.Context) error {
	if s.bound && s.version == s.cs.e.catalog.Load().Version() && s.dialect == s.cs.settings.get("dialect") {
		return nil
	}
	before := s.cols
	if err := s.bind(ctx); err != nil {
		return err
	}
	if before != nil && !sameColumns(before, s.cols) {
		return pgerr.New(pgerr.FeatureNotSupported, "cached plan must not change result type").WithHint("Prepare the statement again.")
	}
	return nil
}

func sameColumns(a, b []session.Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !a[i].Type.Equal(b[i].Type) {
			return false
		}
	}
	return true
}

// run executes a statement: the one switch over statements.
func (cs *clientSession) run(ctx context.Context, s *statement, args []types.Value) (session.Result, error) {
	if err := s.fresh(ctx); err != nil {
		return nil, err
	}
	if err := cs.refuseReadOnly(s.tree); err != nil {
		return nil, err
	}
	switch t := s.tree.(type) {
	case *ast.QueryStmt, *ast.Subscribe:
		return cs.query(ctx, s, args)
	case *ast.Insert, *ast.Update, *ast.Delete:
		if i, ok := t.(*ast.Insert); ok && cs.runsOn(i) {
			return cs.insertQuery(ctx, s, i)
		}
		return cs.write(ctx, s, args)
	case *ast.Create:
		return cs.createStmt(ctx, s, t)
	case *ast.Drop:
		return cs.dropStmt(ctx, s, t)
	case *ast.Explain:
		return cs.explain(s, t)
	case *ast.Show:
		return cs.show(ctx, t)
	case *ast.Describe:
		return cs.describe(t)
	case *ast.Copy:
		return cs.copy(ctx, s, t)
	case *ast.Declare, *ast.Fetch, *ast.CloseCursor:
		return cs.cursorStmt(ctx, s, args)
	case *ast.Transaction:
		return cs.transactionStmt(ctx, t)
	case *ast.Prepare, *ast.Execute, *ast.Deallocate:
		return cs.prepareStmt(ctx, s)
	case *ast.Set, *ast.Reset, *ast.SetTransaction, *ast.Discard:
		return cs.setStmt(s.tree)
	case *ast.NoOp:
		return tagResult(t.Tag), nil
	case *ast.Define, *ast.CreateType, *ast.DropType, *ast.Alter, *ast.QueryControl, *ast.ExplainQuery, *ast.DescribeOther, *ast.Print, *ast.Assert:
		return cs.ksqlStmt(ctx, s)
	case *ast.Savepoint:
		return cs.savepointStmt(t)
	case *ast.Unsupported:
		return nil, pgerr.Unsupported(int(t.Pos), "%s", t.Feature)
	}
	return nil, fmt.Errorf("engine: no execution for %T", s.tree)
}

func (cs *clientSession) dropStmt(ctx context.Context, s *statement, t *ast.Drop) (session.Result, error) {
	if cs.tx.open && cs.tx.wrote() {
		return nil, pgerr.Unsupported(int(t.Pos), "DROP in a transaction that has written")
	}
	notices, err := cs.e.dropObjects(ctx, t, s.text)
	cs.tx.ddl = cs.tx.ddl || cs.tx.open && err == nil
	for _, n := range notices {
		cs.notice("NOTICE", pgerr.SuccessfulCompletion, n)
	}
	if err != nil {
		return nil, err
	}
	return tagResult("DROP " + strings.ToUpper(string(t.Kind))), nil
}

// explainOptions refuses what would change the form of the plan; the other options of PostgreSQL have nothing to add.
func explainOptions(opts []ast.Option) error {
	for _, o := range opts {
		switch o.Name {
		case "format":
			if !strings.EqualFold(o.Value, "text") {
				return pgerr.Unsupported(int(o.Pos), "EXPLAIN (FORMAT %s)", strings.ToUpper(o.Value))
			}
		case "analyze", "verbose", "costs", "settings", "buffers", "wal", "timing", "summary", "generic_plan":
		default:
			return pgerr.At(int(o.Pos), pgerr.SyntaxError, "unrecognized EXPLAIN option %q", o.Name)
		}
	}
	return nil
}

func (cs *clientSession) explain(s *statement, t *ast.Explain) (session.Result, error) {
	if t.Analyze {
		return nil, pgerr.Unsupported(int(t.Pos), "EXPLAIN ANALYZE")
	}
	if err := explainOptions(t.Options); err != nil {
		return nil, err
	}
	in := s.inner
	var root planner.Node
	switch {
	case in.plan != nil:
		root = in.plan.Root
	case in.insert != nil:
		root = in.insert.Query.Root
	case in.update != nil:
		root = in.update.Query.Root
	case in.delete != nil:
		root = in.delete.Query.Root
	default:
		c, ok := in.tree.(*ast.Create)
		if !ok {
			return nil, pgerr.Unsupported(int(t.Pos), "EXPLAIN of this statement")
		}
		_, p, err := cs.e.bindCreate(cs.definition(c, s.text), cs.e.catalog.Load())
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, pgerr.Unsupported(int(t.Pos), "EXPLAIN of a CREATE without a query")
		}
		root = p.Root
	}
	return planRows(s.cols, root), nil
}

// rowsOf makes a result of boxed rows.
func rowsOf(cols []session.Column, rows [][]types.Value, tag string) *rowsResult {
	ts := make([]types.Type, len(cols))
	for i, c := range cols {
		ts[i] = c.Type
	}
	b := batch.NewBuilder(ts)
	for _, r := range rows {
		b.Append(1, r)
	}
	return &rowsResult{cols: cols, batches: []*batch.Batch{b.Seal()}, tag: tag}
}
