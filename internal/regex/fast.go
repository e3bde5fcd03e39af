package regex

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// fastPath is the pattern as Go's regexp knows it, where both agree on whether there is a match, on where the first one
// begins and on the longest that begins there: without back references, look-around and edges of words.
type fastPath struct {
	re       *regexp.Regexp // for Match
	longest  *regexp.Regexp
	anywhere bool // no assertions: what stands before the start does not matter
}

// foldMax is the most characters of a range that are written out with their other case.
const foldMax = 300

func fastOf(root *node, t *tree) *fastPath {
	if t.flags&flagBackref != 0 {
		return nil
	}
	w := fastWriter{anywhere: true}
	if !w.node(root) {
		return nil
	}
	re, err := regexp.Compile(w.String())
	if err != nil { // counts beyond Go's bound
		return nil
	}
	longest := regexp.MustCompile(w.String())
	longest.Longest()
	return &fastPath{re: re, longest: longest, anywhere: w.anywhere}
}

// fastWriter writes a pattern in Go's syntax; false: it cannot.
type fastWriter struct {
	strings.Builder
	anywhere bool
}

func (w *fastWriter) node(n *node) bool {
	switch n.op {
	case opSet:
		if !w.set(n.set) {
			return false
		}
	case opAssert:
		w.anywhere = false
		at := map[assertion]string{atStart: `\A`, atEnd: `\z`, atLineStart: `(?m:^)`, atLineEnd: `(?m:$)`}[n.at]
		if at == "" {
			return false
		}
		w.WriteString(at)
	case opGroup:
		return w.node(n.subs[0]) && w.repeat(n)
	case opCat:
		for _, s := range n.subs {
			if !w.node(s) {
				return false
			}
		}
		return true
	case opAlt:
		w.WriteString("(?:")
		for i, s := range n.subs {
			if i > 0 {
				w.WriteByte('|')
			}
			if !w.node(s) {
				return false
			}
		}
		w.WriteByte(')')
		return true
	default:
		return false
	}
	return w.repeat(n)
}

func (w *fastWriter) repeat(n *node) bool {
	switch {
	case n.min == 1 && n.max == 1:
	case n.min == 0 && n.max == infinite:
		w.WriteByte('*')
	case n.min == 1 && n.max == infinite:
		w.WriteByte('+')
	case n.max == infinite:
		fmt.Fprintf(w, "{%d,}", n.min)
	default:
		fmt.Fprintf(w, "{%d,%d}", n.min, n.max)
	}
	return true
}

func (w *fastWriter) set(s *charSet) bool {
	if len(s.classes) == 0 && len(s.ranges) == 2 && s.ranges[0] == s.ranges[1] && !s.fold && !s.negate {
		w.WriteString(regexp.QuoteMeta(string(s.ranges[0])))
		return true
	}
	if len(s.ranges) == 0 && len(s.classes) == 0 {
		w.WriteString(map[[2]bool]string{{true, false}: `(?s:.)`, {true, true}: `[^\n]`}[[2]bool{s.negate, s.noLine}])
		return s.negate
	}
	w.WriteByte('[')
	if s.negate {
		w.WriteByte('^')
		if s.noLine {
			w.WriteString(`\n`)
		}
	}
	for i := 0; i < len(s.ranges); i += 2 {
		lo, hi := s.ranges[i], s.ranges[i+1]
		if hi > unicode.MaxRune || lo > hi {
			return false
		}
		fmt.Fprintf(w, `\x{%x}-\x{%x}`, lo, hi)
		if s.fold && !w.otherCases(lo, hi) {
			return false
		}
	}
	for _, c := range s.classes {
		if c.not || c.src == "" {
			return false
		}
		w.WriteString(c.src)
	}
	w.WriteByte(']')
	return !s.fold || len(s.classes) == 0
}

// otherCases writes the characters whose lower or upper case lies in lo..hi; that is how a set that folds is asked.
func (w *fastWriter) otherCases(lo, hi rune) bool {
	if hi-lo > foldMax {
		return false
	}
	for r := lo; r <= hi; r++ {
		for _, c := range caseVariants(r) {
			if c != r {
				fmt.Fprintf(w, `\x{%x}`, c)
			}
		}
	}
	return true
}

// caseVariants are the characters that have r as their lower or upper case.
func caseVariants(r rune) []rune {
	out := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if unicode.ToLower(f) == r || unicode.ToUpper(f) == r {
			out = append(out, f)
		}
	}
	return out
}
