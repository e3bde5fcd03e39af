package expr

import (
	"bytes"
	"math/big"
	"strconv"

	"streamsql/internal/pgerr"
)

// JSON as ksqlDB's functions read and write it, which is as Jackson does: only the first value of a text counts, and
// what is written has no blanks, no field twice, and numbers in the form of Java's BigDecimal.

// jsonDepthMax bounds nesting, as Jackson's reader does.
const jsonDepthMax = 1000

// jsonHead returns the first value of a text; v is nil for a blank text. Error: 22P02 for what is no JSON.
func jsonHead(b []byte) (v jsonValue, err error) {
	v, ok := findJSON(b)
	if !ok {
		return nil, pgerr.New(pgerr.InvalidTextRepresentation, "invalid JSON: %.200q", b)
	}
	return v, nil
}

// findJSON is jsonHead without an error to make. A number must not have anything but a blank behind it.
func findJSON(b []byte) (v jsonValue, ok bool) {
	i := skipBlanks(b, 0)
	if i == len(b) {
		return nil, true
	}
	end, ok := scanJSON(b, i, 0)
	if !ok {
		return nil, false
	}
	v = b[i:end]
	return v, v.kind() != '0' || end == len(b) || jsonBlank(b[end])
}

// scanJSON checks the value that begins at b[i] and returns where it ends.
func scanJSON(b []byte, i, depth int) (end int, ok bool) {
	if i >= len(b) || depth > jsonDepthMax {
		return 0, false
	}
	switch c := b[i]; {
	case c == '"':
		return scanJSONString(b, i)
	case c == '{':
		return scanJSONList(b, i, depth, '}')
	case c == '[':
		return scanJSONList(b, i, depth, ']')
	case c == '-' || isDigit(c):
		return scanJSONNumber(b, i)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(b[i:], []byte(word)) {
			end = i + len(word)
			return end, end == len(b) || !isAlphaNum(b[end]) && b[end] != '_' && b[end] != '$' && b[end] < 0x80
		}
	}
	return 0, false
}

// scanJSONList checks an object or an array.
func scanJSONList(b []byte, i, depth int, closing byte) (end int, ok bool) {
	i = skipBlanks(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, true
	}
	for {
		if closing == '}' {
			if i >= len(b) || b[i] != '"' {
				return 0, false
			}
			if i, ok = scanJSONString(b, i); !ok {
				return 0, false
			}
			if i = skipBlanks(b, i); i >= len(b) || b[i] != ':' {
				return 0, false
			}
			i = skipBlanks(b, i+1)
		}
		if i, ok = scanJSON(b, i, depth+1); !ok {
			return 0, false
		}
		i = skipBlanks(b, i)
		switch {
		case i < len(b) && b[i] == closing:
			return i + 1, true
		case i >= len(b) || b[i] != ',':
			return 0, false
		}
		i = skipBlanks(b, i+1)
	}
}

func scanJSONString(b []byte, i int) (end int, ok bool) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, true
		case c < ' ':
			return 0, false
		case c == '\\':
			if i++; i == len(b) {
				return 0, false
			}
			if b[i] == 'u' {
				for range 4 {
					if i++; i == len(b) || !isHexDigit(b[i]) {
						return 0, false
					}
				}
			} else if bytes.IndexByte([]byte(`"\/bfnrt`), b[i]) < 0 {
				return 0, false
			}
		}
	}
	return 0, false
}

func scanJSONNumber(b []byte, i int) (end int, ok bool) {
	digits := func() bool {
		from := i
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		return i > from
	}
	if b[i] == '-' {
		i++
	}
	start := i
	if !digits() || b[start] == '0' && i > start+1 {
		return 0, false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return 0, false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return 0, false
		}
	}
	return i, true
}

// appendJackson writes v, which is valid; plain: numbers without an exponent. Error: 22003 for a number that has too many
// digits without one.
func (v jsonValue) appendJackson(dst []byte, plain bool) (out []byte, err error) {
	switch v.kind() {
	case '"':
		return appendQuoted(dst, v.appendString(nil)), nil
	case '0':
		return appendBigDecimal(dst, v, plain)
	case '[':
		dst = append(dst, '[')
		first := true
		v.elements(func(e jsonValue) bool {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst, err = e.appendJackson(dst, plain)
			return err == nil
		})
		return append(dst, ']'), err
	case '{':
		names, vals := v.lastFields()
		dst = append(dst, '{')
		for i, name := range names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, []byte(name)), ':')
			if dst, err = vals[i].appendJackson(dst, plain); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	}
	return append(dst, v...), nil
}

// appendJacksonText writes v as appendJackson does, but a string as its content.
func (v jsonValue) appendJacksonText(dst []byte) ([]byte, error) {
	if v.kind() == '"' {
		return v.appendString(dst), nil
	}
	return v.appendJackson(dst, false)
}

// lastFields returns an object's fields, of equal names the last value in the first one's place.
func (v jsonValue) lastFields() (names []string, vals []jsonValue) {
	at := map[string]int{}
	v.fields(func(k, val jsonValue) bool {
		name := string(k.appendString(nil))
		if i, ok := at[name]; ok {
			vals[i] = val
			return true
		}
		at[name] = len(names)
		names, vals = append(names, name), append(vals, val)
		return true
	})
	return names, vals
}

// plainDigitsMax bounds the digits of a number that is written without an exponent.
const plainDigitsMax = 100_000

// appendBigDecimal writes a number as Java's BigInteger or BigDecimal.
func appendBigDecimal(dst []byte, v jsonValue, plain bool) ([]byte, error) {
	if !bytes.ContainsAny(v, ".eE") {
		if string(v) == "-0" {
			v = v[1:]
		}
		return append(dst, v...), nil
	}
	mant, exp, _ := bytes.Cut(bytes.ToLower(v), []byte("e"))
	if mant[0] == '-' {
		mant = mant[1:]
		if len(bytes.Trim(mant, "0.")) > 0 { // there is no negative zero
			dst = append(dst, '-')
		}
	}
	whole, frac, _ := bytes.Cut(mant, []byte("."))
	digits := bytes.TrimLeft(append(bytes.Clone(whole), frac...), "0")
	if len(digits) == 0 {
		digits = []byte("0")
	}
	e := new(big.Int)
	if len(exp) > 0 {
		e.SetString(string(bytes.TrimPrefix(exp, []byte("+"))), 10)
	}
	scale := e.Sub(big.NewInt(int64(len(frac))), e)
	if !scale.IsInt64() || scale.Int64() != int64(int32(scale.Int64())) {
		return dst, pgerr.New(pgerr.NumericValueOutOfRange, "number out of range: %.100s", v)
	}
	return appendScaled(dst, digits, scale.Int64(), plain)
}

// appendScaled writes digits with the last scale of them behind the point, as BigDecimal's toString or toPlainString.
func appendScaled(dst, digits []byte, scale int64, plain bool) ([]byte, error) {
	n := int64(len(digits))
	adjusted := n - 1 - scale
	switch {
	case !plain && scale != 0 && (scale < 0 || adjusted < -6):
		dst = append(dst, digits[0])
		if n > 1 {
			dst = append(append(dst, '.'), digits[1:]...)
		}
		dst = append(dst, 'E')
		if adjusted > 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, adjusted, 10), nil
	case max(n, n-scale, scale) > plainDigitsMax:
		return dst, pgerr.New(pgerr.NumericValueOutOfRange, "number has too many digits")
	case scale <= 0:
		dst = append(dst, digits...)
		if string(digits) != "0" {
			dst = append(dst, bytes.Repeat([]byte("0"), int(-scale))...)
		}
		return dst, nil
	case n > scale:
		dst = append(append(dst, digits[:n-scale]...), '.')
		return append(dst, digits[n-scale:]...), nil
	}
	dst = append(append(dst, "0."...), bytes.Repeat([]byte("0"), int(scale-n))...)
	return append(dst, digits...), nil
}
