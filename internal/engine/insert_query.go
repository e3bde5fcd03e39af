package engine

import (
	"context"
	"fmt"
	"slices"

	"streamsql/internal/catalog"
	"streamsql/internal/session"
	"streamsql/sql/ast"
	"streamsql/sql/format"
)

// queriesSchema is where the queries of INSERT INTO … SELECT are in the catalog: no name finds them.
const queriesSchema = "_queries"

// isInsertQuery reports the object of an INSERT query: SHOW QUERIES lists it, and nothing that lists relations.
func isInsertQuery(o *catalog.Object) bool { return o.Schema == queriesSchema }

// kindName is what an object is called: the object of an INSERT query is no stream of anybody's.
func kindName(o *catalog.Object) string {
	if isInsertQuery(o) {
		return "insert query"
	}
	return o.Kind.String()
}

// listed are the relations that SHOW, DESCRIBE and the system tables list.
func (e *Engine) listed() []*catalog.Object {
	return slices.DeleteFunc(e.catalog.Load().Objects(), isInsertQuery)
}

// runsOn reports ksqlDB's INSERT INTO stream SELECT …, which is a query that goes on, not a statement that ends.
func (cs *clientSession) runsOn(t *ast.Insert) bool {
	_, sel := t.Query.(*ast.Select)
	return sel && cs.settings.get("dialect") == "ksql"
}

// insertQuery starts the query of INSERT INTO … SELECT.
func (cs *clientSession) insertQuery(ctx context.Context, s *statement, t *ast.Insert) (session.Result, error) {
	c, err := cs.e.createObject(ctx, cs.definition(insertDefinition(t, cs.e.catalog.Load().Version()+1), s.text))
	if err != nil {
		return nil, err
	}
	if err := c.wait(ctx); err != nil {
		return nil, err
	}
	return tagResult("INSERT 0 0"), nil
}

// insertDefinition is INSERT INTO … SELECT as the CREATE of an object without a name of its own; id is the number of its
// command.
func insertDefinition(t *ast.Insert, id uint64) *ast.Create {
	name := ast.Name{Pos: t.Table.Pos, Parts: []string{queriesSchema, fmt.Sprintf("INSERTQUERY_%d", id)}}
	return &ast.Create{Pos: t.Pos, Kind: ast.KindStream, Name: name, As: t.Query,
		AsText: format.KSQL(&ast.QueryStmt{Pos: t.Pos, Query: t.Query}), Into: &t.Table}
}
