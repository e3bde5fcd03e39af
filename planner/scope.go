package planner

import (
	"strings"

	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// scope is what names mean at one place of a query.
type scope struct {
	parent *scope // of the enclosing query; its columns may be named only by a correlated subquery
	from   *from  // nil: no columns here
	ctes   *cteFrame
	clause *clause // of the enclosing query, in which the subquery stands that sees this scope as its parent; or nil
	// wantTime asks a SELECT that passes rows through for the input's rowtime, as a column after the others.
	wantTime bool
	// wantMeta asks for the columns of a derived relation of the ksql dialect: the key first, hidden ones behind the others.
	wantMeta bool
}

// cteFrame is one common table expression, bound, and those visible besides it. Its node is shared by its uses.
type cteFrame struct {
	name  string
	node  Node
	outer *cteFrame
}

// from is a bound FROM clause: its node and the names over the node's columns.
type from struct {
	node Node
	rels []*rel
	out  []outCol // what * and unqualified names see, in order
	// window has the window_start and window_end of ksqlDB's WINDOW clause, by which every aggregation groups.
	window []expr.Expr
	origin origin
}

// rel is one named item of FROM.
type rel struct {
	alias  string
	schema string // of a table under its own name, else ""
	table  string // the table's own name when an alias hides it
	cols   []relCol
	key    []int // indexes into cols that identify a row, when it is a table with a primary key
}

// relCol is one column of a rel.
type relCol struct {
	name   string
	x      expr.Expr
	hidden bool
}

// outCol is one column that FROM shows unqualified; rel is nil for the merged columns of USING and NATURAL.
type outCol struct {
	relCol
	rel *rel
}

// shift returns the from with every column moved right, for the right side of a join.
func (f *from) shift(by int) *from {
	out := &from{node: f.node, origin: f.origin.shift(by)}
	moved := map[*rel]*rel{}
	for _, r := range f.rels {
		n := *r
		n.cols = make([]relCol, len(r.cols))
		for i, c := range r.cols {
			n.cols[i] = relCol{name: c.name, x: expr.Shift(c.x, by), hidden: c.hidden}
		}
		moved[r] = &n
		out.rels = append(out.rels, &n)
	}
	for _, c := range f.out {
		out.out = append(out.out, outCol{relCol{c.name, expr.Shift(c.x, by), c.hidden}, moved[c.rel]})
	}
	for _, w := range f.window {
		out.window = append(out.window, expr.Shift(w, by))
	}
	return out
}

// resolve finds the column that a reference names. The expression returned is a fresh copy when it is a Column, so
// that its place in the text can be remembered by its address.
func (b *binder) resolve(sc *scope, ref *ast.Ref) (expr.Expr, error) {
	x, err := lookup(sc.from, ref)
	if b.ksql() {
		x, err = ksqlRowtime(sc.from, ref, x, err)
	}
	if err == nil {
		return x, nil
	}
	for p := sc.parent; p != nil; p = p.parent {
		x, perr := lookup(p.from, ref)
		if perr == nil {
			return b.outer(p, x, strings.Join(ref.Parts, "."), at(ref)), nil
		}
		if pgerr.Code(perr) == pgerr.AmbiguousColumn {
			return nil, perr
		}
	}
	return nil, err
}

func lookup(f *from, ref *ast.Ref) (expr.Expr, error) {
	switch len(ref.Parts) {
	case 1:
		return lookupName(f, ref)
	case 2:
		return lookupQualified(f, ref, "", ref.Parts[0], ref.Parts[1])
	case 3:
		return lookupQualified(f, ref, ref.Parts[0], ref.Parts[1], ref.Parts[2])
	case 4:
		return lookupQualified(f, ref, ref.Parts[1], ref.Parts[2], ref.Parts[3])
	}
	return nil, pgerr.At(at(ref), pgerr.SyntaxError, "improper qualified name (too many dotted names): %s", strings.Join(ref.Parts, "."))
}

func lookupName(f *from, ref *ast.Ref) (expr.Expr, error) {
	name := ref.Parts[0]
	if f != nil {
		x, n := matchOut(f, name)
		if n == 0 && isPseudo(name) {
			x, n = matchOut(f, strings.ToLower(name))
		}
		switch {
		case n == 1:
			return fresh(x), nil
		case n > 1:
			return nil, pgerr.At(at(ref), pgerr.AmbiguousColumn, "column reference %s is ambiguous", quoted(name))
		}
		for _, r := range f.rels {
			if r.alias == name {
				return wholeRow(f, r), nil
			}
		}
	}
	return nil, undefinedColumn(f, ref, "", name)
}

// isPseudo reports the metadata columns that ksqlDB writes in capitals.
func isPseudo(name string) bool {
	switch strings.ToLower(name) {
	case "rowtime", "rowpartition", "rowoffset", "windowstart", "windowend":
		return true
	}
	return false
}

func matchOut(f *from, name string) (x expr.Expr, n int) {
	for _, c := range f.out {
		if c.name == name {
			x = c.x
			n++
		}
	}
	return x, n
}

func lookupQualified(f *from, ref *ast.Ref, schema, table, name string) (expr.Expr, error) {
	r := findRel(f, schema, table)
	if r == nil {
		return nil, missingRel(f, at(ref), table)
	}
	for _, want := range []string{name, strings.ToLower(name)} {
		if want != name && !isPseudo(name) {
			break
		}
		var x expr.Expr
		n := 0
		for _, c := range r.cols {
			if c.name == want {
				x = c.x
				n++
			}
		}
		if n == 1 {
			return fresh(x), nil
		}
		if n > 1 {
			return nil, pgerr.At(at(ref), pgerr.AmbiguousColumn, "column reference %s is ambiguous", quoted(name))
		}
	}
	return nil, undefinedColumn(f, ref, table, name)
}

func findRel(f *from, schema, table string) *rel {
	if f == nil {
		return nil
	}
	for _, r := range f.rels {
		if r.alias == table && (schema == "" || schema == r.schema) {
			return r
		}
	}
	return nil
}

func missingRel(f *from, pos int, table string) error {
	if f != nil {
		for _, r := range f.rels {
			if r.table == table && r.alias != table {
				return pgerr.At(pos, pgerr.UndefinedTable, "invalid reference to FROM-clause entry for table %s", quoted(table)).
					WithHint("Perhaps you meant to reference the table alias %s.", quoted(r.alias))
			}
		}
	}
	return pgerr.At(pos, pgerr.UndefinedTable, "missing FROM-clause entry for table %s", quoted(table))
}

// fresh copies a column reference, so that each use has its own address.
func fresh(x expr.Expr) expr.Expr {
	if c, ok := x.(*expr.Column); ok {
		n := *c
		return &n
	}
	return x
}

// undefinedColumn is PostgreSQL's error with its hint: the nearest names within three edits.
func undefinedColumn(f *from, ref *ast.Ref, table, name string) error {
	e := pgerr.At(at(ref), pgerr.UndefinedColumn, "column %s does not exist", quoted(name))
	if table != "" {
		e = pgerr.At(at(ref), pgerr.UndefinedColumn, "column %s.%s does not exist", table, name)
	}
	if f == nil {
		return e
	}
	best, near := min(3, len(name)/2), []string(nil)
	for _, r := range f.rels {
		if table != "" && r.alias != table {
			continue
		}
		for _, c := range r.cols {
			d := pgerr.EditDistance(name, c.name)
			if c.hidden || d > best {
				continue
			}
			if d < best {
				best, near = d, nil
			}
			near = append(near, r.alias+"."+c.name)
		}
	}
	switch len(near) {
	case 1:
		return e.WithHint("Perhaps you meant to reference the column %s.", quoted(near[0]))
	case 2:
		return e.WithHint("Perhaps you meant to reference the column %s or the column %s.", quoted(near[0]), quoted(near[1]))
	}
	return e
}

func quoted(s string) string { return `"` + s + `"` }

func quoteName(parts []string) string { return quoted(strings.Join(parts, ".")) }

// typeHasEquality reports whether values of t can be grouped, joined and compared.
func typeHasEquality(t types.Type) bool {
	switch t.Kind {
	case types.JSON, types.JSONPath:
		return false
	case types.Array, types.Map:
		return t.Elem == nil || typeHasEquality(*t.Elem)
	}
	return true
}

// needEquality is the error for types that cannot be compared.
func needEquality(t types.Type, pos int) error {
	if typeHasEquality(t) {
		return nil
	}
	return pgerr.At(pos, pgerr.UndefinedFunction, "could not identify an equality operator for type %s", t)
}

// needOrdering is the error for types that cannot be sorted.
func needOrdering(t types.Type, pos int) error {
	if typeHasEquality(t) {
		return nil
	}
	return pgerr.At(pos, pgerr.UndefinedFunction, "could not identify an ordering operator for type %s", t).
		WithHint("Use an explicit ordering operator or modify the query.")
}
