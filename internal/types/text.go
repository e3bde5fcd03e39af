package types

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

func orDefault(f *Format) *Format {
	if f == nil {
		return DefaultFormat
	}
	return f
}

// AppendText appends v's text form, the one PostgreSQL's output function gives under f (nil: DefaultFormat). v must not
// be NULL. Nothing is allocated but for arrays, records and big numerics.
func AppendText(dst []byte, t Type, v Value, f *Format) []byte {
	switch t.Kind {
	case Bool:
		if v.B {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case Float4:
		return appendFloat(dst, v.F, 32, orDefault(f).ExtraFloatDigits)
	case Float8:
		return appendFloat(dst, v.F, 64, orDefault(f).ExtraFloatDigits)
	case Numeric:
		return v.N.Append(dst)
	case Bytea:
		return appendBytea(dst, v.Bytes, orDefault(f).ByteaEscape)
	case Interval:
		return appendSpan(dst, v.S, orDefault(f).IntervalStyle)
	case UUID:
		return appendUUID(dst, v.Bytes)
	case QChar:
		return appendQChar(dst, v.Bytes)
	case TimeTZ:
		return appendTimeTZ(dst, v.Bytes)
	case Bit, Varbit:
		return appendBits(dst, v.Bytes)
	case Inet, CIDR:
		return appendInet(dst, t.Kind, v.Bytes)
	case MacAddr:
		return appendMac(dst, v.Bytes)
	case Array, Record, Map:
		return appendNestedText(dst, t, v.Bytes, f)
	}
	if t.Class() == ClassInt {
		return AppendTextInt(dst, t.Kind, v.I, f)
	}
	return append(dst, v.Bytes...)
}

// AppendTextInt is AppendText for the kinds of ClassInt.
func AppendTextInt(dst []byte, k Kind, i int64, f *Format) []byte {
	switch k {
	case Date:
		return appendDate(dst, i, orDefault(f))
	case Time:
		return appendClock(dst, i)
	case Timestamp:
		return appendTimestamp(dst, i, orDefault(f))
	case TimestampTZ:
		return appendTimestampTZ(dst, i, orDefault(f))
	case Regtype:
		return appendRegtype(dst, i)
	case Regclass, Regproc, Regnamespace:
		if i == 0 {
			return append(dst, '-')
		}
		if f != nil && f.ObjectName != nil {
			if name, ok := f.ObjectName(k, uint32(i)); ok {
				return append(dst, name...)
			}
		}
	}
	return strconv.AppendInt(dst, i, 10)
}

// appendRegtype prints the name of a type we know, like PostgreSQL's regtypeout; other OIDs as numbers. The names of
// relations are not known here: Format.ObjectName asks the catalog.
func appendRegtype(dst []byte, oid int64) []byte {
	if t, ok := ByOID(uint32(oid)); ok {
		switch {
		case t.Kind == Char:
			return append(dst, kindNames[Char]...)
		case t.Kind == Array && t.Elem.Kind == Char:
			return append(append(dst, kindNames[Char]...), "[]"...)
		}
		return append(dst, t.String()...)
	}
	if oid == 0 {
		return append(dst, '-')
	}
	return strconv.AppendInt(dst, oid, 10)
}

// ParseText reads a value as PostgreSQL's input function does, under f (nil: DefaultFormat), and applies t's modifier
// (numeric(p,s) rounds, varchar(n) refuses what is too long). Errors: 22P02, 22003, 22007, 22008, 22001, 22021.
func ParseText(t Type, s string, f *Format) (Value, error) {
	switch t.Kind {
	case Bool:
		return parseBool(s)
	case Int2, Int4, Int8:
		return parseInt(t.Kind, s)
	case Regtype:
		return parseRegtype(s)
	case OID, Regclass, Regproc, Regnamespace:
		return parseOID(kindNames[t.Kind], s)
	case Float4, Float8:
		return parseFloat(t.Kind, s)
	case Numeric:
		d, err := ParseDec(s)
		if err == nil {
			d, err = d.Fit(t.Prec, t.Scale)
		}
		return decValue(d, err)
	case Bytea:
		return parseBytea(s)
	case Date:
		i, err := parseDate(s, orDefault(f))
		return intValue(i, err)
	case Time:
		i, err := parseTime(s, orDefault(f))
		return timeValue(t, i, err)
	case Timestamp, TimestampTZ:
		i, err := parseTimestamp(s, orDefault(f), t.Kind == TimestampTZ)
		return timeValue(t, i, err)
	case Interval:
		sp, err := parseSpan(s, orDefault(f), intervalRanges[t.Scale])
		if err != nil {
			return Value{}, err
		}
		return fitModifier(t, SpanValue(sp))
	case UUID:
		return parseUUID(s)
	case TimeTZ:
		return parseTimeTZ(t, s, orDefault(f))
	case Bit, Varbit:
		return parseBits(t, s)
	case Inet, CIDR:
		return parseInet(t.Kind, s)
	case MacAddr:
		return parseMac(s)
	case JSONPath:
		return parsePathText(s)
	case Array, Record, Map:
		return parseNestedText(t, s, f)
	}
	return parseString(t, s)
}

func intValue(i int64, err error) (Value, error) {
	if err != nil {
		return Value{}, err
	}
	return IntValue(i), nil
}

// timeValue rounds to the precision of a time type, if it has one.
func timeValue(t Type, i int64, err error) (Value, error) {
	return intValue(fitMicros(t, i), err)
}

func decValue(d Dec, err error) (Value, error) {
	if err != nil {
		return Value{}, err
	}
	return DecValue(d), nil
}

// parseString reads the kinds that are kept as text.
func parseString(t Type, s string) (Value, error) {
	if err := checkUTF8(s); err != nil {
		return Value{}, err
	}
	switch t.Kind {
	case Varchar, Char:
		return fitString(t, s, false)
	case Name:
		return TextValue(clipName(s)), nil
	case QChar:
		if len(s) == 4 && s[0] == '\\' && isOctal(s[1]) && isOctal(s[2]) && isOctal(s[3]) {
			s = string([]byte{(s[1]-'0')<<6 | (s[2]-'0')<<3 | (s[3] - '0')}) // of \400 and above, the low bits
			return BytesValue([]byte(strings.Trim(s, "\x00"))), nil
		}
		return TextValue(s[:min(len(s), 1)]), nil
	case JSON:
		if err := checkJSON([]byte(s)); err != nil {
			return Value{}, err
		}
	case JSONB:
		b, err := NormalizeJSONB([]byte(s))
		if err != nil {
			return Value{}, err
		}
		return BytesValue(b), nil
	}
	return TextValue(s), nil
}

// appendQChar appends a "char"; a byte that is not ASCII as \ooo.
func appendQChar(dst, b []byte) []byte {
	if len(b) == 1 && b[0] >= 0x80 {
		return append(dst, '\\', '0'+b[0]>>6, '0'+b[0]>>3&7, '0'+b[0]&7)
	}
	return append(dst, b...)
}

// checkUTF8 refuses what no text value may hold: 22021.
func checkUTF8(s string) error {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00")
	}
	if utf8.ValidString(s) {
		return nil
	}
	for i, r := range s {
		if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
			return pgerr.New(pgerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s", badBytes(s[i:]))
		}
	}
	return nil
}

// badBytes shows the bytes of the sequence that its first byte announces.
func badBytes(s string) string {
	n := 1
	switch c := s[0]; {
	case c >= 0xf0 && c < 0xf8:
		n = 4
	case c >= 0xe0 && c < 0xf0:
		n = 3
	case c >= 0xc0 && c < 0xe0:
		n = 2
	}
	out := make([]string, min(n, len(s)))
	for i := range out {
		out[i] = "0x" + hex.EncodeToString([]byte{s[i]})
	}
	return strings.Join(out, " ")
}

// fitString applies the length of varchar(n) and char(n), in characters. What is too long is an error unless only
// blanks are lost or cut says to cut. char is padded.
func fitString(t Type, s string, cut bool) (Value, error) {
	if t.Prec <= 0 {
		return TextValue(s), nil
	}
	n := utf8.RuneCountInString(s)
	if n > int(t.Prec) {
		at := runeOffset(s, int(t.Prec))
		if !cut && strings.Trim(s[at:], " ") != "" {
			return Value{}, pgerr.New(pgerr.StringDataRightTruncation, "value too long for type %s", t)
		}
		return TextValue(s[:at]), nil
	}
	if t.Kind == Char {
		s += strings.Repeat(" ", int(t.Prec)-n)
	}
	return TextValue(s), nil
}

// runeOffset returns the byte offset of the n-th character.
func runeOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// nameBytesMax is NAMEDATALEN - 1.
const nameBytesMax = 63

// clipName cuts s to the longest prefix of whole characters that a name can hold.
func clipName(s string) string {
	if len(s) <= nameBytesMax {
		return s
	}
	n := nameBytesMax
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func appendBytea(dst, b []byte, escape bool) []byte {
	if !escape {
		return hex.AppendEncode(append(dst, '\\', 'x'), b)
	}
	for _, c := range b {
		switch {
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c < 0x20 || c > 0x7e:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func parseBytea(s string) (Value, error) {
	if strings.HasPrefix(s, `\x`) {
		return parseByteaHex(s[2:])
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		switch {
		case i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '3' && isOctal(s[i+2]) && isOctal(s[i+3]):
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i++
		default:
			return Value{}, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type bytea")
		}
	}
	return BytesValue(out), nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

func parseByteaHex(s string) (Value, error) {
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); {
		if c := s[i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		hi, ok := hexDigit(s[i])
		if !ok {
			return Value{}, badHexDigit(s[i:])
		}
		if i+1 >= len(s) {
			return Value{}, pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
		}
		lo, ok := hexDigit(s[i+1])
		if !ok {
			return Value{}, badHexDigit(s[i+1:])
		}
		out = append(out, hi<<4|lo)
		i += 2
	}
	return BytesValue(out), nil
}

func badHexDigit(s string) error {
	_, n := utf8.DecodeRuneInString(s)
	return pgerr.New(pgerr.InvalidParameterValue, "invalid hexadecimal digit: \"%s\"", s[:n])
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|32 >= 'a' && c|32 <= 'f':
		return c | 32 - 'a' + 10, true
	}
	return 0, false
}

// uuidLen is the number of bytes of a uuid value.
const uuidLen = 16

func appendUUID(dst, b []byte) []byte {
	if len(b) != uuidLen {
		return append(dst, b...)
	}
	for i, cut := range [...]int{4, 6, 8, 10, 16} {
		from := [...]int{0, 4, 6, 8, 10}[i]
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, b[from:cut])
	}
	return dst
}

// parseUUID takes 32 hexadecimal digits, a hyphen allowed after every fourth, braces around.
func parseUUID(s string) (Value, error) {
	bad := func() (Value, error) { return Value{}, badInput("uuid", s) }
	t := s
	if strings.HasPrefix(t, "{") {
		if !strings.HasSuffix(t, "}") {
			return bad()
		}
		t = t[1 : len(t)-1]
	}
	out := make([]byte, uuidLen)
	for i := range out {
		if len(t) < 2 {
			return bad()
		}
		hi, ok1 := hexDigit(t[0])
		lo, ok2 := hexDigit(t[1])
		if !ok1 || !ok2 {
			return bad()
		}
		out[i] = hi<<4 | lo
		t = t[2:]
		if i%2 == 1 && i < uuidLen-1 && strings.HasPrefix(t, "-") {
			t = t[1:]
		}
	}
	if t != "" {
		return bad()
	}
	return BytesValue(out), nil
}
