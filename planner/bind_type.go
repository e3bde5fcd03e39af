package planner

import (
	"strings"

	"streamsql/internal/catalog"
	"streamsql/internal/expr"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
	"streamsql/sql/ast"
)

// numericPrecMax and numericScale bounds are PostgreSQL's.
const (
	numericPrecMax  = 1000
	varcharLenMax   = 10485760
	numericScaleMax = 1000
)

// fieldsMax bounds the fields of a STRUCT, as PostgreSQL bounds a table's columns.
const fieldsMax = 1600

// bindType resolves a type as written.
func (b *binder) bindType(n *ast.TypeName) (types.Type, error) {
	t, err := b.bindElemType(n)
	if err != nil {
		return t, err
	}
	if n.Dims > 0 && t.Kind != types.Array {
		t = types.ArrayOf(t)
	}
	return t, nil
}

func (b *binder) bindElemType(n *ast.TypeName) (types.Type, error) {
	name := n.Name[len(n.Name)-1]
	if len(n.Name) > 2 || len(n.Name) == 2 && n.Name[0] != "pg_catalog" && n.Name[0] != "public" {
		return types.Type{}, pgerr.At(at(n), pgerr.UndefinedObject, "type %s does not exist", quoteName(n.Name))
	}
	switch strings.ToLower(name) {
	case "array":
		if len(n.Args) == 1 {
			return b.arrayType(n)
		}
	case "map":
		if len(n.Args) == 2 {
			return b.mapType(n)
		}
	case "struct":
		return b.structType(n)
	}
	if fields, ok := strings.CutPrefix(strings.ToLower(name), "interval "); ok {
		if t, ok := types.IntervalOf(fields); ok {
			return withMods(t, n)
		}
	}
	k, ok := types.ByName(name)
	if !ok {
		k, ok = types.ByName(strings.ToLower(name))
	}
	if !ok {
		if t := b.cat.Type(name); t != nil && len(n.Mods) == 0 {
			return t.Type, nil
		}
		e := pgerr.At(at(n), pgerr.UndefinedObject, "type %s does not exist", quoteName(n.Name))
		if near := pgerr.Nearest(strings.ToLower(name), types.Names()); near != "" {
			e = e.WithHint("Perhaps you meant the type %s.", quoted(near))
		}
		return types.Type{}, e
	}
	if k == types.Varchar && len(n.Mods) == 0 && b.dialect() == expr.KSQL {
		k = types.Text // there is one type of strings
	}
	return withMods(types.T(k), n)
}

// arrayType resolves ARRAY<t>. In PostgreSQL arrays of any dimension have one type; in the ksql dialect an array of arrays
// is that: its elements may be NULL and of different lengths.
func (b *binder) arrayType(n *ast.TypeName) (types.Type, error) {
	e, err := b.bindType(n.Args[0])
	if err != nil || e.Kind == types.Array && b.opt.Dialect != "ksql" {
		return e, err
	}
	return types.ArrayOf(e), nil
}

func (b *binder) mapType(n *ast.TypeName) (types.Type, error) {
	k, err := b.bindType(n.Args[0])
	if err != nil {
		return k, err
	}
	v, err := b.bindType(n.Args[1])
	if err != nil {
		return v, err
	}
	if err := needOrdering(k, at(n.Args[0])); err != nil {
		return k, err
	}
	return types.Type{Kind: types.Map, Key: &k, Elem: &v}, nil
}

// structType resolves STRUCT<name t, …>.
func (b *binder) structType(n *ast.TypeName) (types.Type, error) {
	t := types.Type{Kind: types.Record, Fields: []types.Field{}}
	if len(n.Fields) > fieldsMax {
		return t, pgerr.At(at(n), pgerr.ProgramLimitExceeded, "a struct has at most %d fields", fieldsMax)
	}
	seen := map[string]bool{}
	for _, f := range n.Fields {
		ft, err := b.bindType(f.Type)
		if err != nil {
			return t, err
		}
		if seen[f.Name] {
			return t, pgerr.At(at(f.Type), pgerr.DuplicateColumn, "field %s of a struct specified more than once", quoted(f.Name))
		}
		seen[f.Name] = true
		t.Fields = append(t.Fields, types.Field{Name: f.Name, Type: ft})
	}
	return t, nil
}

// withMods applies the numbers in parentheses.
func withMods(t types.Type, n *ast.TypeName) (types.Type, error) {
	if t.Kind == types.Char && len(n.Mods) == 0 && !strings.EqualFold(n.Name[len(n.Name)-1], "bpchar") {
		t.Prec = 1 // char is char(1)
	}
	if t.Kind == types.Bit && len(n.Mods) == 0 {
		t.Prec = 1
	}
	if len(n.Mods) == 0 {
		return t, nil
	}
	m := n.Mods
	switch t.Kind {
	case types.Numeric:
		if m[0] < 1 || m[0] > numericPrecMax {
			return t, pgerr.At(at(n), pgerr.InvalidParameterValue, "NUMERIC precision %d must be between 1 and %d", m[0], numericPrecMax)
		}
		t.Prec = int32(m[0])
		if len(m) == 2 {
			if m[1] < -numericScaleMax || m[1] > numericScaleMax {
				return t, pgerr.At(at(n), pgerr.InvalidParameterValue, "NUMERIC scale %d must be between %d and %d", m[1], -numericScaleMax, numericScaleMax)
			}
			t.Scale = int32(m[1])
		}
		if len(m) <= 2 {
			return t, nil
		}
		return t, pgerr.At(at(n), pgerr.InvalidParameterValue, "invalid NUMERIC type modifier")
	case types.Varchar, types.Char, types.Bit, types.Varbit:
		if len(m) == 1 {
			return withLength(t, n)
		}
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		if len(m) == 1 {
			if t.Prec = int32(min(m[0], 6)); t.Prec == 0 {
				t.Prec = types.NoDigits
			}
			return t, nil
		}
	case types.Float8, types.Float4:
		if len(m) == 1 && m[0] >= 1 && m[0] <= 53 { // float(n)
			if m[0] <= 24 {
				return types.T(types.Float4), nil
			}
			return types.T(types.Float8), nil
		}
	}
	return t, pgerr.At(at(n), pgerr.SyntaxError, "type modifier is not allowed for type %s", quoted(n.Name[len(n.Name)-1]))
}

// isPseudoType reports a type that no column can have: its values are not known to have one form.
func isPseudoType(t types.Type) bool {
	switch t.Kind {
	case types.Unknown, types.Void:
		return true
	case types.Record:
		for _, f := range t.Fields {
			if isPseudoType(f.Type) {
				return true
			}
		}
		return t.Fields == nil
	case types.Array:
		return isPseudoType(*t.Elem)
	case types.Map:
		return isPseudoType(*t.Key) || isPseudoType(*t.Elem)
	}
	return false
}

// withLength applies the length of a string or bit string.
func withLength(t types.Type, n *ast.TypeName) (types.Type, error) {
	name := map[types.Kind]string{types.Varchar: "varchar", types.Char: "char", types.Bit: "bit", types.Varbit: "bit varying"}[t.Kind]
	length, lenMax := n.Mods[0], varcharLenMax
	if t.Kind == types.Bit || t.Kind == types.Varbit {
		lenMax *= 8
	}
	if length < 1 {
		return t, pgerr.At(at(n), pgerr.InvalidParameterValue, "length for type %s must be at least 1", name)
	}
	if length > lenMax {
		return t, pgerr.At(at(n), pgerr.InvalidParameterValue, "length for type %s cannot exceed %d", name, lenMax)
	}
	t.Prec = int32(length)
	return t, nil
}

// BindType turns CREATE TYPE into a named type. text is the statement as written.
func BindType(s *ast.CreateType, text string, cat *catalog.Catalog, opt Options) (*catalog.NamedType, error) {
	name := s.Name.Last()
	if _, builtin := types.ByName(name); builtin || len(s.Name.Parts) > 1 && s.Name.Parts[0] != "public" {
		return nil, pgerr.At(int(s.Name.Pos), pgerr.DuplicateObject, "type %s cannot be made: the name is a type of the system", quoted(name))
	}
	t, err := newBinder(cat, opt).bindType(s.Type)
	if err != nil {
		return nil, err
	}
	if isPseudoType(t) {
		return nil, pgerr.At(at(s.Type), pgerr.InvalidTableDefinition, "type %s is a pseudo-type", t)
	}
	return &catalog.NamedType{Name: name, Type: t, SQL: text}, nil
}
