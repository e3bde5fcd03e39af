package catalog

import (
	"maps"
	"slices"
	"strings"

	"streamsql/internal/types"
)

// NamedType is a type made by CREATE TYPE. It is immutable once in a Catalog. Names have no case: both dialects use the
// same types.
type NamedType struct {
	Name string
	Type types.Type // whole: a type that is dropped later stays what it was where it was used
	SQL  string     // the CREATE statement as written
}

// Type finds a named type in any case; nil when there is none.
func (c *Catalog) Type(name string) *NamedType { return c.types[strings.ToLower(name)] }

// Types returns all named types by name.
func (c *Catalog) Types() []*NamedType {
	out := make([]*NamedType, 0, len(c.types))
	for _, k := range slices.Sorted(maps.Keys(c.types)) {
		out = append(out, c.types[k])
	}
	return out
}

// TypeSet is the types that there are at one version, by lower-case name. It is not changed.
type TypeSet map[string]*NamedType

// TypeSet returns the catalog's types.
func (c *Catalog) TypeSet() TypeSet { return c.types }

// WithTypes returns the same objects with other types: those that an object was made with.
func (c *Catalog) WithTypes(t TypeSet) *Catalog {
	n := c.clone(c.version)
	n.types = maps.Clone(t)
	return n
}

// WithType returns a catalog that also has t.
func (c *Catalog) WithType(version uint64, t *NamedType) *Catalog {
	n := c.clone(version)
	n.types[strings.ToLower(t.Name)] = t
	return n
}

// WithoutType returns a catalog that lacks the named type.
func (c *Catalog) WithoutType(version uint64, name string) *Catalog {
	n := c.clone(version)
	delete(n.types, strings.ToLower(name))
	return n
}
