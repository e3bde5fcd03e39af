package json

import (
	"strings"
	"unicode/utf8"

	"streamsql/connectors/format"
	"streamsql/internal/pgerr"
)

// The bounds of what a Decoder remembers of the keys it has seen, so that records with ever new keys cost time but no
// memory.
const (
	knownKeysMax = 256
	knownKeyLen  = 256
)

// Decoder reads JSON objects into columns.
type Decoder struct {
	exact map[string]*column
	fold  map[string]*column // by lower-case name
	bare  *column            // the value itself is this column's
	known map[string]*field
	first field // its next is the predicted first key
	other field // the key being read, if it is not remembered
	rec   uint64
	scr   []byte // unescaped text
	key   []byte // unescaped or folded key
	clock format.Clock
	// either: with bare, an object is read as one all the same.
	either bool
}

// column is a declared column. All are read; those that nobody needs are forgotten by Rows.
type column struct {
	typ
	col   int
	exact uint64 // number of the record that last had the exact name as a key
}

// field is a key seen before.
type field struct {
	lit  string  // the key as it stands in the text, with the quote after it and the colon
	col  *column // nil: not declared
	fold bool    // col was found without regard to case
	next *field  // the field that followed the last time
}

// Form says which of the forms of JSON records is meant. The zero value is an object in PostgreSQL's forms.
type Form struct {
	KSQL bool // ksqlDB's forms of dates and times, and its conversions
	// Bare: the one column's value without an object around it. A key that is read may come as an object all the same in
	// PostgreSQL's forms.
	Bare bool
	Key  bool
}

// NewDecoder returns a decoder. Types without a JSON form are refused (0A000).
func NewDecoder(ts []format.Target, f Form) (*Decoder, error) {
	d := &Decoder{exact: map[string]*column{}, fold: map[string]*column{}, known: map[string]*field{}}
	for _, t := range ts {
		ty, err := newTyp(t.Name, t.Type, f.KSQL)
		if err != nil {
			return nil, err
		}
		c := &column{typ: ty, col: t.Col}
		d.exact[t.Name] = c
		if lower := strings.ToLower(t.Name); d.fold[lower] == nil {
			d.fold[lower] = c
		}
	}
	if f.Bare && len(ts) == 1 {
		d.bare = d.exact[ts[0].Name]
		how := d.bare.how
		d.either = f.Key && !f.KSQL && how != asJSON && how != asJSONB && how != asRecord && how != asMap
	}
	return d, nil
}

// Decode implements format.Decoder.
func (d *Decoder) Decode(b []byte, r *format.Rows) error {
	i := skipSpace(b, 0)
	if i >= len(b) {
		return syntaxError(b, i)
	}
	if d.bare != nil && (b[i] != '{' || !d.either) {
		return d.decodeBare(b, i, r)
	}
	if b[i] != '{' {
		if valueEnd(b, i, 0) < 0 {
			return syntaxError(b, i)
		}
		return pgerr.New(pgerr.InvalidTextRepresentation, "record is not a JSON object")
	}
	return d.object(b, i+1, r)
}

func (d *Decoder) decodeBare(b []byte, i int, r *format.Rows) error {
	i, err := d.set(d.bare, b, i, r)
	if err != nil {
		return err
	}
	return atEnd(b, i)
}

// atEnd wants nothing but white space from b[i] on.
func atEnd(b []byte, i int) error {
	if i = skipSpace(b, i); i != len(b) {
		return syntaxError(b, i)
	}
	return nil
}

// object reads the members of an object from b[i] on, after the brace.
func (d *Decoder) object(b []byte, i int, r *format.Rows) error {
	d.rec++
	prev := &d.first
	i = skipSpace(b, i)
	if i < len(b) && b[i] == '}' {
		return atEnd(b, i+1)
	}
	for {
		if i < len(b) && space[b[i]] {
			i = skipSpace(b, i)
		}
		if i >= len(b) || b[i] != '"' {
			return syntaxError(b, i)
		}
		i++
		f := prev.next
		if f != nil && i+len(f.lit) <= len(b) && string(b[i:i+len(f.lit)]) == f.lit {
			i += len(f.lit)
			if i < len(b) && space[b[i]] {
				i = skipSpace(b, i)
			}
		} else {
			var end int
			if f, end = d.lookup(b, i); end < 0 {
				return syntaxError(b, i)
			}
			if f.lit != "" {
				prev.next = f
			}
			i = end
		}
		if f.lit != "" {
			prev = f
		}
		at := i
		var err error
		switch c := f.col; {
		case c == nil:
			i = skipValue(b, i)
		case f.fold && c.exact == d.rec:
			i = valueEnd(b, i, 1)
		default:
			if !f.fold {
				c.exact = d.rec
			}
			if i, err = d.set(c, b, i, r); err != nil {
				return err
			}
		}
		if i < 0 {
			return syntaxError(b, at)
		}
		if i < len(b) && space[b[i]] {
			i = skipSpace(b, i)
		}
		if i >= len(b) {
			return syntaxError(b, i)
		}
		if b[i] == '}' {
			return atEnd(b, i+1)
		}
		if b[i] != ',' {
			return syntaxError(b, i)
		}
		i++
	}
}

// skipValue is valueEnd with the short way for strings first.
func skipValue(b []byte, i int) int {
	if i < len(b) && b[i] == '"' {
		e, _ := stringEnd(b, i+1)
		if e < 0 {
			return -1
		}
		return e + 1
	}
	return valueEnd(b, i, 1)
}

// lookup parses the key whose first byte is b[i] and returns its field and the index of its value, or -1. A field
// without lit is not to be remembered.
func (d *Decoder) lookup(b []byte, i int) (*field, int) {
	e, escaped := stringEnd(b, i)
	if e < 0 {
		return nil, -1
	}
	end := colonEnd(b, e+1)
	if end < 0 {
		return nil, -1
	}
	name := b[i:e]
	if f := d.known[string(name)]; f != nil {
		return f, end
	}
	f := &d.other
	*f = field{}
	key := name
	if escaped {
		k, err := unescape(d.key[:0], name)
		if d.key = k; err != nil { // such a key is no column's name
			return f, end
		}
		key = k
	}
	if f.col = d.exact[string(key)]; f.col == nil {
		f.col, f.fold = d.foldedColumn(key), true
	}
	if len(d.known) < knownKeysMax && len(name) <= knownKeyLen {
		f = &field{lit: string(name) + `":`, col: f.col, fold: f.fold}
		d.known[f.lit[:len(name)]] = f
	}
	return f, end
}

// foldedColumn finds a column by a key in another case.
func (d *Decoder) foldedColumn(key []byte) *column {
	k := append(d.key[:0], key...)
	d.key = k
	for i, c := range k {
		if c >= utf8.RuneSelf {
			return d.fold[strings.ToLower(string(key))]
		}
		if c-'A' < 26 {
			k[i] = c + 'a' - 'A'
		}
	}
	return d.fold[string(k)]
}

func syntaxError(b []byte, i int) error {
	if i >= len(b) {
		return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type json").
			WithDetail("The JSON text ends too early, at byte %d.", len(b))
	}
	return pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type json").
		WithDetail("The JSON text is malformed at or after byte %d.", i)
}
