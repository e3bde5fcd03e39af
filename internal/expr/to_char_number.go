package expr

import (
	"math"
	"strconv"
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_char and to_number of numbers.

// numberTemplate is a parsed numeric template.
type numberTemplate struct {
	parts       []string // "9", "0", "D", "G", "," ".", "S", "MI", "PL", "SG", "PR", "TH", "th", "B" or "'" and a literal
	pre, post   int      // digit positions before and after the point
	zeroFrom    int      // the first position, from the left, that is filled with zeros; -1 for none
	zeroTo      int      // the last position after the point that is always shown
	point       bool
	fill        bool   // FM
	roman       string // "RN" or "rn": as written
	sign        string
	signLeading bool // S before the first digit
}

var numberKeys = []string{"EEEE", "MI", "PL", "PR", "RN", "SG", "TH", "FM", "9", "0", ".", ",", "D", "G", "S", "L", "V", "B", "C"}

func parseNumberTemplate(s string) (*numberTemplate, error) {
	t := &numberTemplate{zeroFrom: -1}
	for s != "" {
		if s[0] == '"' {
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				end = len(s) - 2
			}
			t.parts = append(t.parts, "'"+s[1:1+max(end, 0)])
			s = s[min(len(s), max(end, 0)+2):]
			continue
		}
		key := ""
		for _, k := range numberKeys {
			if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
				key = k
				break
			}
		}
		if key == "" {
			t.parts = append(t.parts, "'"+s[:1])
			s = s[1:]
			continue
		}
		if err := t.add(key, s[:len(key)]); err != nil {
			return nil, err
		}
		s = s[len(key):]
	}
	return t, nil
}

func (t *numberTemplate) add(key, written string) error {
	switch key {
	case "9", "0":
		if t.sign == "PR" {
			return pgerr.New(pgerr.SyntaxError, "%q must be ahead of \"PR\"", key)
		}
		if t.point {
			t.post++
			if key == "0" {
				t.zeroTo = t.post
			}
		} else {
			if key == "0" && t.zeroFrom < 0 {
				t.zeroFrom = t.pre
			}
			t.pre++
		}
	case ".", "D":
		if t.point {
			return pgerr.New(pgerr.SyntaxError, "multiple decimal points")
		}
		t.point = true
		key = "."
	case "G":
		key = ","
	case "FM":
		t.fill = true
		return nil
	case "S", "MI", "PL", "SG", "PR":
		if t.sign != "" && (key == "S" || t.sign == "S") {
			return pgerr.New(pgerr.SyntaxError, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
		}
		t.sign = key
		t.signLeading = key == "S" && t.pre+t.post == 0
	case "TH":
		key = written
	case "B":
		return nil
	case ",", "L":
	case "C":
		return nil // an ISO currency, which PostgreSQL skips, too
	case "RN":
		t.roman = written
	default:
		return pgerr.Unsupported(pgerr.NoPos, "the pattern %s of to_char and to_number", key)
	}
	t.parts = append(t.parts, key)
	return nil
}

func init() {
	def("to_char(numeric, text) text", "written by a template", "to_char(-125.8, '999D99S') => 125.80-", numberRows(func(v types.Value, post int) (string, bool) {
		if !isFinite(v.N) {
			return "", false
		}
		return v.N.Round(int32(post)).String(), true
	}))
	for _, t := range []string{"int4", "int8"} {
		def("to_char("+t+", text) text", "written by a template", "to_char(125, '999') =>  125", numberRows(func(v types.Value, _ int) (string, bool) {
			return types.DecFromInt(v.I).String(), true
		}))
	}
	for _, t := range []string{"float4", "float8"} {
		digits := map[string]int{"float4": 6, "float8": 15}[t]
		def("to_char("+t+", text) text", "written by a template", "", numberRows(func(v types.Value, post int) (string, bool) {
			if v.F-v.F != 0 {
				return "", false
			}
			d, err := types.ParseDec(formatFloat(v.F, post, digits))
			if err != nil {
				return "", false
			}
			return d.Round(int32(post)).String(), true
		}))
	}
	def("to_number(text, text) numeric", "a number read by a template", "to_number('12,454.8-', '99G999D9S') => -12454.8", rows(toNumber))
}

// formatFloat writes f with post digits after the point, but no more than digits in all.
func formatFloat(f float64, post, digits int) string {
	before := 1
	if a := math.Abs(f); a >= 10 {
		before = int(math.Log10(a)) + 1
	}
	return string(appendFixed(nil, f, max(0, min(post, digits-before))))
}

func numberRows(text func(v types.Value, post int) (string, bool)) func(*Call) (kernel, error) {
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
			s, ok := text(a[0], t.post)
			if t.roman != "" {
				return r.text(t.romanText(s, ok)), nil
			}
			return r.text(t.write(s, ok)), nil
		}, nil
	})
}

// romanText is a number from 1 to 3999 as Roman numerals, in 15 places.
func (t *numberTemplate) romanText(num string, ok bool) string {
	whole, _, _ := strings.Cut(num, ".")
	n, err := strconv.Atoi(whole)
	s := ""
	if !ok || err != nil || n < 1 || n > 3999 {
		s = strings.Repeat("#", 15)
	}
	for _, p := range romanParts {
		for s == "" || s[0] != '#' {
			if n < p.n {
				break
			}
			s, n = s+p.text, n-p.n
		}
	}
	if t.roman[0] == 'r' {
		s = strings.ToLower(s)
	}
	if t.fill {
		return s
	}
	return strings.Repeat(" ", 15-len(s)) + s
}

var romanParts = []struct {
	n    int
	text string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

// write lays the digits of num, rounded to t.post places, out by the template.
func (t *numberTemplate) write(num string, ok bool) string {
	neg := strings.HasPrefix(num, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(num, "-"), ".")
	for len(frac) < t.post {
		frac += "0"
	}
	if strings.Trim(whole+frac, "0") == "" {
		neg = false
	}
	zero := whole == "0"
	if zero {
		whole = ""
	}
	if !ok || len(whole) > t.pre {
		whole, frac, zero = strings.Repeat("#", t.pre), strings.Repeat("#", t.post), false
	}
	l := layout10{t: t, neg: neg, digits: whole, frac: frac, zero: zero, first: t.pre - len(whole)}
	if t.zeroFrom >= 0 {
		l.first = min(l.first, t.zeroFrom)
	}
	// A plain zero still shows one digit where nothing follows the point.
	if l.first == t.pre && t.pre > 0 && zero && (!t.point || t.post == 0 || t.fill && strings.Trim(frac, "0") == "" && t.zeroTo == 0) {
		l.first = t.pre - 1
	}
	return l.run()
}

// layout10 is the state of writing one number.
type layout10 struct {
	t            *numberTemplate
	neg, zero    bool
	digits, frac string
	first        int // the first position before the point that is written
	pos, dec     int
	signed       bool
	out          strings.Builder
}

func (l *layout10) run() string {
	lastFrac := len(l.frac)
	if l.t.fill {
		lastFrac = max(len(strings.TrimRight(l.frac, "0")), l.t.zeroTo)
	}
	pointSeen := false
	for _, p := range l.t.parts {
		switch {
		case (p == "9" || p == "0") && !pointSeen:
			l.whole()
		case p == "9" || p == "0":
			if l.dec++; l.dec <= lastFrac {
				l.out.WriteByte(l.frac[l.dec-1])
			}
		case p == ".":
			l.putSign()
			pointSeen = true
			if l.t.post > 0 || l.t.pre == 0 || strings.HasPrefix(l.digits, "#") {
				l.out.WriteByte('.')
			}
		case p == ",":
			l.comma()
		default:
			l.other(p)
		}
	}
	if l.t.pre+l.t.post > 0 {
		if !l.signed {
			l.putSign()
		}
		l.closeSign()
	}
	return l.out.String()
}

// putSign writes the sign that stands right before the number, once.
func (l *layout10) putSign() {
	if l.signed {
		return
	}
	l.signed = true
	switch {
	case l.t.sign == "S" && l.t.signLeading:
		l.out.WriteByte("+-"[b2u(l.neg)])
	case l.t.sign == "PR":
		if l.neg {
			l.out.WriteByte('<')
		} else if !l.t.fill {
			l.out.WriteByte(' ')
		}
	case l.t.sign == "":
		if l.neg {
			l.out.WriteByte('-')
		} else if !l.t.fill {
			l.out.WriteByte(' ')
		}
	case l.t.sign == "PL":
		if l.neg {
			l.out.WriteByte('-')
		} else if !l.t.fill {
			l.out.WriteByte(' ')
		}
	}
}

func (l *layout10) closeSign() {
	switch {
	case l.t.sign == "S" && !l.t.signLeading:
		l.out.WriteByte("+-"[b2u(l.neg)])
	case l.t.sign == "PR" && l.neg:
		l.out.WriteByte('>')
	case l.t.sign == "PR" && !l.t.fill:
		l.out.WriteByte(' ')
	}
}

func (l *layout10) whole() {
	if l.pos < l.first {
		if !l.t.fill {
			l.out.WriteByte(' ')
		}
		l.pos++
		return
	}
	l.putSign()
	if i := l.pos - (l.t.pre - len(l.digits)); i >= 0 {
		l.out.WriteByte(l.digits[i])
	} else {
		l.out.WriteByte('0')
	}
	l.pos++
}

func (l *layout10) comma() {
	switch {
	case l.pos > l.first:
		l.out.WriteByte(',')
	case !l.t.fill:
		l.out.WriteByte(' ')
	}
}

func (l *layout10) other(p string) {
	switch p {
	case "MI":
		if l.neg {
			l.out.WriteByte('-')
		} else if !l.t.fill {
			l.out.WriteByte(' ')
		}
	case "PL":
		if !l.neg {
			l.out.WriteByte('+')
		} else if !l.t.fill {
			l.out.WriteByte(' ')
		}
	case "SG":
		l.out.WriteByte("+-"[b2u(l.neg)])
	case "TH", "th", "Th", "tH":
		if !isNumeric(l.digits) && l.digits != "" {
			return
		}
		if !l.neg && !l.t.point && len(l.digits) > 0 {
			l.out.WriteString(ordinal(l.digits, p))
		} else if !l.neg && !l.t.point {
			l.out.WriteString(ordinal("0", p))
		}
	case "S", "PR":
	case "L":
		l.putSign()
		l.out.WriteByte(' ') // no currency's symbol in the C locale
	default:
		l.out.WriteString(strings.TrimPrefix(p, "'"))
	}
}

// toNumber reads what the template describes: digits, a point, signs; everything else is skipped.
func toNumber(_ *row, a []types.Value) (types.Value, error) {
	t, err := parseNumberTemplate(string(a[1].Bytes))
	if err != nil {
		return types.Null, err
	}
	s := strings.TrimSpace(string(a[0].Bytes))
	neg := false
	var num strings.Builder
	left, point := t.pre, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-' || c == '<':
			neg = true
		case c == '.' && t.point && !point:
			point, left = true, t.post
			num.WriteByte('.')
		case c >= '0' && c <= '9' && left > 0:
			left--
			num.WriteByte(c)
		}
	}
	if strings.Trim(num.String(), ".") == "" {
		return types.Null, pgerr.New(pgerr.InvalidTextRepresentation, "invalid input syntax for type numeric: %q", s)
	}
	d, err := types.ParseDec(strings.TrimSuffix("0"+num.String(), "."))
	if neg {
		d = d.Neg()
	}
	return types.DecValue(d), err
}

// appendFixed writes f with exactly prec digits after the point.
func appendFixed(dst []byte, f float64, prec int) []byte {
	return strconv.AppendFloat(dst, f, 'f', prec, 64)
}
