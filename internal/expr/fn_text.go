package expr

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"streamsql/internal/batch"
	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// Functions that write values as text: ||, concat, format, quoting, text and arrays.

func init() {
	def("||(text, text) text", "concatenation", "'Post' || 'greSQL' => PostgreSQL", func(*Call) (kernel, error) { return concatBytes, nil })
	def("||(bytea, bytea) bytea", "concatenation", `'\x12'::bytea || '\x34'::bytea => \x1234`, func(*Call) (kernel, error) { return concatBytes, nil })
	def("||(text, anynonarray) text stable", "concatenation with the value's text", "'Value: ' || 42 => Value: 42", textConcat)
	def("||(anynonarray, text) text stable", "concatenation with the value's text", "42 || ' is it' => 42 is it", textConcat)
	def("concat(variadic any) text stable nullok", "the texts of all arguments that are not NULL", "concat('abcde', 2, NULL, 22) => abcde222",
		rowsFor(func(c *Call) (rowFunc, error) {
			ts := typesOf(c.Args)
			return func(r *row, a []types.Value) (types.Value, error) { return joinTexts(r, ts, a, nil), nil }, nil
		}))
	def("concat_ws(text, variadic any) text stable nullok", "the texts of all arguments that are not NULL, with a separator",
		"concat_ws(',', 'abcde', 2, NULL, 22) => abcde,2,22",
		rowsFor(func(c *Call) (rowFunc, error) {
			ts := typesOf(c.Args)[1:]
			return func(r *row, a []types.Value) (types.Value, error) {
				if a[0].Null {
					return types.Null, nil
				}
				return joinTexts(r, ts, a[1:], a[0].Bytes), nil
			}, nil
		}))
	for _, p := range []struct {
		name string
		null bool
	}{{"num_nulls", true}, {"num_nonnulls", false}} {
		def(p.name+"(variadic any) int4 nullok", "how many arguments are, or are not, NULL", p.name+"(1, NULL, 'a', NULL) => 2",
			rows(func(_ *row, a []types.Value) (types.Value, error) {
				n := int64(0)
				for i := range a {
					n += int64(b2u(a[i].Null == p.null))
				}
				return types.IntValue(n), nil
			}))
	}
	def("format(text) text stable nullok", "text with %s, %I and %L replaced", "format('100%%') => 100%", rowsFor(buildFormat))
	def("format(text, variadic any) text stable nullok", "text with %s, %I and %L replaced", "format('Hello %s, %1$s', 'World') => Hello World, World",
		rowsFor(buildFormat))
	def("quote_ident(text) text", "quoted as an identifier where needed", `quote_ident('Foo bar') => "Foo bar"`,
		rows(func(r *row, a []types.Value) (types.Value, error) {
			r.buf = appendIdent(r.buf[:0], a[0].Bytes)
			return types.Value{Bytes: r.buf}, nil
		}))
	def("quote_literal(text) text", "quoted as a string literal", `quote_literal('O''Reilly') => 'O''Reilly'`,
		rows(func(r *row, a []types.Value) (types.Value, error) {
			return r.literal(a[0].Bytes), nil
		}))
	def("quote_literal(anyelement) text stable", "its text quoted as a string literal", "quote_literal(42.5) => '42.5'",
		rowsFor(func(c *Call) (rowFunc, error) {
			t := c.Args[0].Type()
			return func(r *row, a []types.Value) (types.Value, error) {
				return r.quoted(t, a[0])
			}, nil
		}))
	def("quote_nullable(text) text nullok", "quoted as a string literal, or NULL as a word", "quote_nullable(NULL) => NULL",
		rows(func(r *row, a []types.Value) (types.Value, error) {
			if a[0].Null {
				return r.text("NULL"), nil
			}
			return r.literal(a[0].Bytes), nil
		}))
	def("quote_nullable(anyelement) text stable nullok", "its text quoted, or NULL as a word", "",
		rowsFor(func(c *Call) (rowFunc, error) {
			t := c.Args[0].Type()
			return func(r *row, a []types.Value) (types.Value, error) {
				if a[0].Null {
					return r.text("NULL"), nil
				}
				return r.quoted(t, a[0])
			}, nil
		}))
	def("string_to_array(text, text) text[] nullok", "the fields of a string", "string_to_array('xx~~yy~~zz', '~~') => {xx,yy,zz}", rows(stringToArray))
	def("string_to_array(text, text, text) text[] nullok", "the fields of a string, one text meaning NULL",
		"string_to_array('xx~~yy~~zz', '~~', 'yy') => {xx,NULL,zz}", rows(stringToArray))
	def("array_to_string(anyarray, text) text stable", "the elements' texts with a delimiter", "array_to_string('{1,2,NULL,3}'::int4[], ',') => 1,2,3",
		rowsFor(buildArrayToString))
	def("array_to_string(anyarray, text, text) text stable nullok", "the elements' texts with a delimiter, NULLs by a text",
		"array_to_string('{1,2,NULL,3}'::int4[], ',', '*') => 1,2,*,3", rowsFor(buildArrayToString))
}

// quoted is v cast to text, as a string literal.
func (r *row) quoted(t types.Type, v types.Value) (types.Value, error) {
	s, err := types.Cast(t, types.T(types.Text), v, r.format())
	return r.literal(s.Bytes), err
}

func concatBytes(f *frame, a []operand) (batch.Vec, error) {
	out := f.bytes()
	x, _ := a[0].vec.(*batch.Bytes)
	y, _ := a[1].vec.(*batch.Bytes)
	bx, by := a[0].c.Bytes, a[1].c.Bytes
	for i := range f.n {
		if !f.skip(i) {
			if x != nil {
				bx = x.At(i)
			}
			if y != nil {
				by = y.At(i)
			}
			out.Data = append(append(out.Data, bx...), by...)
		}
		out.Off = append(out.Off, uint32(len(out.Data)))
	}
	return out, nil
}

// textConcat joins a text and any other value's text.
func textConcat(c *Call) (kernel, error) {
	ts := typesOf(c.Args)
	return rowKernel(func(r *row, a []types.Value) (types.Value, error) {
		r.buf = r.buf[:0]
		for i := range a {
			switch ts[i].Kind {
			case types.Bool: // a cast to text says true where output says t
				r.buf = strconv.AppendBool(r.buf, a[i].B)
			case types.Char:
				r.buf = append(r.buf, bytes.TrimRight(a[i].Bytes, " ")...)
			case types.Inet: // a cast to text says the mask always
				v, err := types.Cast(ts[i], types.T(types.Text), a[i], r.format())
				if err != nil {
					return types.Null, err
				}
				r.buf = append(r.buf, v.Bytes...)
			default:
				r.buf = types.AppendText(r.buf, ts[i], a[i], r.format())
			}
		}
		return types.Value{Bytes: r.buf}, nil
	}, types.ClassBytes, 2), nil
}

// joinTexts writes the values that are not NULL. A boolean is written t or f, as its output function does.
func joinTexts(r *row, ts []types.Type, a []types.Value, sep []byte) types.Value {
	r.buf = r.buf[:0]
	for i, n := 0, 0; i < len(a); i++ {
		if a[i].Null {
			continue
		}
		if n++; n > 1 {
			r.buf = append(r.buf, sep...)
		}
		r.buf = types.AppendText(r.buf, ts[i], a[i], r.format())
	}
	return types.Value{Bytes: r.buf}
}

// appendIdent quotes s unless it is a plain lower case name that is no reserved word.
func appendIdent(dst, s []byte) []byte {
	plain := len(s) > 0 && (s[0] >= 'a' && s[0] <= 'z' || s[0] == '_')
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
	}
	if plain && !reserved[string(s)] {
		return append(dst, s...)
	}
	return append(appendDoubled(append(dst, '"'), s, `"`), '"')
}

// appendDoubled appends s with the bytes of chars written twice.
func appendDoubled(dst, s []byte, chars string) []byte {
	for _, c := range s {
		if strings.IndexByte(chars, c) >= 0 {
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return dst
}

// reserved are the words that quote_ident quotes: all of PostgreSQL's that are not unreserved.
var reserved = makeSet(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
	both case cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
	current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc
	distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping
	having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading least left like
	limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or
	order out outer overlaps overlay placing position precision primary real references returning right row select
	session_user setof similar smallint some substring symmetric table tablesample then time timestamp to trailing treat trim
	true union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement
	xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

func makeSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

func appendLiteral(dst, s []byte) []byte {
	chars := "'"
	if bytes.IndexByte(s, '\\') >= 0 {
		dst, chars = append(dst, 'E'), `'\`
	}
	return append(appendDoubled(append(dst, '\''), s, chars), '\'')
}

// literal is s as a string literal.
func (r *row) literal(s []byte) types.Value {
	r.buf = appendLiteral(r.buf[:0], s)
	return types.Value{Bytes: r.buf}
}

// buildFormat makes format(): %[position$][-][width]type with type s, I or L.
func buildFormat(c *Call) (rowFunc, error) {
	ts := typesOf(c.Args)
	return func(r *row, a []types.Value) (types.Value, error) {
		if a[0].Null {
			return types.Null, nil
		}
		f := formatter{ts: ts, a: a, r: r, next: 1}
		r.buf = r.buf[:0]
		err := f.run(string(a[0].Bytes))
		return types.Value{Bytes: r.buf}, err
	}, nil
}

type formatter struct {
	ts   []types.Type
	a    []types.Value
	r    *row
	next int // the argument of the next specifier without a position
}

func (f *formatter) run(s string) error {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			f.r.buf = append(f.r.buf, s[i])
			continue
		}
		if i++; i < len(s) && s[i] == '%' {
			f.r.buf = append(f.r.buf, '%')
			continue
		}
		var err error
		if i, err = f.specifier(s, i); err != nil {
			return err
		}
	}
	return nil
}

var errFormatEnd = pgerr.New(pgerr.InvalidParameterValue, "unterminated format() type specifier").
	WithHint("For a single \"%%\" use \"%%%%\".")

// specifier handles what follows a %, from s[i] on, and returns the index of its last byte.
func (f *formatter) specifier(s string, i int) (int, error) {
	arg, width, minus := f.next, 0, false
	n, j := number(s, i)
	if j > i && j < len(s) && s[j] == '$' {
		if arg = n; arg == 0 {
			return 0, pgerr.New(pgerr.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1")
		}
		i = j + 1
	}
	for i < len(s) && s[i] == '-' {
		minus = true
		i++
	}
	if i < len(s) && s[i] == '*' {
		w, err := f.value(arg)
		if err != nil {
			return 0, err
		}
		n, err := f.width(w, arg)
		if err != nil {
			return 0, err
		}
		if width = n; width < 0 {
			width, minus = -width, true
		}
		arg++
		i++
	} else {
		width, i = number(s, i)
	}
	if i >= len(s) {
		return 0, errFormatEnd
	}
	if strings.IndexByte("sIL", s[i]) < 0 {
		return 0, pgerr.New(pgerr.InvalidParameterValue, "unrecognized format() type specifier \"%c\"", s[i]).
			WithHint("For a single \"%%\" use \"%%%%\".")
	}
	v, err := f.value(arg)
	if err != nil {
		return 0, err
	}
	f.next = arg + 1
	text, err := f.text(v, arg, s[i])
	if err != nil {
		return 0, err
	}
	blanks := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
	if minus {
		text += blanks
	} else {
		text = blanks + text
	}
	f.r.buf = append(f.r.buf, text...)
	return i, nil
}

func number(s string, i int) (n, end int) {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' && n < 1<<20 {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, i
}

func (f *formatter) value(arg int) (types.Value, error) {
	if arg >= len(f.a) {
		return types.Null, pgerr.New(pgerr.InvalidParameterValue, "too few arguments for format()")
	}
	return f.a[arg], nil
}

// width reads the argument of a *: an integer, or the text of one; NULL is 0.
func (f *formatter) width(v types.Value, arg int) (int, error) {
	t := f.ts[arg]
	if v.Null {
		return 0, nil
	}
	n := v.I
	if t.Kind != types.Int4 && t.Kind != types.Int2 {
		x, err := types.ParseText(types.T(types.Int4), string(types.AppendText(nil, t, v, f.r.format())), nil)
		if err != nil {
			return 0, err
		}
		n = x.I
	}
	if n > 1<<20 || n < -(1<<20) {
		return 0, pgerr.New(pgerr.ProgramLimitExceeded, "a width of %d is too large for format()", n)
	}
	return int(n), nil
}

func (f *formatter) text(v types.Value, arg int, kind byte) (string, error) {
	if v.Null {
		switch kind {
		case 'I':
			return "", pgerr.New(pgerr.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier")
		case 'L':
			return "NULL", nil
		}
		return "", nil
	}
	s := string(types.AppendText(nil, f.ts[arg], v, f.r.format()))
	switch kind {
	case 'I':
		return string(appendIdent(nil, []byte(s))), nil
	case 'L':
		return string(appendLiteral(nil, []byte(s))), nil
	}
	return s, nil
}

// stringToArray splits: an empty delimiter gives the whole, a NULL one the characters.
func stringToArray(_ *row, a []types.Value) (types.Value, error) {
	if a[0].Null {
		return types.Null, nil
	}
	return types.BytesValue(types.AppendArray(nil, types.T(types.Text), nil, splitString(a))), nil
}

// splitString splits its first argument at the second; parts that are equal to the third, if there is one, are NULL.
func splitString(a []types.Value) []types.Value {
	s := string(a[0].Bytes)
	var parts []string
	switch {
	case s == "":
	case a[1].Null:
		parts = strings.Split(s, "")
	case len(a[1].Bytes) == 0:
		parts = []string{s}
	default:
		parts = strings.Split(s, string(a[1].Bytes))
	}
	vals := make([]types.Value, len(parts))
	for i, p := range parts {
		if len(a) > 2 && !a[2].Null && p == string(a[2].Bytes) {
			vals[i] = types.Null
		} else {
			vals[i] = types.TextValue(p)
		}
	}
	return vals
}

func buildArrayToString(c *Call) (rowFunc, error) {
	elem := *c.Args[0].Type().Elem
	return func(r *row, a []types.Value) (types.Value, error) {
		if a[0].Null || a[1].Null {
			return types.Null, nil
		}
		_, vals, err := types.DecodeArray(a[0].Bytes, elem)
		if err != nil {
			return types.Null, err
		}
		r.buf = r.buf[:0]
		n := 0
		for _, v := range vals {
			if v.Null && (len(a) < 3 || a[2].Null) {
				continue
			}
			if n++; n > 1 {
				r.buf = append(r.buf, a[1].Bytes...)
			}
			if v.Null {
				r.buf = append(r.buf, a[2].Bytes...)
			} else {
				r.buf = types.AppendText(r.buf, elem, v, r.format())
			}
		}
		return types.Value{Bytes: r.buf}, nil
	}, nil
}
