package regex

import (
	"slices"
	"unicode"
)

// charSet is the set of characters that one place of a pattern takes.
type charSet struct {
	ascii   [2]uint64 // the answer for characters below 128
	ranges  []rune    // pairs, any order
	classes []*class
	negate  bool
	fold    bool // case does not count
	noLine  bool // never a newline
}

// class is a named class of characters.
type class struct {
	name string
	in   func(r rune) bool
	not  bool
	src  string // in Go's syntax, between brackets; "" where there is none
}

// blanks beyond ASCII, as the C library of Linux counts them: without those that do not break.
func isSpace(r rune) bool {
	if r < 128 {
		return r == ' ' || r >= '\t' && r <= '\r'
	}
	return r == 0x85 || r == 0x1680 || r >= 0x2000 && r <= 0x2006 || r >= 0x2008 && r <= 0x200a || r == 0x2028 || r == 0x2029 || r == 0x205f || r == 0x3000
}

func isAlpha(r rune) bool { return unicode.IsLetter(r) }
func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isAlnum(r rune) bool { return isAlpha(r) || unicode.Is(unicode.Nd, r) }
func isWord(r rune) bool  { return isAlnum(r) || r == '_' }
func isGraph(r rune) bool { return unicode.IsGraphic(r) && !isSpace(r) && !unicode.Is(unicode.Zs, r) }

const spaceSrc = `\t-\r \x{85}\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}`

var classes = map[string]*class{}

func init() {
	for _, c := range []class{
		{name: "alnum", in: isAlnum, src: `\pL\p{Nd}`}, {name: "alpha", in: isAlpha, src: `\pL`},
		{name: "ascii", in: func(r rune) bool { return r < 128 }, src: `\x00-\x7f`},
		{name: "blank", in: func(r rune) bool { return r == ' ' || r == '\t' }, src: ` \t`},
		{name: "cntrl", in: unicode.IsControl}, {name: "digit", in: isDigit, src: `0-9`},
		{name: "graph", in: isGraph}, {name: "lower", in: unicode.IsLower, src: `\p{Ll}`},
		{name: "print", in: func(r rune) bool { return isGraph(r) || r != '\t' && isSpace(r) && !unicode.IsControl(r) }},
		{name: "punct", in: func(r rune) bool { return isGraph(r) && !isAlnum(r) }},
		{name: "space", in: isSpace, src: spaceSrc}, {name: "upper", in: unicode.IsUpper, src: `\p{Lu}`},
		{name: "word", in: isWord, src: `\pL\p{Nd}_`},
		{name: "xdigit", in: func(r rune) bool { return isDigit(r) || r|32 >= 'a' && r|32 <= 'f' && r < 128 }, src: `0-9a-fA-F`},
	} {
		classes[c.name] = &c
	}
}

// add puts lo..hi into the set.
func (s *charSet) add(lo, hi rune) { s.ranges = append(s.ranges, lo, hi) }

// addClass puts a class, or what is not in it, into the set.
func (s *charSet) addClass(c *class, not bool) {
	if not {
		d := *c
		d.not = true
		c = &d
	}
	s.classes = append(s.classes, c)
}

func (s *charSet) listed(r rune) bool {
	for i := 0; i < len(s.ranges); i += 2 {
		if r >= s.ranges[i] && r <= s.ranges[i+1] {
			return true
		}
	}
	return slices.ContainsFunc(s.classes, func(c *class) bool { return c.in(r) != c.not })
}

func (s *charSet) compute(r rune) bool {
	if s.noLine && r == '\n' {
		return false
	}
	in := s.listed(r)
	if !in && s.fold {
		in = s.listed(unicode.ToLower(r)) || s.listed(unicode.ToUpper(r))
	}
	return in != s.negate
}

// seal fixes the answers for ASCII; the set is not changed afterwards.
func (s *charSet) seal() *charSet {
	for r := range rune(128) {
		if s.compute(r) {
			s.ascii[r>>6] |= 1 << (r & 63)
		}
	}
	return s
}

func (s *charSet) has(r rune) bool {
	if r < 128 {
		return s.ascii[r>>6]>>(r&63)&1 != 0
	}
	return s.compute(r)
}
