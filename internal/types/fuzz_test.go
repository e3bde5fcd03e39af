package types

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

func FuzzKey(f *testing.F) {
	for i := range testTypes {
		f.Add(uint8(i), AppendKey(nil, testTypes[i], Null))
	}
	f.Add(uint8(7), AppendKey(nil, T(Numeric), DecValue(DecFromScaled(-12345, 2))))
	f.Add(uint8(20), AppendKey(nil, T(JSONB), TextValue(`{"a": [1, "b", null]}`)))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		typ := testTypes[int(kind)%len(testTypes)]
		v, rest, err := DecodeKey(b, typ)
		if err != nil || v.Null {
			return
		}
		// What decodes may not be what we would write, but from its second writing on it must be stable.
		key := AppendKey(nil, typ, v)
		again, rest2, err := DecodeKey(key, typ)
		if err != nil || len(rest2) != 0 || !bytes.Equal(AppendKey(nil, typ, again), key) {
			t.Errorf("%s: key %x (rest %x) is written as %x, which reads as %v", typ, b, rest, key, err)
		}
	})
}

// inputTypes are testTypes and those that cannot be compared.
var inputTypes = append(append([]Type{}, testTypes...), T(JSONPath), Type{Kind: Varbit, Prec: 5}, Type{Kind: Timestamp, Prec: NoDigits},
	Type{Kind: Numeric, Prec: 5, Scale: 2}, Type{Kind: Varchar, Prec: 3}, Type{Kind: Interval, Scale: 6}, ArrayOf(T(JSONPath)), T(Regtype))

// FuzzInput: what an input function takes, it prints so that it reads back and prints the same; and a value is not larger
// than its text by more than a factor.
func FuzzInput(f *testing.F) {
	for i, s := range []string{"t", "1", "-32768", "12", "1e5", "Infinity", "1.5e-3", "NaN", "2000-01-01 BC", "12:30 PM",
		"Jan 8 1999 04:05:06.5 PST", "1 year -2 mons 3:04:05 ago", "P1Y2M3DT4H5M6S", "{1,NULL,{2}}", `(1,"a b",)`, `{"a":1}`} {
		f.Add(uint8(i), s)
	}
	for i, typ := range inputTypes {
		switch typ.Kind {
		case TimeTZ:
			f.Add(uint8(i), "04:05:06.789-08:30")
		case Bit, Varbit:
			f.Add(uint8(i), "x1F")
			f.Add(uint8(i), "10101010101")
		case Inet, CIDR:
			f.Add(uint8(i), "192.168.1.5/24")
			f.Add(uint8(i), "::ffff:1.2.3.4/96")
		case MacAddr:
			f.Add(uint8(i), "08:00:2b:01:02:03")
		case JSONPath:
			f.Add(uint8(i), `strict $.a[*] ? (@.b > 1 && exists(@."c" ? (@ like_regex "x" flag "i"))).**{1 to last}.size() + -$x`)
		case Array:
			f.Add(uint8(i), `{{1,"2"},{NULL,"a\\b"}}`)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, s string) {
		typ := inputTypes[int(kind)%len(inputTypes)]
		v, err := ParseText(typ, s, nil)
		if err != nil || v.Null {
			return
		}
		if size := len(v.Bytes); size > 32*len(s)+64 {
			t.Errorf("%s: %q takes %d bytes", typ, s, size)
		}
		out := AppendText(nil, typ, v, nil)
		if typ.Kind == Interval {
			return // -178956970 years -8 mons and the like print what does not read back
		}
		back, err := ParseText(typ, string(out), nil)
		if pgerr.Code(err) == "22009" {
			return // a zone may be twenty hours away (A20), but as PostgreSQL prints it that is too far
		}
		if err != nil {
			t.Fatalf("%s: %q prints %q, which reads as %v", typ, s, out, err)
		}
		if again := AppendText(nil, typ, back, nil); !bytes.Equal(again, out) {
			t.Errorf("%s: %q prints %q, which prints %q", typ, s, out, again)
		}
		if typ.Kind != JSONPath && !(typ.Kind == Array && typ.Elem.Kind == JSONPath) && !Equal(typ, v, back) {
			t.Errorf("%s: %q prints %q, which is another value", typ, s, out)
		}
	})
}

// FuzzCast: every cast that there is ends with a value that prints, or with an error that has a SQLSTATE.
func FuzzCast(f *testing.F) {
	for i := range inputTypes {
		for _, s := range []string{"1", "2000-01-01 12:34:56.789", "101", "10.0.0.0/8", "{1,2}", "1e300", "t", "1 day"} {
			f.Add(uint8(i), uint8(7*i+len(s)), s)
		}
	}
	f.Fuzz(func(t *testing.T, a, b uint8, s string) {
		from, to := inputTypes[int(a)%len(inputTypes)], inputTypes[int(b)%len(inputTypes)]
		v, err := ParseText(from, s, nil)
		if err != nil || !CanCast(from, to, Explicit) {
			return
		}
		for _, cast := range []func(Type, Type, Value, *Format) (Value, error){Cast, Assign} {
			out, err := cast(from, to, v, nil)
			switch {
			case err != nil:
				if pgerr.Code(err) == pgerr.InternalError {
					t.Errorf("%q of %s to %s: %v", s, from, to, err)
				}
			case !out.Null:
				AppendText(nil, to, out, nil)
				AppendKey(nil, to, out)
				Hash(to, out)
			}
		}
	})
}

func FuzzJSONB(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[1.50,null,"x\u00e9"]}`, `[[],{}]`, `"\ud83d\ude00"`, `1e3`, `-0.0`, ` true `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := NormalizeJSONB(b)
		if valid := json.Valid(b) && utf8.Valid(b); err == nil && !valid {
			t.Errorf("%q is not JSON and was taken as %q", b, out)
		} else if err != nil && valid && !strings.Contains(string(b), `\u`) && !bytes.ContainsAny(b, "eE") && bytes.Count(b, []byte("[")) < 1000 {
			t.Errorf("%q is JSON and was refused: %v", b, err)
		}
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Errorf("%q was normalized to %q, which is not JSON", b, out)
		}
		if again, err := NormalizeJSONB(out); err != nil || !bytes.Equal(again, out) {
			t.Errorf("%q is not stable: %q, %v", out, again, err)
		}
		if (checkJSON(b) == nil) != json.Valid(b) && utf8.Valid(b) {
			t.Errorf("checkJSON(%q) = %v", b, checkJSON(b))
		}
	})
}

func FuzzDecodeDec(f *testing.F) {
	f.Add(DecFromInt(7).AppendEncoded(nil))
	f.Add(DecFromInt128(1, 5).AppendEncoded(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, n, err := DecodeDec(b); err == nil {
			if n > len(b) {
				t.Errorf("read %d of %d bytes", n, len(b))
			}
			if back, _, err := DecodeDec(d.AppendEncoded(nil)); err != nil || back.String() != d.String() {
				t.Errorf("%s came back as %s, %v", d, back, err)
			}
		}
		for _, typ := range testTypes {
			_, _ = ParseBinary(typ, b)
		}
	})
}
