package expr

import (
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's masks: each character becomes the mask of its kind.

// keepKind leaves the characters of a kind as they are.
const keepKind = rune(-1)

// masks are what upper-case letters, lower-case letters, digits and all else become.
type masks [4]rune

var defaultMasks = masks{'X', 'x', 'n', '-'}

func (m *masks) append(dst, b []byte) []byte {
	for _, c := range string(b) {
		to := m[3]
		switch {
		case unicode.Is(unicode.Lu, c):
			to = m[0]
		case unicode.Is(unicode.Ll, c):
			to = m[1]
		case unicode.Is(unicode.Nd, c):
			to = m[2]
		}
		if to == keepKind {
			to = c
		}
		dst = utf8.AppendRune(dst, to)
	}
	return dst
}

// masksOf reads the arguments that name masks; without any the default masks count. NULL leaves a kind as it is.
func masksOf(a []types.Value) (m masks, err error) {
	if len(a) == 0 {
		return defaultMasks, nil
	}
	for i, v := range a {
		c, n := utf8.DecodeRune(v.Bytes)
		switch {
		case v.Null:
			c = keepKind
		case n == 0 || n != len(v.Bytes):
			return m, pgerr.New(pgerr.InvalidParameterValue, "invalid mask character: must be only a single character, but was \"%s\"", v.Bytes)
		}
		m[i] = c
	}
	return m, nil
}

// masked makes a function that masks the part of a text that cut gives, from and to in characters of n.
func masked(name string, cut func(n, count int64) (from, to int64)) rowFunc {
	fixed := 2
	if name == "mask" {
		fixed = 1
	}
	return func(r *row, a []types.Value) (types.Value, error) {
		m, err := masksOf(a[fixed:])
		if err != nil {
			return types.Null, err
		}
		n, count := int64(utf8.RuneCount(a[0].Bytes)), int64(0)
		if fixed == 2 {
			if count = a[1].I; a[1].Null {
				return types.Null, nil
			}
		}
		if count < 0 {
			return types.Null, pgerr.New(pgerr.InvalidParameterValue, "%s needs a number of characters that is not negative", name)
		}
		if a[0].Null {
			return types.Null, nil
		}
		from, to := cut(n, min(count, n))
		i := skipRunes(a[0].Bytes, from)
		j := i + skipRunes(a[0].Bytes[i:], to-from)
		r.buf = append(r.buf[:0], a[0].Bytes[:i]...)
		r.buf = append(m.append(r.buf, a[0].Bytes[i:j]), a[0].Bytes[j:]...)
		return types.Value{Bytes: r.buf}, nil
	}
}

func init() {
	const own = "; the masks of upper-case letters, lower-case letters, digits and all else may be given, NULL leaves a kind as it is"
	for _, f := range []struct {
		name, args, doc, ex string
		cut                 func(n, count int64) (from, to int64)
	}{
		{"mask", "text", "every character masked", "mask('My Test $123') => Xx-Xxxx--nnn", func(n, _ int64) (int64, int64) { return 0, n }},
		{"mask_keep_left", "text, int4", "all but the first characters masked", "mask_keep_left('My Test $123', 4) => My Txxx--nnn", func(n, count int64) (int64, int64) { return count, n }},
		{"mask_keep_right", "text, int4", "all but the last characters masked", "mask_keep_right('My Test $123', 4) => Xx-Xxxx-$123", func(n, count int64) (int64, int64) { return 0, n - count }},
		{"mask_left", "text, int4", "the first characters masked", "mask_left('My Test $123', 4) => Xx-Xest $123", func(_, count int64) (int64, int64) { return 0, count }},
		{"mask_right", "text, int4", "the last characters masked", "mask_right('My Test $123', 4) => My Test -nnn", func(n, count int64) (int64, int64) { return n - count, n }},
	} {
		defKSQL(f.name+"("+f.args+") text", f.doc, f.ex, rows(masked(f.name, f.cut)))
		defKSQL(f.name+"("+f.args+", text, text, text, text) text nullok", f.doc+own, "", rows(masked(f.name, f.cut)))
	}
	example := ksqlRegistry["mask"][1]
	example.Example, example.ExampleResult = "mask('My Test $123', '*', NULL, '1', NULL)", "*y *est $111"
}
