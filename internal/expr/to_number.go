package expr

import (
	"strings"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// to_number: a number read by a template.

func init() {
	def("to_number(text, text) numeric stable", "a number read by a template", "to_number('12,454.8-', '99G999D9S') => -12454.8", rows(toNumber))
}

func toNumber(_ *row, a []types.Value) (types.Value, error) {
	if len(a[1].Bytes) == 0 {
		return types.Null, nil
	}
	t, err := parseNumberTemplate(string(a[1].Bytes))
	switch {
	case err != nil:
		return types.Null, err
	case t.shape.eeee:
		return types.Null, pgerr.New(pgerr.FeatureNotSupported, `"EEEE" not supported for input`)
	case t.shape.roman:
		return types.Null, pgerr.New(pgerr.FeatureNotSupported, `"RN" not supported for input`)
	}
	r := numberReader{shape: &t.shape, in: string(a[0].Bytes), sign: ' '}
	r.read(t.nodes)
	d, err := types.ParseDec(string(r.sign) + strings.TrimSuffix(string(r.number), "."))
	if err != nil {
		return types.Null, err
	}
	if d, err = d.FitDigits(int32(t.shape.pre+t.shape.multi), int32(r.post)); err != nil || !t.shape.v {
		return types.DecValue(d), err
	}
	by, err := power(types.DecFromInt(10), types.DecFromInt(int64(-t.shape.multi)))
	return types.DecValue(d.Mul(by)), err
}

// numberReader takes a number out of a text.
type numberReader struct {
	shape     *numberShape
	in        string
	at        int    // in in
	sign      byte   // '+', '-', or ' ' if none has been read
	number    []byte // digits, a point, digits
	pre, post int    // digits read before and after the point
	point     bool   // the point has been read
}

func (r *numberReader) done() bool { return r.at >= len(r.in) }

// is reports that the next byte is c.
func (r *numberReader) is(c byte) bool { return !r.done() && r.in[r.at] == c }

func (r *numberReader) read(nodes []templateNode) {
	for _, n := range nodes {
		if r.done() {
			return
		}
		switch n.key {
		case "":
			r.at += len(firstChar(r.in[r.at:])) // whatever it is
		case "9", "0", ".", "D":
			r.digit(n.key)
			r.at++
		case ",", "G":
			if !r.shape.fill && r.is(',') {
				r.at++
			}
		case "L":
			r.skipText(1)
		case "TH":
			if r.sign != '-' && !r.shape.point {
				r.skipText(2)
			}
		case "MI", "PL", "SG":
			r.signField(n.key)
		}
	}
}

func (r *numberReader) signField(key string) {
	switch {
	case key != "PL" && r.is('-'):
		r.sign = '-'
	case key != "MI" && r.is('+'):
		r.sign = '+'
	default:
		r.skipText(1)
		return
	}
	r.at++
}

// skipText passes over up to n characters that cannot be part of a number.
func (r *numberReader) skipText(n int) {
	for ; n > 0 && !r.done() && !strings.ContainsRune("0123456789.,+-", rune(r.in[r.at])); n-- {
		r.at += len(firstChar(r.in[r.at:]))
	}
}

// digit reads a blank, a sign before the number, a digit or the point, and a sign behind the number. The caller steps
// over the last of them.
func (r *numberReader) digit(key string) {
	if r.is(' ') {
		r.at++
	}
	if r.done() {
		return
	}
	if r.sign == ' ' && (key == "0" || key == "9") && r.pre+r.post == 0 {
		r.signBefore()
	}
	if r.done() {
		return
	}
	read := false
	switch c := r.in[r.at]; {
	case c >= '0' && c <= '9':
		if r.point && r.post == r.shape.post {
			return
		}
		r.number = append(r.number, c)
		if r.point {
			r.post++
		} else {
			r.pre++
		}
		read = true
	case r.shape.point && !r.point && c == '.':
		r.number = append(r.number, '.')
		r.point, read = true, true
	}
	if r.sign == ' ' && r.pre+r.post > 0 {
		r.signAfter(read)
	}
}

func (r *numberReader) signBefore() {
	switch c := r.in[r.at]; {
	case c == '-' || c == '<' && r.shape.bracket:
		r.sign = '-'
	case c == '+':
		r.sign = '+'
	default:
		return
	}
	r.at++
}

// signAfter looks for a sign behind a digit (S), or where a digit could have been (MI, PL, SG).
func (r *numberReader) signAfter(read bool) {
	next := r.at + 1
	if r.shape.anySign && read && next < len(r.in) && (r.in[next] < '0' || r.in[next] > '9') {
		if c := r.in[next]; c == '-' || c == '+' {
			r.sign, r.at = c, next
		}
		return
	}
	if c := r.in[r.at]; !read && !r.shape.anySign && (r.shape.plus || r.shape.minus) && (c == '-' || c == '+') {
		r.sign = c
	}
}
