package engine

import (
	"context"
	"slices"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/sql/ast"
	"streamsql/sql/format"
)

// alter runs ksqlDB's ALTER STREAM|TABLE name ADD COLUMN …: the object's definition with more columns replaces it.
func (cs *clientSession) alter(ctx context.Context, t *ast.Alter) (session.Result, error) {
	e := cs.e
	if err := e.ddl.lock(ctx); err != nil {
		return nil, err
	}
	defer e.ddl.unlock()
	old, err := cs.named(t.Name, t.Kind)
	if err != nil {
		return nil, err
	}
	pos := int(t.Name.Pos)
	switch {
	case old.Source:
		return nil, pgerr.At(pos, pgerr.FeatureNotSupported, "ALTER is not supported on source %ss", old.Kind)
	case old.Query != "":
		return nil, pgerr.At(pos, pgerr.FeatureNotSupported, "ALTER is not supported on a %s with a query", old.Kind).
			WithHint("Use CREATE OR REPLACE %s.", strings.ToUpper(old.Kind.String()))
	}
	d, err := parseDefinition(old.SQL, old.Dialect, old.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range t.Add {
		if c.Key || c.PrimaryKey {
			return nil, pgerr.At(int(c.Pos), pgerr.InvalidTableDefinition, "cannot add key column %q", c.Name)
		}
	}
	tree := *d.tree
	tree.Columns = slices.Clone(tree.Columns)
	for i := range tree.Columns { // a named type may be gone by now, or another one
		tree.Columns[i].Type = typeName(old.Columns[old.Column(tree.Columns[i].Name)].Type)
	}
	tree.Columns = append(tree.Columns, t.Add...)
	if d.text = format.Stmt(&tree); old.Dialect == "ksql" {
		d.text = format.KSQL(&tree)
	}
	if d, err = parseDefinition(d.text, old.Dialect, old.ID); err != nil {
		return nil, err
	}
	d.properties = old.Properties
	made, err := e.replaceObject(ctx, d, old)
	if err != nil {
		return nil, err
	}
	return tagResult("ALTER " + strings.ToUpper(string(t.Kind))), made.wait(ctx)
}

// named finds the object of a statement that names its kind.
func (cs *clientSession) named(n ast.Name, kind ast.ObjectKind) (*catalog.Object, error) {
	o, err := cs.relationNamed(n)
	if err == nil && !dropMatches(kind, o) {
		err = pgerr.At(int(n.Pos), pgerr.WrongObjectType, "%q is not a %s", o.Name, kind)
	}
	return o, err
}

// relationNamed finds a relation, or says what the name may have meant.
func (cs *clientSession) relationNamed(n ast.Name) (*catalog.Object, error) {
	cat := cs.e.catalog.Load()
	if o := cat.Lookup(n.Parts); o != nil {
		return o, nil
	}
	err := pgerr.At(int(n.Pos), pgerr.UndefinedTable, "relation %q does not exist", n.Last())
	if near := cat.Nearest(n.Last()); near != "" {
		err = err.WithHint("Perhaps you meant %q.", near)
	}
	return nil, err
}
