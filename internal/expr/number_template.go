package expr

import (
	"streamsql/internal/pgerr"
)

// numberTemplate is a parsed template of to_char and to_number of numbers.
type numberTemplate struct {
	nodes []templateNode
	shape numberShape
}

// signPlace is where the sign of S stands.
type signPlace int8

const (
	signNone   signPlace = iota
	signBefore           // before the first digit
	signAfter            // after the last digit
)

// numberShape is what the fields of a numeric template add up to. The names of the flags are the fields'.
type numberShape struct {
	pre, post, multi int // digits before and after the point; digits behind V
	zeroStart        int // 1 + the position of the first 0 before the point; 0: none
	zeroEnd          int // the position of the last 0
	point, fill, roman, v, eeee,
	anySign, bracket, minus, plus, blank bool // anySign is S, bracket is PR; SG is minus and plus
	sign     signPlace
	signDone int // digits before S
}

var numberGrammar = newTemplateGrammar(false, ",", ".", "0", "9", "B", "C", "D", "EEEE", "FM", "G", "L", "MI", "PL", "PR", "RN", "SG", "SP", "S",
	"TH", "V")

func parseNumberTemplate(s string) (*numberTemplate, error) {
	t := &numberTemplate{}
	var err error
	t.nodes, err = numberGrammar.parse(s, t.shape.add)
	return t, err
}

func templateError(format string, args ...any) error {
	return pgerr.New(pgerr.SyntaxError, format, args...)
}

// add takes the field key into account.
func (s *numberShape) add(key string) error {
	if s.eeee && key != "EEEE" {
		return templateError(`"EEEE" must be the last pattern used`)
	}
	switch key {
	case "9", "0":
		return s.addDigit(key)
	case "B":
		s.blank = s.blank || s.pre == 0 && s.post == 0 && s.zeroStart == 0
	case ".", "D":
		if s.point {
			return templateError("multiple decimal points")
		}
		if s.v {
			return templateError(`cannot use "V" and decimal point together`)
		}
		s.point = true
	case "FM":
		s.fill = true
	case "S", "MI", "PL", "SG", "PR":
		return s.addSign(key)
	case "RN":
		s.roman = true
	case "V":
		if s.point {
			return templateError(`cannot use "V" and decimal point together`)
		}
		s.v = true
	case "EEEE":
		return s.addExponent()
	}
	return nil
}

func (s *numberShape) addDigit(key string) error {
	if s.bracket {
		return templateError(`"%s" must be ahead of "PR"`, key)
	}
	if key == "9" && s.v {
		s.multi++
		return nil
	}
	if key == "0" && s.zeroStart == 0 && !s.point {
		s.zeroStart = s.pre + 1
	}
	if s.point {
		s.post++
	} else {
		s.pre++
	}
	if key == "0" {
		s.zeroEnd = s.pre + s.post
	}
	return nil
}

func (s *numberShape) addSign(key string) error {
	switch {
	case key == "S" && s.anySign:
		return templateError(`cannot use "S" twice`)
	case key == "S" && (s.plus || s.minus || s.bracket):
		return templateError(`cannot use "S" and "PL"/"MI"/"SG"/"PR" together`)
	case key == "PR" && (s.anySign || s.plus || s.minus):
		return templateError(`cannot use "PR" and "S"/"PL"/"MI"/"SG" together`)
	case s.anySign:
		return templateError(`cannot use "S" and "%s" together`, key)
	}
	switch key {
	case "S":
		s.anySign = true
		if s.point {
			s.sign = signAfter
		} else {
			s.sign, s.signDone = signBefore, s.pre
		}
	case "PR":
		s.bracket = true
	default:
		s.minus = s.minus || key != "PL"
		s.plus = s.plus || key != "MI"
	}
	return nil
}

func (s *numberShape) addExponent() error {
	if s.eeee {
		return templateError(`cannot use "EEEE" twice`)
	}
	if s.blank || s.fill || s.anySign || s.bracket || s.minus || s.plus || s.roman || s.v {
		return pgerr.New(pgerr.SyntaxError, `"EEEE" is incompatible with other formats`).
			WithDetail(`"EEEE" may only be used together with digit and decimal point patterns.`)
	}
	s.eeee = true
	return nil
}
