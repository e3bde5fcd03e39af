package types

import (
	"encoding/hex"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"streamsql/internal/pgerr"
)

// goldenCase is a line of testdata/*.golden: what PostgreSQL 15 said (testdata/record.py).
type goldenCase struct {
	settings, name, a, b, code, want string
}

var copyEscapes = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r", `\N`, "<null>", `\x`, "\\x",
	`\b`, "\b", `\f`, "\f", `\v`, "\v")

func readGolden(t *testing.T, file string) []goldenCase {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []goldenCase
	for line := range strings.Lines(string(b)) {
		p := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(p) != 6 {
			t.Fatalf("%s: bad line %q", file, line)
		}
		for i := range p {
			p[i] = copyEscapes.Replace(p[i])
		}
		out = append(out, goldenCase{p[0], p[1], p[2], p[3], p[4], p[5]})
	}
	return out
}

// goldenFormat turns the settings of a case into a Format.
func goldenFormat(t *testing.T, settings string) *Format {
	t.Helper()
	f := *DefaultFormat
	for s := range strings.SplitSeq(settings, ";") {
		k, v, _ := strings.Cut(s, "=")
		switch k {
		case "timezone":
			loc, err := LoadZone(v)
			if err != nil {
				t.Fatal(err)
			}
			f.Loc = loc
		case "datestyle":
			f.DateStyle, f.DateOrder, _ = strings.Cut(v, ", ")
		case "intervalstyle":
			f.IntervalStyle = v
		case "bytea_output":
			f.ByteaEscape = v == "escape"
		case "extra_float_digits":
			f.ExtraFloatDigits, _ = strconv.Atoi(v)
		}
	}
	return &f
}

// goldenType reads a type's name with modifiers and brackets.
func goldenType(t *testing.T, s string) Type {
	t.Helper()
	if e, ok := strings.CutSuffix(s, "[]"); ok {
		return ArrayOf(goldenType(t, e))
	}
	name, mod, rest := s, "", ""
	if i := strings.IndexByte(s, '('); i >= 0 {
		j := strings.IndexByte(s, ')')
		name, mod, rest = s[:i], s[i+1:j], s[j+1:]
	}
	if fields, found := strings.CutPrefix(name, "interval "); found {
		typ, _ := IntervalOf(fields)
		n, _ := strconv.Atoi(mod)
		typ.Prec = int32(n)
		return typ
	}
	if name == `"bit"` { // bit alone would be bit(1)
		name = "bit"
	}
	k, ok := ByName(name + rest)
	if !ok {
		t.Fatalf("no type %q", s)
	}
	typ := T(k)
	if s == "bit" {
		typ.Prec = 1
	}
	if mod != "" {
		p, sc, _ := strings.Cut(mod, ",")
		n, _ := strconv.Atoi(p)
		m, _ := strconv.Atoi(sc)
		typ.Prec, typ.Scale = int32(n), int32(m)
		if n == 0 && k != Numeric {
			typ.Prec = NoDigits
		}
	}
	return typ
}

// check compares a result with what PostgreSQL said.
func (c goldenCase) check(t *testing.T, got string, err error) {
	t.Helper()
	code := pgerr.SuccessfulCompletion
	if err != nil {
		code, got = pgerr.Code(err), err.Error()
		var e *pgerr.Error
		if !errors.As(err, &e) {
			code = "no SQLSTATE"
		}
	}
	if code != c.code || got != c.want {
		t.Errorf("[%s] %s %q %q\n  have %s %q\n  want %s %q", c.settings, c.name, c.a, c.b, code, got, c.code, c.want)
	}
}

func TestTextGolden(t *testing.T) {
	for _, c := range readGolden(t, "text.golden") {
		typ, f := goldenType(t, c.name), goldenFormat(t, c.settings)
		v, err := ParseText(typ, c.a, f)
		if typ.CastCuts() {
			v, err = Cast(T(Text), typ, TextValue(c.a), f) // the oracle's literal was cast explicitly
		}
		got := ""
		if err == nil {
			got = string(AppendText(nil, typ, v, f))
		}
		c.check(t, got, err)
	}
}

func TestBinaryGolden(t *testing.T) {
	for _, c := range readGolden(t, "binary.golden") {
		typ := goldenType(t, c.name)
		v, err := ParseText(typ, c.a, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := AppendBinary(nil, typ, v)
		c.check(t, hex.EncodeToString(b), err)
		back, err := ParseBinary(typ, b)
		if err != nil {
			t.Errorf("%s %q: %v", c.name, c.a, err)
			continue
		}
		if have, want := AppendText(nil, typ, back, nil), AppendText(nil, typ, v, nil); string(have) != string(want) {
			t.Errorf("%s: %s came back as %s", c.name, want, have)
		}
		for n := range b { // nothing shorter may be read past its end
			_, _ = ParseBinary(typ, b[:n])
		}
	}
}
