package engine

import (
	"context"
	"fmt"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/session"
	"streamsql/planner"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// createType runs CREATE TYPE name AS type. Objects keep the type as it was when they were made.
func (cs *clientSession) createType(ctx context.Context, s *statement, t *ast.CreateType) (session.Result, error) {
	e := cs.e
	if err := e.ddl.lock(ctx); err != nil {
		return nil, err
	}
	defer e.ddl.unlock()
	cat := e.catalog.Load()
	if old := cat.Type(t.Name.Last()); old != nil {
		if t.IfNotExists {
			cs.notice("NOTICE", pgerr.DuplicateObject, fmt.Sprintf("type %q already exists, skipping", old.Name))
			return tagResult("CREATE TYPE"), nil
		}
		return nil, pgerr.At(int(t.Name.Pos), pgerr.DuplicateObject, "type %q already exists", old.Name)
	}
	named, err := planner.BindType(t, s.text, cat, cs.options(planner.Pull, nil))
	if err != nil {
		return nil, err
	}
	version, err := e.append(ctx, command{Op: "type", SQL: s.text, Dialect: cs.settings.get("dialect")})
	if err != nil {
		return nil, err
	}
	e.catalog.Store(e.catalog.Load().WithType(version, named))
	return tagResult("CREATE TYPE"), nil
}

// dropType runs DROP TYPE.
func (cs *clientSession) dropType(ctx context.Context, s *statement, t *ast.DropType) (session.Result, error) {
	e := cs.e
	if err := e.ddl.lock(ctx); err != nil {
		return nil, err
	}
	defer e.ddl.unlock()
	name := t.Name.Last()
	if e.catalog.Load().Type(name) == nil {
		if t.IfExists {
			cs.notice("NOTICE", pgerr.SuccessfulCompletion, fmt.Sprintf("type %q does not exist, skipping", name))
			return tagResult("DROP TYPE"), nil
		}
		return nil, pgerr.At(int(t.Name.Pos), pgerr.UndefinedObject, "type %q does not exist", name)
	}
	version, err := e.append(ctx, command{Op: "drop type", SQL: s.text, Dialect: cs.settings.get("dialect")})
	if err != nil {
		return nil, err
	}
	e.catalog.Store(e.catalog.Load().WithoutType(version, name))
	return tagResult("DROP TYPE"), nil
}

// replayType applies the command of a CREATE or DROP TYPE to a catalog.
func (e *Engine) replayType(c numbered, cat *catalog.Catalog) (*catalog.Catalog, error) {
	ps, err := parser.Parse(c.SQL, parser.Options{Dialect: dialectOf(c.Dialect)})
	if err != nil {
		return nil, err
	}
	switch t := executable(ps[0].Stmt).(type) {
	case *ast.CreateType:
		named, err := planner.BindType(t, c.SQL, cat, planner.Options{Env: e.env, Dialect: c.Dialect})
		if err != nil {
			return nil, err
		}
		return cat.WithType(c.version, named), nil
	case *ast.DropType:
		return cat.WithoutType(c.version, t.Name.Last()), nil
	}
	return nil, fmt.Errorf("not a CREATE TYPE statement")
}
