package engine

import (
	"fmt"

	"streamsql/internal/catalog"
	"streamsql/planner"
	"streamsql/sql/ast"
	"streamsql/sql/parser"
)

// left is an object that the commands leave behind: its last definition, under the id of its first.
type left struct {
	numbered
	id     uint64
	types  catalog.TypeSet // as of that definition
	paused bool
	added  []addition
}

// addition says that a replacement added the visible columns behind the first n.
type addition struct {
	version uint64
	n       int
}

// mark notes in a bound object which of its columns came later.
func (l *left) mark(obj *catalog.Object) {
	seen := 0
	for i := range obj.Columns {
		if obj.Columns[i].Hidden {
			continue
		}
		for _, a := range l.added {
			if seen >= a.n {
				obj.Columns[i].Since = a.version
			}
		}
		seen++
	}
}

// replay applies the commands to the catalog and returns the ids of the relations in an order in which inputs come
// before their readers, with their plans.
func (e *Engine) replay(cmds []numbered) (order []uint64, plans map[uint64]*planner.Plan) {
	all, types := e.leftBy(cmds)
	plans = map[uint64]*planner.Plan{}
	// A replaced object may read what was made after it: those whose inputs are not there yet wait for the next pass.
	for pending := all; len(pending) > 0; {
		var waiting []*left
		var errs []error
		for _, l := range pending {
			obj, plan, err := e.rebind(l)
			if err != nil {
				waiting, errs = append(waiting, l), append(errs, err)
				continue
			}
			obj.Paused = l.paused && obj.Query != ""
			l.mark(obj)
			e.install(obj, l.id)
			order, plans[l.id] = append(order, l.id), plan
		}
		if len(waiting) == len(pending) {
			for i, l := range waiting {
				// One statement that cannot be bound any more must not keep the others from being served; its command stays
				// in the log, and what reads it is left out likewise.
				e.log.Error("object cannot be made again and is left out", "command", l.version, "sql", l.SQL, "err", errs[i])
			}
			break
		}
		pending = waiting
	}
	version := uint64(0)
	if len(cmds) > 0 {
		version = cmds[len(cmds)-1].version
	}
	e.catalog.Store(e.catalog.Load().WithTypes(types).At(version))
	return order, plans
}

// leftBy reads the commands: what is left of the objects, oldest first, and of the named types.
func (e *Engine) leftBy(cmds []numbered) ([]*left, catalog.TypeSet) {
	dropped := map[uint64]bool{}
	for _, c := range cmds {
		for _, id := range c.IDs {
			dropped[id] = dropped[id] || c.Op == "drop"
		}
	}
	byID := map[uint64]*left{}
	var all []*left
	types := catalog.New()
	for _, c := range cmds {
		switch c.Op {
		case "create":
			if !dropped[c.version] {
				l := &left{numbered: c, id: c.version, types: types.TypeSet()}
				byID[l.id], all = l, append(all, l)
			}
		case "replace":
			if l := byID[c.IDs[0]]; l != nil {
				l.numbered, l.types, l.added = c, types.TypeSet(), append(l.added, addition{c.version, c.Columns})
			}
		case "pause", "resume":
			for _, id := range c.IDs {
				if l := byID[id]; l != nil {
					l.paused = c.Op == "pause"
				}
			}
		case "type", "drop type":
			next, err := e.replayType(c, types)
			if err != nil {
				e.log.Error("type cannot be made again and is left out", "command", c.version, "sql", c.SQL, "err", err)
				continue
			}
			types = next
		}
	}
	return all, types.TypeSet()
}

// rebind binds a definition again, against what is bound by now and the types of its time.
func (e *Engine) rebind(l *left) (*catalog.Object, *planner.Plan, error) {
	d, err := parseDefinition(l.SQL, l.Dialect, l.id)
	if err != nil {
		return nil, nil, err
	}
	d.properties, d.defined = l.Properties, l.version
	return e.bindCreate(d, e.catalog.Load().WithTypes(l.types))
}

// parseDefinition reads the text of a CREATE, or of a query that inserts; id is the number of its command.
func parseDefinition(text, dialect string, id uint64) (*definition, error) {
	ps, err := parser.Parse(text, parser.Options{Dialect: dialectOf(dialect)})
	if err != nil {
		return nil, err
	}
	if t, ok := ps[0].Stmt.(*ast.Insert); ok {
		return &definition{tree: insertDefinition(t, id), text: text, dialect: dialect}, nil
	}
	s, ok := ps[0].Stmt.(*ast.Create)
	if !ok {
		return nil, fmt.Errorf("not a CREATE statement")
	}
	return &definition{tree: s, text: text, dialect: dialect}, nil
}
