package javatime

import (
	"strings"
	"unicode/utf8"

	"streamsql/internal/pgerr"
)

// patternMax bounds the length of a pattern in bytes; real ones have some dozens. It bounds the depth of brackets, too.
const patternMax = 1000

// Pattern is a compiled pattern. It is never changed and may be used by many goroutines.
type Pattern struct {
	text string
	elem []element
}

// signs says where a number may have a sign.
type signs uint8

const (
	notNegative signs = iota
	normal            // only a minus
	exceedsPad        // a minus, or a plus if the number is wider than its minimum
)

// element is one step of a pattern.
type element struct {
	kind kind
	// Numbers: the field, its digits, and how many digits the fixed-width numbers that follow without a separator take.
	field    field
	min, max int
	sign     signs
	next     int
	joined   bool // it is one of those that follow
	style    style
	pad      int       // filled with blanks to this width; 0: not
	text     string    // of a literal, of offset zero
	sub      []element // in brackets
	layout   layout    // of an offset
}

type kind uint8

const (
	number kind = iota
	reduced
	fraction
	word
	literal
	optional
	zoneID
	zoneName
	offset
	localOffset
)

// builder is the state of one bracket level.
type builder struct {
	elem   []element
	active int // index of the number that following fixed-width numbers take digits from; -1: none
}

// String returns the pattern's text.
func (p *Pattern) String() string { return p.text }

// Compile reads a pattern. Error: 22023 for one that Java would refuse, 0A000 for a letter that is not supported.
func Compile(pattern string) (*Pattern, error) {
	if len(pattern) > patternMax {
		return nil, pgerr.New(pgerr.ProgramLimitExceeded, "date and time pattern is longer than %d bytes", patternMax)
	}
	levels := []*builder{{active: -1}}
	for i := 0; i < len(pattern); {
		top := levels[len(levels)-1]
		switch c := pattern[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n, err := top.letters(pattern, i)
			if err != nil {
				return nil, err
			}
			i += n
		case c == '\'':
			text, n, ok := quoted(pattern[i:])
			if !ok {
				return nil, badPattern(pattern, "a string literal does not end")
			}
			top.add(element{kind: literal, text: text})
			i += n
		case c == '[':
			top.active = -1
			levels = append(levels, &builder{active: -1})
			i++
		case c == ']':
			if len(levels) == 1 {
				return nil, badPattern(pattern, "it has ] without a [")
			}
			levels = levels[:len(levels)-1]
			levels[len(levels)-1].add(element{kind: optional, sub: top.elem})
			i++
		case c == '{' || c == '}' || c == '#':
			return nil, badPattern(pattern, "it has a reserved character: "+string(c))
		default:
			_, n := utf8.DecodeRuneInString(pattern[i:])
			top.add(element{kind: literal, text: pattern[i : i+n]})
			i += n
		}
	}
	for len(levels) > 1 { // brackets left open end with the pattern
		top := levels[len(levels)-1]
		levels = levels[:len(levels)-1]
		levels[len(levels)-1].add(element{kind: optional, sub: top.elem})
	}
	return &Pattern{text: pattern, elem: levels[0].elem}, nil
}

func badPattern(pattern, why string) error {
	return pgerr.New(pgerr.InvalidParameterValue, "invalid date and time pattern %q: %s", pattern, why)
}

// quoted reads a literal in quotes; n is how long it is in the pattern. Two quotes are one, within and without.
func quoted(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		if i == 1 {
			return "'", 2, true
		}
		return b.String(), i + 1, true
	}
	return "", 0, false
}

func (b *builder) add(e element) {
	b.elem = append(b.elem, e)
	b.active = -1
}

// addNumber adds a number that may stand beside others without a separator; false if the one before it is padded.
func (b *builder) addNumber(e element) bool {
	at := b.active
	b.add(e)
	last := len(b.elem) - 1
	b.active = last
	switch {
	case at < 0:
	case b.elem[at].pad > 0:
		return false
	case e.min == e.max && e.sign == notNegative:
		b.elem[at].next += e.max
		b.elem[last].joined = true
		b.active = at
	}
	return true
}

// letters reads a run of one letter, with a run of p for padding before it, and returns how long both are.
func (b *builder) letters(pattern string, at int) (n int, err error) {
	run := func(i int) int {
		j := i
		for j < len(pattern) && pattern[j] == pattern[i] {
			j++
		}
		return j - i
	}
	n = run(at)
	pad := 0
	if pattern[at] == 'p' {
		pad = n
		at += n
		if at == len(pattern) || !(pattern[at] >= 'a' && pattern[at] <= 'z' || pattern[at] >= 'A' && pattern[at] <= 'Z') || pattern[at] == 'p' {
			return 0, badPattern(pattern, "p must stand before a letter that it pads")
		}
		n += run(at)
	}
	count := run(at)
	e, err := letter(pattern, pattern[at], count)
	if err != nil {
		return 0, err
	}
	e.pad = pad
	switch e.kind {
	case number, reduced, fraction:
		if !b.addNumber(e) {
			return 0, badPattern(pattern, "a number stands beside a padded one")
		}
	default:
		b.add(e)
	}
	return n, nil
}
