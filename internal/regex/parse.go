package regex

import (
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// Flags are the options of a regular expression.
type Flags uint16

// The options. Without Basic and Extended a pattern is an ARE, PostgreSQL's advanced regular expression.
const (
	IgnoreCase    Flags = 1 << iota
	NewlineStop         // . and [^…] do not match a newline
	NewlineAnchor       // ^ and $ match at lines, too
	Expanded            // white space and comments do not count
	Literal             // the pattern is a plain text
	Basic               // BRE
	Extended            // ERE
)

func fail(what string) error {
	return pgerr.New(pgerr.InvalidRegularExpression, "invalid regular expression: %s", what)
}

// The errors of a pattern, as PostgreSQL words them.
const (
	errParen     = "parentheses () not balanced"
	errBracket   = "brackets [] not balanced"
	errBrace     = "braces {} not balanced"
	errBound     = "invalid repetition count(s)"
	errRange     = "invalid character range"
	errRepeat    = "quantifier operand invalid"
	errEscape    = `invalid escape \ sequence`
	errClass     = "invalid character class"
	errBackref   = "invalid backreference number"
	errCollating = "invalid collating element"
	errOption    = "invalid embedded option"
	errBadPat    = "invalid regexp (reg version 0.8)"
	errTooBig    = "regular expression is too complex"
)

// repeatMax is the largest count of a quantifier, and infinite the end of * and +.
const (
	repeatMax = 255
	infinite  = -1
	depthMax  = 1000 // of parentheses
)

type nodeOp uint8

const (
	opEmpty nodeOp = iota
	opSet
	opAssert
	opLook
	opBackref
	opGroup
	opCat
	opAlt
)

// assertion is a test of a position.
type assertion uint8

const (
	atStart     assertion = iota // \A, ^ without lines
	atEnd                        // \Z, $
	atLineStart                  // ^
	atLineEnd                    // $
	atWordStart                  // \m
	atWordEnd                    // \M
	atWordEdge                   // \y
	notWordEdge                  // \Y
)

// The preferences of a part: none, the longest, the shortest.
const (
	prefNone  uint16 = 0
	prefLong  uint16 = 1
	prefShort uint16 = 2
)

// node is a part of a pattern with its quantifier.
type node struct {
	op       nodeOp
	set      *charSet
	at       assertion
	not      bool // opLook: must not match
	behind   bool // opLook: (?<
	subs     []*node
	group    int // opGroup: its number, 0 without; opBackref: whose
	target   *node
	min, max int
	pref     uint16 // of the quantifier
}

type parser struct {
	s      string
	at     int
	flags  Flags
	groups []*node // closed ones by number; nil while open
	depth  int
	look   int // depth of look-around
	err    error
}

// parse reads a pattern; groups are its groups by number, from 1.
func parse(pattern string, flags Flags) (root *node, p *parser, err error) {
	p = &parser{s: pattern, flags: flags, groups: []*node{nil}}
	p.prefix()
	if p.err == nil && p.flags&Literal != 0 {
		return p.literal(), p, nil
	}
	if p.err == nil {
		root = p.alternatives(false)
		if p.err == nil && p.at < len(p.s) {
			p.fail(errParen)
		}
	}
	return root, p, p.err
}

func (p *parser) fail(what string) {
	if p.err == nil {
		p.err = fail(what)
	}
	p.at = len(p.s)
}

func (p *parser) more() bool           { return p.at < len(p.s) }
func (p *parser) sees(t string) bool   { return strings.HasPrefix(p.s[p.at:], t) }
func (p *parser) advanced() bool       { return p.flags&(Basic|Extended) == 0 }
func (p *parser) basic() bool          { return p.flags&Basic != 0 }
func (p *parser) accept(t string) bool { return p.sees(t) && p.skip(len(t)) }

func (p *parser) skip(n int) bool {
	p.at += n
	return true
}

func (p *parser) next() rune {
	r, n := utf8.DecodeRuneInString(p.s[p.at:])
	p.at += n
	return r
}

// prefix reads a director (***:, ***=) and embedded options.
func (p *parser) prefix() {
	if p.flags&Literal != 0 {
		return
	}
	if p.sees("***") && len(p.s) > 3 {
		switch p.s[3] {
		case '=':
			p.flags = p.flags&IgnoreCase | Literal
			p.at = 4
			return
		case ':':
			p.flags &^= Basic | Extended
			p.at = 4
		case '?':
			p.fail(errBadPat)
			return
		default:
			p.fail(errRepeat)
			return
		}
	}
	rest := p.s[p.at:]
	if !p.advanced() || len(rest) < 3 || rest[:2] != "(?" || !isLetter(rest[2]) {
		return
	}
	for p.at += 2; p.more() && isLetter(p.s[p.at]); p.at++ {
		if !p.flags.Set(p.s[p.at]) || p.s[p.at] == 'g' {
			p.fail(errOption)
			return
		}
	}
	if !p.accept(")") {
		p.fail(errOption)
	}
}

func isLetter(c byte) bool { return c|32 >= 'a' && c|32 <= 'z' }

// Set applies an option letter and reports whether there is such a one; g, which is not about the pattern, is passed.
func (f *Flags) Set(c byte) bool {
	set := func(on, off Flags) { *f = *f&^off | on }
	switch c {
	case 'b':
		set(Basic, Extended|Literal)
	case 'e':
		set(Extended, Basic|Literal)
	case 'c':
		set(0, IgnoreCase)
	case 'i':
		set(IgnoreCase, 0)
	case 'm', 'n':
		set(NewlineStop|NewlineAnchor, 0)
	case 'p':
		set(NewlineStop, NewlineAnchor)
	case 'q':
		set(Literal, Basic|Extended)
	case 's':
		set(0, NewlineStop|NewlineAnchor)
	case 't':
		set(0, Expanded)
	case 'w':
		set(NewlineAnchor, NewlineStop)
	case 'x':
		set(Expanded, 0)
	case 'g':
	default:
		return false
	}
	return true
}

func (p *parser) literal() *node {
	cat := one(&node{op: opCat})
	for p.more() {
		cat.subs = append(cat.subs, p.char(p.next()))
	}
	return one(&node{op: opAlt, subs: []*node{cat}})
}

func one(n *node) *node {
	n.min, n.max = 1, 1
	return n
}

func (p *parser) char(r rune) *node {
	s := &charSet{fold: p.flags&IgnoreCase != 0}
	s.add(r, r)
	return p.setNode(s)
}

func (p *parser) setNode(s *charSet) *node { return one(&node{op: opSet, set: s.seal()}) }

func (p *parser) classNode(name string, not bool) *node {
	s := &charSet{negate: not} // \D and \W match a newline under any option
	s.addClass(classes[name], false)
	return p.setNode(s)
}

func (p *parser) assert(at assertion) *node { return one(&node{op: opAssert, at: at}) }

// alternatives reads branches up to a closing parenthesis or the end; inner: a parenthesis is open.
func (p *parser) alternatives(inner bool) *node {
	if p.depth++; p.depth > depthMax {
		p.fail(errTooBig)
	}
	alt := one(&node{op: opAlt, subs: []*node{p.branch(inner)}})
	for p.err == nil && !p.basic() && p.accept("|") {
		alt.subs = append(alt.subs, p.branch(inner))
	}
	p.depth--
	return alt
}

// blanks passes what does not count: white space and comments of the expanded syntax, and (?#…).
func (p *parser) blanks() {
	for p.more() {
		switch {
		case p.flags&Expanded != 0 && isSpace(rune(p.s[p.at])):
			p.at++
		case p.flags&Expanded != 0 && p.s[p.at] == '#':
			if i := strings.IndexByte(p.s[p.at:], '\n'); i >= 0 {
				p.at += i
			} else {
				p.at = len(p.s)
			}
		case p.advanced() && p.sees("(?#"):
			if i := strings.IndexByte(p.s[p.at:], ')'); i >= 0 {
				p.at += i + 1
			} else {
				p.at = len(p.s)
			}
		default:
			return
		}
	}
}

func (p *parser) branch(inner bool) *node {
	cat := one(&node{op: opCat})
	for p.err == nil {
		if p.blanks(); !p.more() {
			break
		}
		if p.basic() && p.sees(`\)`) || !p.basic() && (p.s[p.at] == '|' || p.s[p.at] == ')' && (inner || p.advanced())) {
			break
		}
		first := len(cat.subs) == 0
		n := p.atom(first)
		if p.err != nil {
			break
		}
		if p.blanks(); n.op != opAssert && n.op != opLook {
			p.quantifier(n)
		}
		cat.subs = append(cat.subs, n)
	}
	return cat
}

// atom reads one part of a branch.
func (p *parser) atom(first bool) *node {
	if p.basic() {
		return p.basicAtom(first)
	}
	switch r := p.next(); r {
	case '*', '+', '?':
		p.fail(errRepeat)
	case '{':
		if !p.more() || !isDigit(rune(p.s[p.at])) {
			return p.char(r)
		}
		p.fail(errRepeat)
	case '(':
		return p.paren()
	case '[':
		return p.bracket()
	case '.':
		return p.setNode(&charSet{negate: true, noLine: p.flags&NewlineStop != 0})
	case '^':
		return p.assert(p.anchor(atStart, atLineStart))
	case '$':
		return p.assert(p.anchor(atEnd, atLineEnd))
	case '\\':
		return p.escaped()
	default:
		return p.char(r)
	}
	return &node{}
}

func (p *parser) anchor(whole, line assertion) assertion {
	if p.flags&NewlineAnchor != 0 {
		return line
	}
	return whole
}

// paren reads behind "(": a group, look-around.
func (p *parser) paren() *node {
	n := one(&node{op: opGroup})
	switch {
	case !p.advanced() || !p.sees("?"):
		if p.look == 0 {
			n.group = len(p.groups)
			p.groups = append(p.groups, nil)
		}
	case p.accept("?:"):
	case p.accept("?="), p.accept("?!"), p.accept("?<="), p.accept("?<!"):
		n.op, n.not, n.behind = opLook, p.s[p.at-1] == '!', p.s[p.at-2] == '<'
		p.look++
	default:
		p.fail(errRepeat)
		return n
	}
	n.subs = []*node{p.alternatives(true)}
	if p.err == nil && !p.accept(")") {
		p.fail(errParen)
	}
	if n.op == opLook {
		p.look--
	}
	if n.group > 0 {
		p.groups[n.group] = n
	}
	return n
}

// quantifier reads what may stand behind an atom.
func (p *parser) quantifier(n *node) {
	if !p.more() {
		return
	}
	n.pref = prefLong
	switch c := p.s[p.at]; {
	case c == '*':
		n.min, n.max = 0, infinite
	case c == '+' && !p.basic():
		n.min, n.max = 1, infinite
	case c == '?' && !p.basic():
		n.min, n.max = 0, 1
	case c == '{' && !p.basic() && p.at+1 < len(p.s) && isDigit(rune(p.s[p.at+1])):
		p.at++
		p.bound(n, "}")
		p.lazy(n)
		return
	case p.basic() && p.sees(`\{`):
		p.at += 2
		p.bound(n, `\}`)
		return
	default:
		n.pref = prefNone
		return
	}
	p.at++
	p.lazy(n)
}

// lazy reads the ? that makes a quantifier non-greedy.
func (p *parser) lazy(n *node) {
	if p.advanced() && p.accept("?") && n.pref != prefNone {
		n.pref = prefShort
	}
}

func (p *parser) bound(n *node, end string) {
	n.min = p.count()
	n.max, n.pref = n.min, prefNone
	if p.accept(",") {
		n.pref = prefLong
		if n.max = infinite; p.more() && isDigit(rune(p.s[p.at])) {
			if n.max = p.count(); n.max < n.min {
				p.fail(errBound)
			}
		}
	}
	switch {
	case p.err == nil && !p.more():
		p.fail(errBrace)
	case !p.accept(end):
		p.fail(errBound)
	}
}

func (p *parser) count() int {
	n := 0
	start := p.at
	for ; p.more() && isDigit(rune(p.s[p.at])); p.at++ {
		if n = n*10 + int(p.s[p.at]-'0'); n > repeatMax {
			p.fail(errBound)
			return 0
		}
	}
	if p.at == start {
		p.fail(errBound)
	}
	return n
}

// backref refers to a group that is closed.
func (p *parser) backref(n int) *node {
	if n >= len(p.groups) || p.groups[n] == nil || p.look > 0 {
		p.fail(errBackref)
		return &node{}
	}
	return one(&node{op: opBackref, group: n, target: p.groups[n]})
}

func (p *parser) escaped() *node {
	if !p.more() {
		p.fail(errEscape)
		return &node{}
	}
	r := p.next()
	if !p.advanced() {
		return p.char(r)
	}
	if r < 128 {
		switch r {
		case 'd':
			return p.classNode("digit", false)
		case 'D':
			return p.classNode("digit", true)
		case 's':
			return p.classNode("space", false)
		case 'S':
			return p.classNode("space", true)
		case 'w':
			return p.classNode("word", false)
		case 'W':
			return p.classNode("word", true)
		}
		if i := strings.IndexRune("AZmMyY", r); i >= 0 {
			return p.assert([...]assertion{atStart, atEnd, atWordStart, atWordEnd, atWordEdge, notWordEdge}[i])
		}
		if r >= '1' && r <= '9' {
			return p.numberEscape()
		}
	}
	return p.char(p.charEscape(r))
}

// numberEscape is a back reference if it has one digit or there are so many groups, else an octal code.
func (p *parser) numberEscape() *node {
	start := p.at
	n := int(p.s[start-1] - '0')
	for p.more() && isDigit(rune(p.s[p.at])) && p.at-start < 254 {
		n = min(n*10+int(p.s[p.at]-'0'), 1<<20)
		p.at++
	}
	if p.at == start || n < len(p.groups) {
		return p.backref(n)
	}
	p.at = start - 1
	return p.char(p.digits(8, 1, 3))
}

// charEscape is the character that \r means.
func (p *parser) charEscape(r rune) rune {
	switch r {
	case 'a':
		return 7
	case 'b':
		return '\b'
	case 'B':
		return '\\'
	case 'c':
		if !p.more() {
			p.fail(errEscape)
			return 0
		}
		return p.next() & 31
	case 'e':
		return 27
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'v':
		return '\v'
	case 'u':
		return p.digits(16, 4, 4)
	case 'U':
		return p.digits(16, 8, 8)
	case 'x':
		return p.digits(16, 1, 255)
	case '0':
		p.at--
		return p.digits(8, 1, 3)
	}
	if r < 128 && (isLetter(byte(r)) || isDigit(r)) {
		p.fail(errEscape)
	}
	return r
}

func (p *parser) digits(base, least, most int) rune {
	n, count := 0, 0
	for ; count < most && p.more(); count++ {
		d := strings.IndexByte("0123456789abcdef", p.s[p.at]|map[bool]byte{true: 32}[isLetter(p.s[p.at])])
		if d < 0 || d >= base {
			break
		}
		n = n*base + d
		if p.at++; n > 0x7ffffffe {
			p.fail(errEscape)
			return 0
		}
	}
	if count < least {
		p.fail(errEscape)
	}
	return rune(n)
}

// basicAtom reads one part of a BRE.
func (p *parser) basicAtom(first bool) *node {
	switch r := p.next(); r {
	case '*':
		if first {
			return p.char(r)
		}
		p.fail(errRepeat)
	case '[':
		return p.bracket()
	case '.':
		return p.setNode(&charSet{negate: true, noLine: p.flags&NewlineStop != 0})
	case '^':
		if first {
			return p.assert(p.anchor(atStart, atLineStart))
		}
		return p.char(r)
	case '$':
		if !p.more() || p.sees(`\)`) {
			return p.assert(p.anchor(atEnd, atLineEnd))
		}
		return p.char(r)
	case '\\':
		return p.basicEscape()
	default:
		return p.char(r)
	}
	return &node{}
}

func (p *parser) basicEscape() *node {
	if !p.more() {
		p.fail(errEscape)
		return &node{}
	}
	switch r := p.next(); {
	case r == '(':
		n := one(&node{op: opGroup, group: len(p.groups)})
		p.groups = append(p.groups, nil)
		n.subs = []*node{p.alternatives(true)}
		if p.err == nil && !p.accept(`\)`) {
			p.fail(errParen)
		}
		p.groups[n.group] = n
		return n
	case r == '{':
		p.fail(errRepeat)
	case r == '<':
		return p.assert(atWordStart)
	case r == '>':
		return p.assert(atWordEnd)
	case r >= '1' && r <= '9':
		return p.backref(int(r - '0'))
	default:
		return p.char(r)
	}
	return &node{}
}
