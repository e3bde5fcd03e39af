package regex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bracket reads behind "[".
func (p *parser) bracket() *node {
	switch {
	case p.accept("[:<:]]"):
		return p.assert(atWordStart)
	case p.accept("[:>:]]"):
		return p.assert(atWordEnd)
	}
	s := &charSet{fold: p.flags&IgnoreCase != 0}
	if p.accept("^") {
		s.negate, s.noLine = true, p.flags&NewlineStop != 0
	}
	for first := true; p.err == nil; first = false {
		if !p.more() {
			p.fail(errBracket)
			break
		}
		if !first && p.accept("]") {
			break
		}
		p.bracketPart(s, first)
	}
	return p.setNode(s)
}

// bracketPart reads a character, a range or a class between brackets.
func (p *parser) bracketPart(s *charSet, first bool) {
	if p.sees("-") && !first && !p.sees("-]") {
		p.fail(errRange)
		return
	}
	lo, single := p.bracketItem(s)
	if p.err != nil || !p.sees("-") || p.sees("-]") {
		if single && p.err == nil {
			s.add(lo, lo)
		}
		return
	}
	p.at++
	if !single || !p.more() {
		p.fail(map[bool]string{true: errRange, false: errBracket}[p.more()])
		return
	}
	hi, single := p.bracketItem(s)
	if !single || hi < lo {
		p.fail(errRange)
		return
	}
	s.add(lo, hi)
}

// bracketItem reads one character; a class goes into s at once and is not single.
func (p *parser) bracketItem(s *charSet) (r rune, single bool) {
	switch r = p.next(); {
	case r == '[' && p.more() && strings.IndexByte(".=:", p.s[p.at]) >= 0:
		return p.named(s)
	case r != '\\' || !p.advanced():
		return r, true
	case !p.more():
		p.fail(errEscape)
		return 0, false
	}
	switch r = p.next(); {
	case r < 128 && strings.ContainsRune("dsw", unicode.ToLower(r)):
		name := map[rune]string{'d': "digit", 's': "space", 'w': "word"}[unicode.ToLower(r)]
		s.addClass(classes[name], unicode.IsUpper(r))
		return 0, false
	case r < 128 && strings.ContainsRune("AZmMyY", r):
		p.fail(errEscape)
		return 0, false
	case r >= '1' && r <= '9':
		p.at--
		if p.at+1 < len(p.s) && isDigit(rune(p.s[p.at+1])) {
			return p.digits(8, 1, 3), true
		}
		p.fail(errEscape)
		return 0, false
	}
	return p.charEscape(r), true
}

// named reads [:class:], [=x=] or [.x.] behind its first bracket.
func (p *parser) named(s *charSet) (rune, bool) {
	kind := p.s[p.at]
	end := strings.Index(p.s[p.at+1:], string(kind)+"]")
	if end < 0 {
		p.fail(errBracket)
		return 0, false
	}
	name := p.s[p.at+1 : p.at+1+end]
	p.at += end + 3
	if kind == ':' {
		c := classes[name]
		if c == nil {
			p.fail(errClass)
			return 0, false
		}
		if s.fold && (name == "upper" || name == "lower") {
			c = classes["alpha"]
		}
		s.addClass(c, false)
		return 0, false
	}
	r, n := utf8.DecodeRuneInString(name)
	if n == 0 || n < len(name) {
		var ok bool
		if r, ok = collatingNames[name]; !ok {
			p.fail(errCollating)
			return 0, false
		}
	}
	return r, kind == '.' || p.addOne(s, r)
}

func (p *parser) addOne(s *charSet, r rune) bool {
	s.add(r, r)
	return false
}

// collatingNames are the names of characters that POSIX gives.
var collatingNames = map[string]rune{"NUL": 0, "SOH": 1, "STX": 2, "ETX": 3, "EOT": 4, "ENQ": 5, "ACK": 6, "BEL": 7, "alert": 7,
	"BS": 8, "backspace": 8, "HT": 9, "tab": 9, "LF": 10, "newline": 10, "VT": 11, "vertical-tab": 11, "FF": 12, "form-feed": 12,
	"CR": 13, "carriage-return": 13, "ESC": 27, "space": ' ', "exclamation-mark": '!', "quotation-mark": '"', "number-sign": '#',
	"dollar-sign": '$', "percent-sign": '%', "ampersand": '&', "apostrophe": '\'', "left-parenthesis": '(', "right-parenthesis": ')',
	"asterisk": '*', "plus-sign": '+', "comma": ',', "hyphen": '-', "hyphen-minus": '-', "period": '.', "full-stop": '.', "slash": '/',
	"solidus": '/', "zero": '0', "one": '1', "two": '2', "three": '3', "four": '4', "five": '5', "six": '6', "seven": '7', "eight": '8',
	"nine": '9', "colon": ':', "semicolon": ';', "less-than-sign": '<', "equals-sign": '=', "greater-than-sign": '>', "question-mark": '?',
	"commercial-at": '@', "left-square-bracket": '[', "backslash": '\\', "reverse-solidus": '\\', "right-square-bracket": ']',
	"circumflex": '^', "circumflex-accent": '^', "underscore": '_', "low-line": '_', "grave-accent": '`', "left-brace": '{',
	"left-curly-bracket": '{', "vertical-line": '|', "right-brace": '}', "right-curly-bracket": '}', "tilde": '~', "DEL": 127}
