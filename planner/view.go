package planner

import (
	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// view plans the query of a plain view or derived stream, to stand in its place. Its columns have the object's names;
// a stream's also has its record time as a hidden last column where the query passes one through.
func (b *binder) view(o *catalog.Object, pos int) (Node, error) {
	if n := b.views[o.ID]; n != nil {
		return n, nil
	}
	if b.depth >= viewDepthMax {
		return nil, pgerr.At(pos, pgerr.StatementTooComplex, "views are nested deeper than %d", viewDepthMax)
	}
	q, err := b.parseQuery(o.Query, o.Dialect)
	if err != nil {
		return nil, viewError(o, err, pos)
	}
	depth, frozen, dialect, properties := b.depth, b.frozen, b.opt.Dialect, b.opt.Properties
	b.depth, b.frozen, b.opt.Dialect, b.opt.Properties = depth+1, true, o.Dialect, o.Properties
	node, err := b.bindStored(q, o)
	if err == nil {
		node, err = b.withInserts(node, o, pos)
	}
	b.depth, b.frozen, b.opt.Dialect, b.opt.Properties = depth, frozen, dialect, properties
	if err != nil {
		return nil, viewError(o, err, pos)
	}
	if b.views == nil {
		b.views = map[uint64]Node{}
	}
	b.views[o.ID] = node
	return node, nil
}

func (b *binder) bindStored(q ast.Query, o *catalog.Object) (Node, error) {
	sc := &scope{wantTime: o.Kind == catalog.Stream}
	if o.Dialect == ksqlDialect && o.Kind == catalog.Stream {
		sc = &scope{wantMeta: true}
	} else {
		q, _ = withoutPartition(q, o.Kind)
	}
	node, err := b.bindQuery(q, sc, false)
	if err != nil {
		return nil, err
	}
	if node, err = b.resolveUnknown(node); err != nil {
		return nil, err
	}
	if o.Into != 0 {
		if node, err = b.insertColumns(node, b.cat.ByID(o.Into), -1, pgerr.NoPos); err != nil {
			return nil, err
		}
	}
	names := map[int]string{}
	i := 0
	for _, c := range o.Columns {
		if !c.Hidden {
			names[i] = c.Name
			i++
		}
	}
	return b.retimed(renamed(node, names), o)
}

// hideMetadata hides the columns that an expanded stream has beyond its declared ones.
func hideMetadata(f *from, o *catalog.Object) {
	visible := 0
	for _, c := range o.Columns {
		if !c.Hidden {
			visible++
		}
	}
	for i := visible; i < len(f.out); i++ {
		f.out[i].hidden, f.rels[0].cols[i].hidden = true, true
	}
}

// viewError points an error inside a view's text at the view's name in the statement.
func viewError(o *catalog.Object, err error, pos int) error {
	e := *pgerr.From(err)
	e.Pos = pos
	e.Detail = "The error is in the query of " + o.Kind.String() + " " + quoted(o.Name) + "."
	return &e
}

// parseQuery reads a stored query.
func (b *binder) parseQuery(text, dialect string) (ast.Query, error) {
	if b.opt.ParseQuery != nil {
		return b.opt.ParseQuery(text, dialect)
	}
	ps, err := parser.Parse(text, parserOptions(dialect))
	if err != nil {
		return nil, err
	}
	if len(ps) == 1 {
		if s, ok := ps[0].Stmt.(*ast.QueryStmt); ok {
			return s.Query, nil
		}
	}
	return nil, pgerr.New(pgerr.InternalError, "stored query is not one query: %.100s", text)
}

// parserOptions are those for a dialect by its name in the catalog.
func parserOptions(dialect string) parser.Options {
	if dialect == "ksql" {
		return parser.Options{Dialect: parser.KSQL}
	}
	return parser.Options{Dialect: parser.Postgres}
}
