package types

import (
	"strings"
	"testing"

	"streamsql/internal/pgerr"
)

func TestCastGolden(t *testing.T) {
	for _, c := range readGolden(t, "casts.golden") {
		f := goldenFormat(t, c.settings)
		from, to := c.name, ""
		if i := strings.IndexByte(c.name, '>'); i >= 0 {
			from, to = c.name[:i], c.name[i+1:]
		}
		src, dst := goldenType(t, from), goldenType(t, to)
		if can := CanCast(src, dst, Explicit); can != (c.code != pgerr.CannotCoerce) {
			t.Errorf("CanCast(%s) = %v, PostgreSQL says %s %q", c.name, can, c.code, c.want)
			continue
		}
		if to == "regtype" && c.code == pgerr.SyntaxError {
			continue // PostgreSQL parses the name as SQL does; we only look it up
		}
		if c.a == "<null>" || c.code == pgerr.CannotCoerce {
			continue
		}
		v, err := ParseText(src, c.a, f)
		if err == nil && src.Kind == Varchar {
			v, err = Cast(T(Text), src, TextValue(c.a), f)
		}
		if err == nil {
			v, err = Cast(src, dst, v, f)
		}
		got := ""
		if err == nil && !v.Null {
			got = string(AppendText(nil, dst, v, f))
		}
		c.check(t, got, err)
	}
}

func TestCastContexts(t *testing.T) {
	for _, c := range []struct {
		from, to Type
		from3    [3]bool // implicit, assignment, explicit
	}{
		{T(Int4), T(Int8), [3]bool{true, true, true}},
		{T(Int8), T(Int4), [3]bool{false, true, true}},
		{T(Int4), T(Bool), [3]bool{false, false, true}},
		{T(Int4), T(Text), [3]bool{false, true, true}},
		{T(Text), T(Int4), [3]bool{false, false, true}},
		{T(Unknown), T(Date), [3]bool{true, true, true}},
		{T(Numeric), Type{Kind: Numeric, Prec: 5, Scale: 2}, [3]bool{true, true, true}},
		{T(Timestamp), T(TimestampTZ), [3]bool{true, true, true}},
		{T(TimestampTZ), T(Timestamp), [3]bool{false, true, true}},
		{ArrayOf(T(Int4)), ArrayOf(T(Int8)), [3]bool{true, true, true}},
		{ArrayOf(T(Int4)), T(Int4), [3]bool{}},
		{T(JSON), T(JSONB), [3]bool{false, true, true}},
		{T(Date), T(Int4), [3]bool{}},
		{T(Text), T(Varchar), [3]bool{true, true, true}},
	} {
		for i, want := range c.from3 {
			if got := CanCast(c.from, c.to, CastContext(i)); got != want {
				t.Errorf("CanCast(%s, %s, %d) = %v", c.from, c.to, i, got)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		oid  uint32
		size int16
	}{
		{"INT", Int4, 23, 4}, {"double precision", Float8, 701, 8}, {"string", Text, 25, -1}, {"timestamptz", TimestampTZ, 1184, 8},
		{"uuid", UUID, 2950, 16}, {`"char"`, QChar, 18, 1}, {"char", Char, 1042, -1}, {"decimal", Numeric, 1700, -1},
	} {
		k, ok := ByName(c.name)
		typ := T(k)
		if !ok || k != c.kind || typ.OID() != c.oid || typ.Len() != c.size {
			t.Errorf("%s: kind %d, OID %d, length %d", c.name, k, typ.OID(), typ.Len())
		}
		if back, ok := ByOID(c.oid); !ok || !back.Equal(typ) {
			t.Errorf("OID %d is %s", c.oid, back)
		}
		if back, ok := ByOID(ArrayOf(typ).OID()); !ok || !back.Equal(ArrayOf(typ)) {
			t.Errorf("array of %s: OID %d is %s", typ, ArrayOf(typ).OID(), back)
		}
	}
	if _, ok := ByName("no such type"); ok {
		t.Error("ByName finds anything")
	}
	for _, typ := range []Type{{Kind: Numeric, Prec: 10, Scale: 2}, {Kind: Numeric, Prec: 3, Scale: -2}, {Kind: Varchar, Prec: 7}, {Kind: Timestamp, Prec: 3}} {
		if back := T(typ.Kind).FromTypMod(typ.TypMod()); !back.Equal(typ) {
			t.Errorf("typmod %d of %s reads as %s", typ.TypMod(), typ, back)
		}
	}
}
