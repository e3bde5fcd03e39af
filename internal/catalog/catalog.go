package catalog

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"streamsql/internal/pgerr"
)

// Catalog is an immutable set of objects at one version.
type Catalog struct {
	version uint64
	byName  map[string]*Object // "schema.name"
	byID    map[uint64]*Object
	byOID   map[uint32]*Object
	types   TypeSet
}

// New returns a catalog of the given objects (usually the System ones) at version 0.
func New(objs ...*Object) *Catalog {
	c := &Catalog{byName: map[string]*Object{}, byID: map[uint64]*Object{}, byOID: map[uint32]*Object{}, types: TypeSet{}}
	for _, o := range objs {
		c.put(o)
	}
	return c
}

func (c *Catalog) put(o *Object) {
	c.byName[o.Schema+"."+o.Name] = o
	c.byID[o.ID] = o
	c.byOID[o.OID] = o
}

func (c *Catalog) clone(version uint64) *Catalog {
	n := &Catalog{version: version, byName: make(map[string]*Object, len(c.byName)+1),
		byID: make(map[uint64]*Object, len(c.byID)+1), byOID: make(map[uint32]*Object, len(c.byOID)+1), types: maps.Clone(c.types)}
	for _, o := range c.byName {
		n.put(o)
	}
	return n
}

// Version is the position in the command topic after the last command that this catalog contains.
func (c *Catalog) Version() uint64 { return c.version }

// At returns the same objects at another version.
func (c *Catalog) At(version uint64) *Catalog { return c.clone(version) }

// With returns a catalog that also has o (replacing one of the same name).
func (c *Catalog) With(version uint64, o *Object) *Catalog {
	n := c.clone(version)
	if old := n.byName[o.Schema+"."+o.Name]; old != nil {
		delete(n.byID, old.ID)
		delete(n.byOID, old.OID)
	}
	n.put(o)
	return n
}

// Without returns a catalog that lacks the object with the given ID.
func (c *Catalog) Without(version uint64, id uint64) *Catalog {
	n := c.clone(version)
	if o := n.byID[id]; o != nil {
		delete(n.byName, o.Schema+"."+o.Name)
		delete(n.byID, id)
		delete(n.byOID, o.OID)
	}
	return n
}

// AsOf returns the catalog with the columns hidden that were added to objects after a version: for a statement of that
// time * means what it meant then.
func (c *Catalog) AsOf(version uint64) *Catalog {
	n := c.clone(c.version)
	for _, o := range c.byName {
		if !slices.ContainsFunc(o.Columns, func(col Column) bool { return col.Since > version }) {
			continue
		}
		then := *o
		then.Columns = slices.Clone(o.Columns)
		for i := range then.Columns {
			then.Columns[i].Hidden = then.Columns[i].Hidden || then.Columns[i].Since > version
		}
		n.put(&then)
	}
	return n
}

// SearchPath is where unqualified names are looked up, in order.
var SearchPath = []string{"pg_catalog", "public"}

// Lookup finds a relation by its name parts ([schema,] name); nil when there is none.
func (c *Catalog) Lookup(parts []string) *Object {
	switch len(parts) {
	case 1:
		for _, s := range SearchPath {
			if o := c.byName[s+"."+parts[0]]; o != nil {
				return o
			}
		}
	case 2:
		return c.byName[parts[0]+"."+parts[1]]
	case 3: // database.schema.name
		return c.byName[parts[1]+"."+parts[2]]
	}
	return nil
}

// ByID returns the object with the given ID, or nil.
func (c *Catalog) ByID(id uint64) *Object { return c.byID[id] }

// ByOID returns the object with the given OID, or nil.
func (c *Catalog) ByOID(oid uint32) *Object { return c.byOID[oid] }

// Objects returns all objects, by schema and name.
func (c *Catalog) Objects() []*Object {
	out := make([]*Object, 0, len(c.byName))
	for _, o := range c.byName {
		out = append(out, o)
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Schema < out[j].Schema || out[i].Schema == out[j].Schema && out[i].Name < out[j].Name
	})
	return out
}

// Dependents returns the objects whose query reads the object with the given ID, by name.
func (c *Catalog) Dependents(id uint64) []*Object {
	var out []*Object
	for _, o := range c.Objects() {
		if slices.Contains(o.DependsOn, id) {
			out = append(out, o)
		}
	}
	return out
}

// Nearest returns the known name closest to name (for hints), or "".
func (c *Catalog) Nearest(name string) string {
	return pgerr.Nearest(strings.ToLower(name), func(yield func(string) bool) {
		for _, o := range c.Objects() {
			if (o.Kind != System || strings.HasPrefix(name, "pg_")) && !yield(o.Name) {
				return
			}
		}
	})
}
