package expr

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// String functions. Positions and lengths count characters, not bytes.

const (
	substringError    = "22011" // substring_error
	textBytesMax      = 1<<30 - 1
	errTextTooLongMsg = "requested length too large"
)

var errNegativeSubstring = pgerr.New(substringError, "negative substring length not allowed")

func init() {
	for _, name := range []string{"length", "char_length", "character_length"} {
		def(name+"(text) int4", "number of characters", name+"('José') => 4", bytesToInt(func(b []byte) int64 { return int64(utf8.RuneCount(b)) }))
		def(name+"(bpchar) int4", "number of characters without trailing blanks", "", rows(func(r *row, a []types.Value) (types.Value, error) {
			return types.IntValue(int64(utf8.RuneCount(bytes.TrimRight(a[0].Bytes, " ")))), nil
		}))
	}
	byteLength := bytesToInt(func(b []byte) int64 { return int64(len(b)) })
	def("length(bytea) int4", "number of bytes", `length('\x1234'::bytea) => 2`, byteLength)
	for _, t := range []string{"text", "bpchar", "bytea"} {
		def("octet_length("+t+") int4", "number of bytes", "octet_length('José') => 5", byteLength)
	}
	for _, t := range []string{"text", "bytea"} {
		def("bit_length("+t+") int4", "number of bits", "bit_length('jose') => 32", rows(func(_ *row, a []types.Value) (types.Value, error) {
			return types.IntValue(8 * int64(len(a[0].Bytes))), nil
		}))
	}
	def("lower(text) text", "in lower case", "lower('TÖM') => töm", rows(mapRunes(unicode.ToLower)))
	def("upper(text) text", "in upper case", "upper('töm') => TÖM", rows(mapRunes(unicode.ToUpper)))
	def("initcap(text) text", "words capitalized", "initcap('hi THOMAS') => Hi Thomas", rows(initcap))
	for _, name := range []string{"substr", "substring"} {
		def(name+"(text, int4) text", "from a position on", name+"('alphabet', 3) => phabet", rows(substr))
		def(name+"(text, int4, int4) text", "a number of characters from a position", name+"('alphabet', 3, 2) => ph", rows(substr))
		def(name+"(bytea, int4) bytea", "from a position on", "", rows(substrBytes))
		def(name+"(bytea, int4, int4) bytea", "a number of bytes from a position", "", rows(substrBytes))
	}
	def("left(text, int4) text", "the first n characters, or all but the last -n", "left('abcde', 2) => ab", rows(left))
	def("right(text, int4) text", "the last n characters, or all but the first -n", "right('abcde', 2) => de", rows(right))
	trims("btrim", true, true)
	trims("ltrim", true, false)
	trims("rtrim", false, true)
	for _, p := range []struct {
		name string
		left bool
		ex   string
	}{{"lpad", true, "lpad('hi', 5, 'xy') => xyxhi"}, {"rpad", false, "rpad('hi', 5, 'xy') => hixyx"}} {
		def(p.name+"(text, int4) text", "padded with blanks, or cut, to a length", "", rows(pad(p.left)))
		def(p.name+"(text, int4, text) text", "padded, or cut, to a length", p.ex, rows(pad(p.left)))
	}
	def("replace(text, text, text) text", "every occurrence replaced", "replace('abcdefabcdef', 'cd', 'XX') => abXXefabXXef", rows(replace))
	def("translate(text, text, text) text", "characters exchanged one by one", "translate('12345', '143', 'ax') => a2x5", rows(translate))
	for _, name := range []string{"strpos", "position"} {
		def(name+"(text, text) int4", "where the second string begins in the first, or 0", name+"('high', 'ig') => 2", rows(strpos))
	}
	def("position(bytea, bytea) int4", "where the second string begins in the first, or 0", "", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.IntValue(int64(bytes.Index(a[0].Bytes, a[1].Bytes) + 1)), nil
	}))
	def("repeat(text, int4) text", "the string n times", "repeat('Pg', 4) => PgPgPgPg", rows(repeat))
	def("reverse(text) text", "characters in reverse order", "reverse('abcde') => edcba", rows(reverse))
	def("split_part(text, text, int4) text", "the n-th field, from the end if n is negative", "split_part('abc~@~def~@~ghi', '~@~', 2) => def", rows(splitPart))
	def("starts_with(text, text) bool", "whether the first string begins with the second", "starts_with('alphabet', 'alph') => t", rows(startsWith))
	def("^@(text, text) bool", "whether the first string begins with the second", "'alphabet' ^@ 'alph' => t", rows(startsWith))
	def("overlay(text, text, int4) text", "a part replaced", "overlay('Txxxxas', 'hom', 2) => Thomxas", rows(overlay))
	for _, tail := range []string{"", ", int4"} {
		def("overlay(bytea, bytea, int4"+tail+") bytea", "a part replaced", map[bool]string{true: `overlay('\x1234567890'::bytea, '\002\003'::bytea, 2, 3) => \x12020390`}[tail != ""],
			rows(overlayBytes))
	}
	def("overlay(text, text, int4, int4) text", "a part replaced", "overlay('Txxxxas', 'hom', 2, 4) => Thomas", rows(overlay))
	def("ascii(text) int4", "code of the first character", "ascii('x') => 120", rows(ascii))
	def("chr(int4) text", "the character of a code", "chr(65) => A", rows(chr))
}

// mapRunes maps every character; ASCII takes a short way.
func mapRunes(fn func(rune) rune) rowFunc {
	var ascii [utf8.RuneSelf]byte
	for c := range ascii {
		ascii[c] = byte(fn(rune(c)))
	}
	return func(r *row, a []types.Value) (types.Value, error) {
		r.buf = r.buf[:0]
		for b := a[0].Bytes; len(b) > 0; {
			if b[0] < utf8.RuneSelf {
				r.buf = append(r.buf, ascii[b[0]])
				b = b[1:]
				continue
			}
			c, size := utf8.DecodeRune(b)
			r.buf = utf8.AppendRune(r.buf, fn(c))
			b = b[size:]
		}
		return types.Value{Bytes: r.buf}, nil
	}
}

func initcap(r *row, a []types.Value) (types.Value, error) {
	r.buf = r.buf[:0]
	inWord := false
	for _, c := range string(a[0].Bytes) {
		if inWord {
			c = unicode.ToLower(c)
		} else {
			c = unicode.ToUpper(c)
		}
		inWord = unicode.IsLetter(c) || unicode.IsDigit(c)
		r.buf = utf8.AppendRune(r.buf, c)
	}
	return types.Value{Bytes: r.buf}, nil
}

// span turns PostgreSQL's substring arguments (start from 1, perhaps below) into a range from 0; end -1 is open.
func substrRange(a []types.Value) (from, to int64, err error) {
	from, to = a[1].I-1, -1
	if len(a) > 2 {
		if a[2].I < 0 {
			return 0, 0, errNegativeSubstring
		}
		to = max(from+a[2].I, 0)
	}
	return max(from, 0), to, nil
}

func substr(_ *row, a []types.Value) (types.Value, error) {
	from, to, err := substrRange(a)
	if err != nil {
		return types.Null, err
	}
	b := a[0].Bytes
	i := skipRunes(b, from)
	if to < 0 {
		return types.Value{Bytes: b[i:]}, nil
	}
	if to <= from {
		return types.Value{Bytes: b[:0]}, nil
	}
	return types.Value{Bytes: b[i : i+skipRunes(b[i:], to-from)]}, nil
}

// skipRunes returns the offset behind the first n characters of b.
func skipRunes(b []byte, n int64) int {
	i := 0
	for ; n > 0 && i < len(b); n-- {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRune(b[i:])
		i += size
	}
	return i
}

func substrBytes(_ *row, a []types.Value) (types.Value, error) {
	from, to, err := substrRange(a)
	if err != nil {
		return types.Null, err
	}
	size := int64(len(a[0].Bytes))
	if to < 0 || to > size {
		to = size
	}
	if from >= to {
		return types.Value{}, nil
	}
	return types.Value{Bytes: a[0].Bytes[from:to]}, nil
}

func left(_ *row, a []types.Value) (types.Value, error) {
	b, n := a[0].Bytes, a[1].I
	if n < 0 {
		n += int64(utf8.RuneCount(b))
	}
	return types.Value{Bytes: b[:skipRunes(b, n)]}, nil
}

func right(_ *row, a []types.Value) (types.Value, error) {
	b, n := a[0].Bytes, a[1].I
	if n < 0 {
		n = -n
	} else {
		n = int64(utf8.RuneCount(b)) - n
	}
	return types.Value{Bytes: b[skipRunes(b, n):]}, nil
}

func trims(name string, l, r bool) {
	trim := func(b []byte, set string) []byte {
		if l {
			b = bytes.TrimLeft(b, set)
		}
		if r {
			b = bytes.TrimRight(b, set)
		}
		return b
	}
	ex := map[string]string{"btrim": "btrim('xyxtrimyyx', 'xyz') => trim", "ltrim": "ltrim('zzzytest', 'xyz') => test",
		"rtrim": "rtrim('testxxzx', 'xyz') => test"}[name]
	def(name+"(text) text", "without blanks at the ends", "", rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.Value{Bytes: trim(a[0].Bytes, " ")}, nil
	}))
	def(name+"(text, text) text", "without the given characters at the ends", ex, rows(func(_ *row, a []types.Value) (types.Value, error) {
		return types.Value{Bytes: trim(a[0].Bytes, string(a[1].Bytes))}, nil
	}))
	def(name+"(bytea, bytea) bytea", "without the given bytes at the ends", "", rows(func(_ *row, a []types.Value) (types.Value, error) {
		b, set := a[0].Bytes, a[1].Bytes
		for l && len(b) > 0 && bytes.IndexByte(set, b[0]) >= 0 {
			b = b[1:]
		}
		for r && len(b) > 0 && bytes.IndexByte(set, b[len(b)-1]) >= 0 {
			b = b[:len(b)-1]
		}
		return types.Value{Bytes: b}, nil
	}))
}

func pad(onLeft bool) rowFunc {
	return func(r *row, a []types.Value) (types.Value, error) {
		b, n, fill := a[0].Bytes, a[1].I, []byte(" ")
		if len(a) > 2 {
			fill = a[2].Bytes
		}
		missing := n - int64(utf8.RuneCount(b))
		if n > textBytesMax/4 && len(fill) > 0 {
			return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, errTextTooLongMsg)
		}
		if missing <= 0 || len(fill) == 0 {
			return types.Value{Bytes: b[:skipRunes(b, max(n, 0))]}, nil
		}
		r.buf = r.buf[:0]
		if !onLeft {
			r.buf = append(r.buf, b...)
		}
		width := int64(utf8.RuneCount(fill))
		for ; missing >= width; missing -= width {
			r.buf = append(r.buf, fill...)
		}
		r.buf = append(r.buf, fill[:skipRunes(fill, missing)]...)
		if onLeft {
			r.buf = append(r.buf, b...)
		}
		return types.Value{Bytes: r.buf}, nil
	}
}

func replace(r *row, a []types.Value) (types.Value, error) {
	b, from, to := a[0].Bytes, a[1].Bytes, a[2].Bytes
	if len(from) == 0 {
		return a[0], nil
	}
	r.buf = r.buf[:0]
	for {
		i := bytes.Index(b, from)
		if i < 0 {
			break
		}
		r.buf = append(append(r.buf, b[:i]...), to...)
		b = b[i+len(from):]
	}
	r.buf = append(r.buf, b...)
	return types.Value{Bytes: r.buf}, nil
}

func translate(r *row, a []types.Value) (types.Value, error) {
	from, to := []rune(string(a[1].Bytes)), []rune(string(a[2].Bytes))
	r.buf = r.buf[:0]
next:
	for _, c := range string(a[0].Bytes) {
		for i, f := range from {
			if c == f {
				if i < len(to) {
					r.buf = utf8.AppendRune(r.buf, to[i])
				}
				continue next
			}
		}
		r.buf = utf8.AppendRune(r.buf, c)
	}
	return types.Value{Bytes: r.buf}, nil
}

func strpos(_ *row, a []types.Value) (types.Value, error) {
	i := bytes.Index(a[0].Bytes, a[1].Bytes)
	if i < 0 {
		return types.IntValue(0), nil
	}
	return types.IntValue(int64(utf8.RuneCount(a[0].Bytes[:i])) + 1), nil
}

func repeat(r *row, a []types.Value) (types.Value, error) {
	n := max(a[1].I, 0)
	if int64(len(a[0].Bytes))*n > textBytesMax {
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, errTextTooLongMsg)
	}
	r.buf = r.buf[:0]
	for range n {
		r.buf = append(r.buf, a[0].Bytes...)
	}
	return types.Value{Bytes: r.buf}, nil
}

func reverse(r *row, a []types.Value) (types.Value, error) {
	r.buf = r.buf[:0]
	for b := a[0].Bytes; len(b) > 0; {
		_, size := utf8.DecodeLastRune(b)
		r.buf = append(r.buf, b[len(b)-size:]...)
		b = b[:len(b)-size]
	}
	return types.Value{Bytes: r.buf}, nil
}

func splitPart(_ *row, a []types.Value) (types.Value, error) {
	b, sep, n := a[0].Bytes, a[1].Bytes, a[2].I
	if n == 0 {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "field position must not be zero")
	}
	fields := int64(1)
	if len(sep) > 0 && len(b) > 0 && n < 0 {
		fields += int64(bytes.Count(b, sep))
	}
	if n < 0 {
		n += fields + 1
	}
	for ; n > 1 && len(sep) > 0; n-- {
		i := bytes.Index(b, sep)
		if i < 0 {
			return types.Value{}, nil
		}
		b = b[i+len(sep):]
	}
	if n != 1 {
		return types.Value{}, nil
	}
	if i := bytes.Index(b, sep); i >= 0 && len(sep) > 0 {
		b = b[:i]
	}
	return types.Value{Bytes: b}, nil
}

func startsWith(_ *row, a []types.Value) (types.Value, error) {
	return types.BoolValue(bytes.HasPrefix(a[0].Bytes, a[1].Bytes)), nil
}

func overlay(r *row, a []types.Value) (types.Value, error) {
	b, start := a[0].Bytes, a[2].I
	length := int64(utf8.RuneCount(a[1].Bytes))
	if len(a) > 3 {
		length = a[3].I
	}
	if start <= 0 {
		return types.Null, errNegativeSubstring
	}
	if start+length != int64(int32(start+length)) {
		return types.Null, errInt4Range
	}
	r.buf = append(r.buf[:0], b[:skipRunes(b, start-1)]...)
	r.buf = append(r.buf, a[1].Bytes...)
	r.buf = append(r.buf, b[skipRunes(b, max(0, start-1+length)):]...)
	return types.Value{Bytes: r.buf}, nil
}

func overlayBytes(r *row, a []types.Value) (types.Value, error) {
	b, start, length := a[0].Bytes, a[2].I, int64(len(a[1].Bytes))
	if len(a) > 3 {
		length = a[3].I
	}
	if start <= 0 {
		return types.Null, errNegativeSubstring
	}
	if start+length != int64(int32(start+length)) {
		return types.Null, errInt4Range
	}
	n := int64(len(b))
	r.buf = append(r.buf[:0], b[:min(start-1, n)]...)
	r.buf = append(r.buf, a[1].Bytes...)
	r.buf = append(r.buf, b[min(max(0, start-1+length), n):]...)
	return types.Value{Bytes: r.buf}, nil
}

func ascii(_ *row, a []types.Value) (types.Value, error) {
	if len(a[0].Bytes) == 0 {
		return types.IntValue(0), nil
	}
	c, _ := utf8.DecodeRune(a[0].Bytes)
	return types.IntValue(int64(c)), nil
}

func chr(r *row, a []types.Value) (types.Value, error) {
	switch c := a[0].I; {
	case c == 0:
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "null character not permitted")
	case c < 0:
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "character number must be positive")
	case c > unicode.MaxRune || c >= 0xD800 && c < 0xE000:
		return types.Null, pgerr.New(pgerr.ProgramLimitExceeded, "requested character too large for encoding: %d", c)
	}
	r.buf = utf8.AppendRune(r.buf[:0], rune(a[0].I))
	return types.Value{Bytes: r.buf}, nil
}
