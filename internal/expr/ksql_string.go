package expr

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// ksqlDB's string functions. Characters are code points; ksqlDB counts UTF-16 units, which is the same but beyond the basic
// plane.

func init() {
	defKSQL("lcase(text) text", "in lower case", "lcase('TÖM') => töm", rows(mapRunes(unicode.ToLower)))
	defKSQL("ucase(text) text", "in upper case", "ucase('töm') => TÖM", rows(mapRunes(unicode.ToUpper)))
	defKSQL("len(text) int4", "number of characters", "len('José') => 4", bytesToInt(func(b []byte) int64 { return int64(utf8.RuneCount(b)) }))
	defKSQL("len(bytea) int4", "number of bytes", "len(to_bytes('José', 'utf8')) => 5", bytesToInt(func(b []byte) int64 { return int64(len(b)) }))
	for _, name := range []string{"trim", "btrim"} { // TRIM(x) is parsed as a call of btrim
		defKSQL(name+"(text) text", "without white space and control characters at the ends", name+"('  x ') => x", rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.Value{Bytes: bytes.TrimFunc(a[0].Bytes, func(c rune) bool { return c <= ' ' })}, nil
		}))
	}
	defKSQL("initcap(text) text", "words, which white space parts, capitalized", "initcap('the quick_FOX') => The Quick_fox", rows(ksqlInitcap))
	defKSQL("chr(int4) text", "the character of a code point; NULL if there is none", "chr(75) => K", rows(ksqlChr))
	defKSQL("chr(text) text", `the character of an escape like \u004b; NULL for other text`, `chr('\u004b') => K`, rows(chrEscape))
	defKSQL("replace(text, text, text) text", "every occurrence replaced", "replace('foo bar foo', 'foo', 'x') => x bar x", rows(ksqlReplace))
	for _, t := range []string{"text", "bytea"} {
		defKSQL("concat(variadic "+t+") "+t+" nullok", "the arguments put together; NULLs are left out", "concat('a', NULL, 'b') => ab", rows(ksqlConcat))
		defKSQL("concat_ws("+t+", variadic "+t+") "+t+" nullok", "the arguments but the first put together with the first between them; NULLs are left out",
			"concat_ws('-', 'a', NULL, 'b') => a-b", rows(ksqlConcatWS))
		defKSQL("substring("+t+", int4) "+t, "from a position on, which counts from the end if it is negative", "substring('stream', -3) => eam", rows(ksqlSubstring(t == "bytea")))
		defKSQL("substring("+t+", int4, int4) "+t, "a length from a position on, which counts from the end if it is negative", "substring('stream', 2, 3) => tre",
			rows(ksqlSubstring(t == "bytea")))
		defKSQL("split("+t+", "+t+") "+t+"[]", "the parts between a delimiter; every character if it is empty", "split('a,b,,c', ',') => {a,b,\"\",c}", rowsFor(ksqlSplit))
	}
	for _, p := range []struct {
		name string
		left bool
		ex   string
	}{{"lpad", true, "lpad('foo', 7, 'Bar') => BarBfoo"}, {"rpad", false, "rpad('foo', 7, 'Bar') => fooBarB"}} {
		defKSQL(p.name+"(text, int4, text) text", "padded, or cut, to a length; NULL if the padding is empty or the length negative", p.ex, rows(ksqlPad(p.left, false)))
		defKSQL(p.name+"(bytea, int4, bytea) bytea", "padded, or cut, to a length; NULL if the padding is empty or the length negative", "", rows(ksqlPad(p.left, true)))
	}
	for _, tail := range []string{"", ", int4", ", int4, int4"} {
		defKSQL("instr(text, text"+tail+") int4 nullok", "where the n-th occurrence of a string begins at a position or behind it, or 0; a negative position counts from the end, and the search goes backward",
			"instr('corporate floor', 'or', 3, 2) => 14", rows(instr))
	}
}

func isJavaSpace(c rune) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// ksqlInitcap drops white space before the first word, as ksqlDB does.
func ksqlInitcap(r *row, a []types.Value) (types.Value, error) {
	r.buf = r.buf[:0]
	start := true
	for _, c := range string(bytes.TrimLeft(a[0].Bytes, " \t\n\v\f\r")) {
		if start {
			c = unicode.ToUpper(c)
		} else {
			c = unicode.ToLower(c)
		}
		start = isJavaSpace(c)
		r.buf = utf8.AppendRune(r.buf, c)
	}
	return types.Value{Bytes: r.buf}, nil
}

func ksqlChr(r *row, a []types.Value) (types.Value, error) {
	switch c := a[0].I; {
	case c < 0 || c > unicode.MaxRune:
		return types.Null, nil
	case c == 0:
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "null character not permitted")
	case c >= 0xD800 && c < 0xE000:
		return r.text("?"), nil // half of a pair, which no text can hold
	default:
		r.buf = utf8.AppendRune(r.buf[:0], rune(c))
	}
	return types.Value{Bytes: r.buf}, nil
}

// chrEscape resolves the escapes of Java's string literals in a text that begins with \u.
func chrEscape(r *row, a []types.Value) (types.Value, error) {
	if len(a[0].Bytes) < 6 || !bytes.HasPrefix(a[0].Bytes, []byte(`\u`)) {
		return types.Null, nil
	}
	s := string(a[0].Bytes)
	out, ok := unescapeJava(r.buf[:0], s)
	if !ok {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "invalid escape in %q", s)
	}
	r.buf = out
	return types.Value{Bytes: r.buf}, nil
}

func ksqlReplace(r *row, a []types.Value) (types.Value, error) {
	if len(a[1].Bytes) > 0 {
		return replace(r, a)
	}
	r.buf = append(r.buf[:0], a[2].Bytes...)
	for _, c := range string(a[0].Bytes) {
		r.buf = append(utf8.AppendRune(r.buf, c), a[2].Bytes...)
	}
	return types.Value{Bytes: r.buf}, nil
}

func ksqlConcat(r *row, a []types.Value) (types.Value, error) {
	r.buf = r.buf[:0]
	for _, v := range a {
		r.buf = append(r.buf, v.Bytes...)
	}
	return types.Value{Bytes: r.buf}, nil
}

func ksqlConcatWS(r *row, a []types.Value) (types.Value, error) {
	if a[0].Null {
		return types.Null, nil
	}
	r.buf = r.buf[:0]
	first := true
	for _, v := range a[1:] {
		if v.Null {
			continue
		}
		if !first {
			r.buf = append(r.buf, a[0].Bytes...)
		}
		first = false
		r.buf = append(r.buf, v.Bytes...)
	}
	return types.Value{Bytes: r.buf}, nil
}

// unit returns how to count characters, or bytes, and to skip some.
func unit(isBytes bool) (count func(b []byte) int64, skip func(b []byte, n int64) int) {
	if isBytes {
		return func(b []byte) int64 { return int64(len(b)) }, func(b []byte, n int64) int { return int(min(max(n, 0), int64(len(b)))) }
	}
	return func(b []byte) int64 { return int64(utf8.RuneCount(b)) }, skipRunes
}

// ksqlSubstring: position 0 is 1, and what lies outside of the value is nothing.
func ksqlSubstring(isBytes bool) rowFunc {
	count, skip := unit(isBytes)
	return func(_ *row, a []types.Value) (types.Value, error) {
		b, pos := a[0].Bytes, a[1].I
		if pos < 0 {
			pos = max(count(b)+pos, 0)
		} else {
			pos = max(pos-1, 0)
		}
		b = b[skip(b, pos):]
		if len(a) > 2 {
			b = b[:skip(b, a[2].I)]
		}
		return types.Value{Bytes: b}, nil
	}
}

// ksqlPad returns NULL for an empty padding or a negative length.
func ksqlPad(onLeft, isBytes bool) rowFunc {
	count, skip := unit(isBytes)
	return func(r *row, a []types.Value) (types.Value, error) {
		b, n, fill := a[0].Bytes, a[1].I, a[2].Bytes
		switch {
		case len(fill) == 0 || n < 0:
			return types.Null, nil
		case n > textBytesMax/4:
			return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, errTextTooLongMsg)
		}
		missing := n - count(b)
		if missing <= 0 {
			return types.Value{Bytes: b[:skip(b, n)]}, nil
		}
		r.buf = r.buf[:0]
		if !onLeft {
			r.buf = append(r.buf, b...)
		}
		for width := count(fill); missing >= width; missing -= width {
			r.buf = append(r.buf, fill...)
		}
		r.buf = append(r.buf, fill[:skip(fill, missing)]...)
		if onLeft {
			r.buf = append(r.buf, b...)
		}
		return types.Value{Bytes: r.buf}, nil
	}
}

func instr(_ *row, a []types.Value) (types.Value, error) {
	if a[0].Null || a[1].Null {
		return types.IntValue(0), nil
	}
	pos, nth := int64(1), int64(1)
	if len(a) > 2 {
		pos = a[2].I
	}
	if len(a) > 3 {
		nth = a[3].I
	}
	if len(a) > 2 && a[2].Null || len(a) > 3 && a[3].Null {
		return types.Null, nil
	}
	b, sub := a[0].Bytes, a[1].Bytes
	if pos == 0 || nth < 1 {
		return types.IntValue(0), nil
	}
	if pos < 0 {
		return types.IntValue(instrBack(b, sub, -pos, nth)), nil
	}
	from := skipRunes(b, pos-1)
	if pos > int64(utf8.RuneCount(b)) {
		return types.IntValue(0), nil
	}
	for at := from; at <= len(b); {
		i := bytes.Index(b[at:], sub)
		if i < 0 {
			break
		}
		if nth--; nth == 0 || len(sub) == 0 {
			return types.IntValue(int64(utf8.RuneCount(b[:at+i])) + 1), nil
		}
		_, size := utf8.DecodeRune(b[at+i:])
		at += i + size
	}
	return types.IntValue(0), nil
}

// instrBack searches backward for occurrences that end at the last character but pos-1, or before it.
func instrBack(b, sub []byte, pos, nth int64) int64 {
	n := int64(utf8.RuneCount(b))
	if pos > n {
		return 0
	}
	end := skipRunes(b, n-pos+1)
	for {
		i := bytes.LastIndex(b[:end], sub)
		if i < 0 {
			return 0
		}
		if nth--; nth == 0 || len(sub) == 0 {
			return int64(utf8.RuneCount(b[:i])) + 1
		}
		_, size := utf8.DecodeLastRune(b[:i+len(sub)])
		end = i + len(sub) - size
	}
}

// ksqlSplit is split of text and of bytes.
func ksqlSplit(c *Call) (rowFunc, error) {
	elem := *c.T.Elem
	_, skip := unit(elem.Kind == types.Bytea)
	return func(r *row, a []types.Value) (types.Value, error) {
		b, sep := a[0].Bytes, a[1].Bytes
		var parts []types.Value
		for len(sep) == 0 && len(b) > 0 {
			n := skip(b, 1)
			parts = append(parts, types.Value{Bytes: b[:n]})
			b = b[n:]
		}
		if len(sep) > 0 || len(parts) == 0 {
			for {
				i := bytes.Index(b, sep)
				if len(sep) == 0 || i < 0 {
					break
				}
				parts = append(parts, types.Value{Bytes: b[:i]})
				b = b[i+len(sep):]
			}
			parts = append(parts, types.Value{Bytes: b})
		}
		r.buf = types.AppendArray(r.buf[:0], elem, nil, parts)
		return types.Value{Bytes: r.buf}, nil
	}, nil
}
