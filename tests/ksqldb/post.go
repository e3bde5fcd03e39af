package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/types"
)

// post is what must hold at the end of a case.
type post struct {
	Sources []postSource
}

type postSource struct {
	Name, Type             string
	Schema                 *string
	KeyFormat, ValueFormat *postFormat
	IsSource               *bool `json:"isSource"`
}

// postFormat is a format as a name, or with its features.
type postFormat struct{ Format string }

// UnmarshalJSON accepts both forms.
func (f *postFormat) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &f.Format) == nil {
		return nil
	}
	var o struct{ Format string }
	err := json.Unmarshal(b, &o)
	f.Format = o.Format
	return err
}

// adapt puts JSON in the place of the formats that a case was adapted from: only its statements were changed.
func (p *post) adapt() {
	for _, s := range p.Sources {
		for _, f := range []*postFormat{s.KeyFormat, s.ValueFormat} {
			if f != nil && slices.Contains([]string{"AVRO", "PROTOBUF", "JSON_SR"}, f.Format) {
				f.Format = "JSON"
			}
		}
	}
}

// check compares the catalog with what a case says of its sources.
func (p *post) check(cat *catalog.Catalog) error {
	if p == nil {
		return nil
	}
	for _, s := range p.Sources {
		o := cat.Lookup([]string{s.Name})
		if o == nil {
			return fmt.Errorf("post: there is no %s %s", s.Type, s.Name)
		}
		if !strings.EqualFold(o.Kind.String(), s.Type) {
			return fmt.Errorf("post: %s is a %s, not a %s", s.Name, o.Kind, s.Type)
		}
		if s.KeyFormat != nil && !strings.EqualFold(o.Connector.KeyFormat, s.KeyFormat.Format) {
			return fmt.Errorf("post: key format of %s is %s, not %s", s.Name, o.Connector.KeyFormat, s.KeyFormat.Format)
		}
		if s.ValueFormat != nil && !strings.EqualFold(o.Connector.ValueFormat, s.ValueFormat.Format) {
			return fmt.Errorf("post: value format of %s is %s, not %s", s.Name, o.Connector.ValueFormat, s.ValueFormat.Format)
		}
		if s.Schema == nil {
			continue
		}
		if got := schemaText(o); !strings.EqualFold(squeeze(got), squeeze(*s.Schema)) {
			return fmt.Errorf("post: schema of %s is %q, not %q", s.Name, got, *s.Schema)
		}
	}
	return nil
}

// squeeze takes out what a schema's text may have or not; upstream's texts call a table's key KEY as often as PRIMARY KEY.
func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "PRIMARYKEY", "KEY", "PRIMARY KEY", "KEY", "`", "", "VARCHAR(STRING)", "STRING", "VARCHAR", "STRING", "INTEGER", "INT").Replace(strings.ToUpper(s))
}

// schemaText is a relation's schema in ksqlDB's words: the key first.
func schemaText(o *catalog.Object) string {
	var keys, values []string
	for _, c := range o.Columns {
		if c.Hidden {
			continue
		}
		text := c.Name + " " + typeText(c.Type)
		switch {
		case c.From == catalog.FromKey && o.Kind == catalog.Table:
			keys = append(keys, text+" PRIMARY KEY")
		case c.From == catalog.FromKey:
			keys = append(keys, text+" KEY")
		case c.From == catalog.FromHeaders:
			values = append(values, text+" HEADERS")
		default:
			values = append(values, text)
		}
	}
	return strings.Join(append(keys, values...), ", ")
}

// typeText is a type in ksqlDB's words.
func typeText(t types.Type) string {
	switch t.Kind {
	case types.Bool:
		return "BOOLEAN"
	case types.Int4:
		return "INT"
	case types.Int8:
		return "BIGINT"
	case types.Float8:
		return "DOUBLE"
	case types.Text, types.Varchar:
		return "STRING"
	case types.Bytea:
		return "BYTES"
	case types.Date:
		return "DATE"
	case types.Time:
		return "TIME"
	case types.Timestamp, types.TimestampTZ:
		return "TIMESTAMP"
	case types.Numeric:
		return fmt.Sprintf("DECIMAL(%d, %d)", t.Prec, t.Scale)
	case types.Array:
		return "ARRAY<" + typeText(*t.Elem) + ">"
	case types.Map:
		return "MAP<" + typeText(*t.Key) + ", " + typeText(*t.Elem) + ">"
	case types.Record:
		var fs []string
		for _, f := range t.Fields {
			fs = append(fs, f.Name+" "+typeText(f.Type))
		}
		return "STRUCT<" + strings.Join(fs, ", ") + ">"
	}
	return t.String()
}
