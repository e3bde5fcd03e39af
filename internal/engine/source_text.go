package engine

import (
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
	"streamsql/sql/format"
)

// sourceText is the CREATE statement of a stream or table over the topic that a derived object writes.
func sourceText(o *catalog.Object) (string, error) {
	c := &ast.Create{Kind: ast.ObjectKind(o.Kind.String()), Name: ast.Name{Parts: []string{o.Name}}}
	keys := 0
	for _, col := range o.Columns {
		if col.Hidden {
			continue
		}
		d := ast.ColumnDef{Name: col.Name, Type: typeName(col.Type)}
		if col.From == catalog.FromKey {
			d.Key, d.PrimaryKey = o.Kind == catalog.Stream, o.Kind == catalog.Table
			keys++
		}
		c.Columns = append(c.Columns, d)
	}
	if o.Kind == catalog.Table && keys == 0 {
		return "", pgerr.Unsupported(pgerr.NoPos, "ending the query of table %q, which has no key", o.Name)
	}
	if o.Dialect != "ksql" && keys > 1 { // PostgreSQL's dialect lists them in one place
		for i := range c.Columns {
			if c.Columns[i].PrimaryKey {
				c.Columns[i].PrimaryKey = false
				c.PrimaryKey = append(c.PrimaryKey, c.Columns[i].Name)
			}
		}
	}
	c.With = topicOptions(o.Connector)
	if o.Dialect == "ksql" {
		return format.KSQL(c), nil
	}
	return format.Stmt(c), nil
}

// topicOptions are the WITH options that describe a topic's records.
func topicOptions(c *catalog.Connector) []ast.Option {
	out := []ast.Option{{Name: "kafka_topic", Value: c.Topic}, {Name: "key_format", Value: c.KeyFormat}, {Name: "value_format", Value: c.ValueFormat}}
	if c.ValueFormat == "delimited" {
		out = append(out, ast.Option{Name: "value_delimiter", Value: delimiterWord(c.Delimiter)})
	}
	if c.KeyFormat == "delimited" {
		out = append(out, ast.Option{Name: "key_delimiter", Value: delimiterWord(c.KeyDelimiter)})
	}
	if c.Unwrapped {
		out = append(out, ast.Option{Name: "wrap_single_value", Value: "false"})
	}
	return out
}

func delimiterWord(s string) string {
	switch s {
	case " ":
		return "SPACE"
	case "\t":
		return "TAB"
	}
	return s
}

// typeName is a type as it is written.
func typeName(t types.Type) *ast.TypeName {
	switch t.Kind {
	case types.Array:
		return &ast.TypeName{Name: []string{"array"}, Args: []*ast.TypeName{typeName(*t.Elem)}}
	case types.Map:
		return &ast.TypeName{Name: []string{"map"}, Args: []*ast.TypeName{typeName(*t.Key), typeName(*t.Elem)}}
	case types.Record:
		n := &ast.TypeName{Name: []string{"struct"}}
		for _, f := range t.Fields {
			n.Fields = append(n.Fields, ast.TypeField{Name: f.Name, Type: typeName(f.Type)})
		}
		return n
	}
	n := &ast.TypeName{}
	name := t
	name.Prec, name.Scale = 0, 0
	n.Name = []string{strings.TrimSuffix(name.String(), " without time zone")}
	if t.Prec > 0 {
		n.Mods = []int{int(t.Prec)}
		if t.Kind == types.Numeric {
			n.Mods = append(n.Mods, int(t.Scale))
		}
	}
	return n
}
