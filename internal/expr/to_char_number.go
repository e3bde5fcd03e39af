package expr

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_char of numbers.

// plainNumber is a number as to_char lays it out: its digits, with a point if there are any behind it.
type plainNumber struct {
	text string
	neg  bool
}

// numberSource gives a value in the forms that templates ask for. shape may be changed: its post by floats that have
// no more digits, its pre by V.
type numberSource struct {
	plain    func(v types.Value, shape *numberShape) (plainNumber, error)
	exponent func(v types.Value, shape *numberShape) (string, error)
	whole    func(v types.Value) (int64, error) // for Roman numerals
}

func init() {
	def("to_char(numeric, text) text stable", "written by a template", "to_char(-125.8, '999D99S') => 125.80-",
		numberRows(numberSource{plainDec, func(v types.Value, s *numberShape) (string, error) { return exponentDec(v.N, s) }, wholeDec}))
	def("to_char(int4, text) text stable", "written by a template", "to_char(125, '999') =>  125",
		numberRows(numberSource{plainInt4, exponentFloat(func(v types.Value) float64 { return float64(v.I) }),
			func(v types.Value) (int64, error) { return v.I, nil }}))
	def("to_char(int8, text) text stable", "written by a template", "to_char(125, '999') =>  125",
		numberRows(numberSource{plainInt8, func(v types.Value, s *numberShape) (string, error) { return exponentDec(types.DecFromInt(v.I), s) },
			func(v types.Value) (int64, error) {
				if v.I != int64(int32(v.I)) {
					return 0, errInt4Range
				}
				return v.I, nil
			}}))
	for _, t := range []struct {
		name   string
		digits int
	}{{"float4", 6}, {"float8", 15}} {
		def("to_char("+t.name+", text) text stable", "written by a template", "",
			numberRows(numberSource{plainFloat(t.digits), exponentFloat(func(v types.Value) float64 { return v.F }),
				func(v types.Value) (int64, error) {
					if r := math.RoundToEven(v.F); math.Abs(r) <= math.MaxInt32 {
						return int64(r), nil
					}
					return 0, nil
				}}))
	}
}

func numberRows(src numberSource) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		var t *numberTemplate
		var last string
		return func(r *row, a []types.Value) (types.Value, error) {
			if t == nil || last != string(a[1].Bytes) {
				last = string(a[1].Bytes)
				var err error
				if t, err = parseNumberTemplate(last); err != nil {
					t = nil
					return types.Null, err
				}
			}
			if len(last) == 0 {
				return r.text(""), nil
			}
			s, err := t.text(src, a[0])
			return r.text(s), err
		}, nil
	})
}

func (t *numberTemplate) text(src numberSource, v types.Value) (string, error) {
	shape := t.shape
	if shape.eeee {
		return src.exponent(v, &shape)
	}
	w := numberWriter{shape: &shape}
	if shape.roman {
		n, err := src.whole(v)
		if err != nil {
			return "", err
		}
		shape = numberShape{roman: true, fill: shape.fill}
		w.number = romanNumeral(n)
	} else {
		n, err := src.plain(v, &shape)
		if err != nil {
			return "", err
		}
		pre := strings.IndexByte(n.text, '.')
		if pre < 0 {
			pre = len(n.text)
		}
		w.number, w.sign = n.text, "+-"[b2u(n.neg)]
		if pre < shape.pre {
			w.blanks = shape.pre - pre
		} else if pre > shape.pre {
			w.number = strings.Repeat("#", shape.pre) + "." + strings.Repeat("#", shape.post)
		}
	}
	w.prepare()
	err := w.write(t.nodes)
	return string(w.out), err
}

func romanNumeral(n int64) string {
	if n < 1 || n > 3999 {
		return strings.Repeat("#", 15)
	}
	s := ""
	for _, p := range romanParts {
		for ; n >= p.n; n -= p.n {
			s += p.text
		}
	}
	return s
}

var romanParts = []struct {
	n    int64
	text string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

// signed cuts the sign off a number's text.
func signed(s string) plainNumber {
	t, neg := strings.CutPrefix(s, "-")
	return plainNumber{t, neg}
}

func plainDec(v types.Value, s *numberShape) (plainNumber, error) {
	d := v.N
	if s.v {
		d = d.MulPow10(int32(s.multi))
		s.pre += s.multi
	}
	if d.IsNaN() || d.IsInf() {
		return signed(d.String()), nil
	}
	return signed(d.Round(int32(s.post)).String()), nil
}

func wholeDec(v types.Value) (int64, error) {
	n, err := types.Cast(types.T(types.Numeric), types.T(types.Int4), types.DecValue(v.N.Round(0)), nil)
	return n.I, err
}

// intText pads a whole number with the zeros behind the point.
func intText(i int64, s *numberShape) plainNumber {
	n := signed(strconv.FormatInt(i, 10))
	if s.post > 0 {
		n.text += "." + strings.Repeat("0", s.post)
	}
	return n
}

func plainInt4(v types.Value, s *numberShape) (plainNumber, error) {
	i := int32(v.I)
	if s.v {
		// C's conversion: what does not fit is the least int. The product wraps around.
		by := int32(math.MinInt32)
		if s.multi < 10 {
			by = int32(math.Pow10(s.multi))
		}
		i *= by
		s.pre += s.multi
	}
	return intText(int64(i), s), nil
}

func plainInt8(v types.Value, s *numberShape) (plainNumber, error) {
	i := v.I
	if s.v {
		if s.multi > 18 {
			return plainNumber{}, errInt8Range
		}
		by := int64(math.Pow10(s.multi))
		if i != 0 && (i*by/by != i) {
			return plainNumber{}, errInt8Range
		}
		i *= by
		s.pre += s.multi
	}
	return intText(i, s), nil
}

// errInt8Range is the error of results that bigint cannot hold.
var errInt8Range = rangeOf(types.Int8).err

// plainFloat rounds to the template's digits, but shows no more than digits significant ones.
func plainFloat(digits int) func(types.Value, *numberShape) (plainNumber, error) {
	return func(v types.Value, s *numberShape) (plainNumber, error) {
		f := v.F
		if s.v {
			by := math.Pow10(s.multi)
			if f *= by; digits == 6 {
				f = float64(float32(v.F) * float32(by))
			}
			s.pre += s.multi
		}
		pre := len(fixedFloat(math.Abs(f), 0))
		switch {
		case pre >= digits:
			s.post = 0
		case pre+s.post > digits:
			s.post = digits - pre
		}
		return signed(fixedFloat(f, s.post)), nil
	}
}

// fixedFloat is C's %.*f.
func fixedFloat(f float64, prec int) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'f', prec, 64)
}

func exponentFloat(get func(types.Value) float64) func(types.Value, *numberShape) (string, error) {
	return func(v types.Value, s *numberShape) (string, error) {
		f := get(v)
		if f-f != 0 {
			return overflowedExponent(s), nil
		}
		t := strconv.FormatFloat(f, 'e', s.post, 64)
		if t[0] != '-' {
			t = " " + t
		}
		return t, nil
	}
}

// overflowedExponent stands for what is no number in the form of EEEE.
func overflowedExponent(s *numberShape) string {
	b := bytes.Repeat([]byte{'#'}, s.pre+s.post+6)
	b[0], b[s.pre+1] = ' ', '.'
	return string(b)
}

// exponentDec is d as digits with an exponent. The digits are rounded after the exponent is chosen: 9.99 is 10.0e+00.
func exponentDec(d types.Dec, s *numberShape) (string, error) {
	if !isFinite(d) {
		return overflowedExponent(s), nil
	}
	exp := 0
	if d.Sign() != 0 {
		exp = int(d.Exponent10())
	}
	t := d.MulPow10(int32(-exp)).Round(int32(s.post)).String()
	if t[0] != '-' {
		t = " " + t
	}
	sign := "+"
	if exp < 0 {
		sign, exp = "-", -exp
	}
	if exp < 10 {
		sign += "0"
	}
	return t + "e" + sign + strconv.Itoa(exp), nil
}

// numberWriter lays one number out.
type numberWriter struct {
	shape  *numberShape
	number string // digits, a point, digits
	sign   byte   // '+' or '-'; 0 in Roman numerals
	blanks int    // positions before the first digit
	at     int    // in number
	pos    int    // digit positions and points passed
	count  int    // digit positions of the template, less one
	last   int    // FM: where number's last relevant digit, or the point, is; -1: everything is written
	signed bool   // the sign has been written
	inside bool   // a digit has been written for the last position
	out    []byte
}

// prepare decides about the sign and about zeros behind the point.
func (w *numberWriter) prepare() {
	s := w.shape
	if s.zeroStart > 0 {
		s.zeroStart--
	} else {
		s.zeroStart = -1
	}
	if s.plus || s.minus {
		w.signed = s.minus // MI, PL and SG write a sign of their own
	} else {
		if w.sign != '-' && s.bracket && s.fill {
			s.bracket = false
		}
		w.signed = w.sign == '+' && s.fill && !s.anySign
		if s.sign == signBefore && s.pre == s.signDone {
			s.sign = signAfter
		}
	}
	w.count = s.post + s.pre - 1
	w.last = -1
	if s.fill && s.point {
		w.last = lastRelevant(w.number)
		if w.last >= 0 && s.zeroEnd > w.blanks {
			w.last = max(w.last, min(len(w.number)-1, s.zeroEnd-w.blanks))
		}
	}
	if !w.signed && w.blanks == 0 {
		w.count++
	}
}

// lastRelevant is the position of the last digit behind the point that is not zero, of the point if there is none; -1
// without a point.
func lastRelevant(number string) int {
	if !strings.Contains(number, ".") {
		return -1
	}
	return len(strings.TrimRight(number, "0")) - 1
}

func (w *numberWriter) write(nodes []templateNode) error {
	for _, n := range nodes {
		switch n.key {
		case "":
			w.out = append(w.out, n.text...)
		case "9", "0", ".", "D":
			w.digit(n.key)
		default:
			if err := w.mark(n); err != nil {
				return err
			}
		}
	}
	// A position behind the number's last digit ends the text: to_char of a float with fewer digits than the template.
	if end := bytes.IndexByte(w.out, 0); end >= 0 {
		w.out = w.out[:end]
	}
	return nil
}

// putUnlessFill appends c, which FM leaves out.
func (w *numberWriter) putUnlessFill(c byte) {
	if !w.shape.fill {
		w.out = append(w.out, c)
	}
}

// mark writes a field that is no digit.
func (w *numberWriter) mark(n templateNode) error {
	switch n.key {
	case ",", "G":
		if w.inside {
			w.out = append(w.out, ',')
		} else {
			w.putUnlessFill(' ')
		}
	case "L":
		w.out = append(w.out, ' ') // the C locale has no currency symbol
	case "RN":
		s := w.number
		if n.text[0] == 'r' {
			s = strings.ToLower(s)
		}
		if !w.shape.fill {
			s = strings.Repeat(" ", 15-len(s)) + s
		}
		w.out = append(w.out, s...)
	case "TH":
		return w.ordinal(n.text)
	case "MI":
		if w.sign == '-' {
			w.out = append(w.out, '-')
		} else {
			w.putUnlessFill(' ')
		}
	case "PL":
		if w.sign == '+' {
			w.out = append(w.out, '+')
		} else {
			w.putUnlessFill(' ')
		}
	case "SG":
		w.out = append(w.out, w.sign)
	}
	return nil
}

func (w *numberWriter) ordinal(as string) error {
	if w.shape.roman || w.number[0] == '#' || w.sign == '-' || w.shape.point {
		return nil
	}
	th, err := ordinal(w.number, as)
	w.out = append(w.out, th...)
	return err
}

// peek is the number's next character, 0 behind its end.
func (w *numberWriter) peek() byte {
	if w.at < len(w.number) {
		return w.number[w.at]
	}
	return 0
}

// hidesZero reports the zero before the point that a template without 0 does not show.
func (w *numberWriter) hidesZero() bool {
	return w.shape.zeroStart < 0 && w.at == 0 && w.peek() == '0' && w.shape.post != 0
}

// bare reports a number with nothing but zeros behind the point that FM takes off.
func (w *numberWriter) bare() bool { return w.last >= 0 && w.number[w.last] == '.' }

// digit writes a position of the number: the sign before its first, a blank, a zero, the point, a digit, or nothing.
func (w *numberWriter) digit(key string) {
	s := w.shape
	if s.roman {
		return
	}
	w.inside = false
	if !w.signed && (w.pos >= w.blanks || s.zeroStart == w.pos) && (!w.hidesZero() || w.bare()) {
		w.signBefore()
	}
	switch {
	case w.pos < w.blanks && (s.zeroStart < 0 || s.zeroStart > w.pos):
		w.putUnlessFill(' ')
	case w.pos < w.blanks:
		w.out = append(w.out, '0')
		w.inside = true
	default:
		w.digitOfNumber(key)
		if w.at < len(w.number) {
			w.at++
		}
	}
	w.signAfter()
	w.pos++
}

func (w *numberWriter) digitOfNumber(key string) {
	switch c := w.peek(); {
	case c == '.':
		if !w.bare() || w.shape.fill {
			w.out = append(w.out, '.')
		}
	case w.last >= 0 && w.at > w.last && key != "0":
	case w.hidesZero():
		if !w.shape.fill {
			w.out = append(w.out, ' ')
		} else if w.bare() {
			w.out = append(w.out, '0')
		}
	default:
		w.out = append(w.out, c)
		w.inside = true
	}
}

// signBefore writes the sign that stands right before the number.
func (w *numberWriter) signBefore() {
	s := w.shape
	switch {
	case s.anySign:
		if s.sign != signBefore {
			return
		}
		w.out = append(w.out, w.sign)
	case s.bracket:
		w.out = append(w.out, " <"[b2u(w.sign != '+')])
	case w.sign == '+':
		w.putUnlessFill(' ')
	default:
		w.out = append(w.out, '-')
	}
	w.signed = true
}

// signAfter writes the sign that stands right behind the number's last position.
func (w *numberWriter) signAfter() {
	s := w.shape
	end := w.count + int(b2u(w.blanks > 0)) + int(b2u(s.point))
	if w.last >= 0 && w.last == w.at {
		end = w.pos
	}
	switch {
	case w.pos+1 != end:
	case w.signed && s.bracket:
		w.out = append(w.out, " >"[b2u(w.sign != '+')])
	case s.anySign && s.sign == signAfter:
		w.out = append(w.out, w.sign)
	}
}

// ordinal is st, nd, rd or th for the number s, in the case of as. The error is about what ends in no digit.
func ordinal(s, as string) (string, error) {
	if !isNumeric(s) {
		return "", pgerr.New(pgerr.InvalidTextRepresentation, "\"%s\" is not a number", s)
	}
	th := "th"
	if len(s) < 2 || s[len(s)-2] != '1' {
		switch s[len(s)-1] {
		case '1':
			th = "st"
		case '2':
			th = "nd"
		case '3':
			th = "rd"
		}
	}
	if as == "TH" {
		return strings.ToUpper(th), nil
	}
	return th, nil
}
