package expr

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"streamsql/internal/pgerr"
	"streamsql/internal/types"
)

// LIKE and ILIKE.

func init() {
	for _, l := range []struct {
		op, fn    string
		not, fold bool
		ex        string
	}{
		{"~~", "like", false, false, "'abc' ~~ 'a%' => t"},
		{"!~~", "notlike", true, false, "'abc' !~~ '_b_' => f"},
		{"~~*", "ilike", false, true, "'ABC' ~~* 'a%' => t"},
		{"!~~*", "notilike", true, true, "'ABC' !~~* 'b%' => t"},
	} {
		build := buildLike(l.not, l.fold)
		def(l.op+"(text, text) bool", "LIKE and its kin", l.ex, build)
		def(l.fn+"(text, text) bool", "LIKE and its kin", "", build)
		if !l.fold {
			def(l.op+"(bytea, bytea) bool", "LIKE over bytes", "", likeBytes(l.not))
			def(l.fn+"(bytea, bytea) bool", "LIKE over bytes", "", likeBytes(l.not))
		}
	}
	def("like_escape(bytea, bytea) bytea", "a LIKE pattern with another escape character made one with \\", `like_escape('a#%'::bytea, '#'::bytea) => \x615c25`,
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			p, err := likeEscape(string(appendWide(nil, a[0].Bytes)), string(appendWide(nil, a[1].Bytes)))
			return types.BytesValue(narrowBytes(p)), err
		}))
	def("like_escape(text, text) text", "a LIKE pattern with another escape character made one with \\", "like_escape('a#%', '#') => a\\%",
		rows(func(_ *row, a []types.Value) (types.Value, error) {
			p, err := likeEscape(string(a[0].Bytes), string(a[1].Bytes))
			return types.TextValue(p), err
		}))
}

// appendWide makes a character of each byte, so that what counts characters counts bytes; narrowBytes is its inverse.
func appendWide(dst, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, rune(c))
	}
	return dst
}

func narrowBytes(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

// likeBytes is LIKE where _ is any byte.
func likeBytes(not bool) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		var last *likePattern
		var lastBytes []byte
		return func(r *row, a []types.Value) (types.Value, error) {
			if last == nil || !bytes.Equal(lastBytes, a[1].Bytes) {
				last = newLikePattern(string(appendWide(nil, a[1].Bytes)), false)
				lastBytes = append(lastBytes[:0], a[1].Bytes...)
			}
			r.buf = appendWide(r.buf[:0], a[0].Bytes)
			if last.err != nil {
				ok, err := last.matchBroken(r.buf, last.src)
				return types.BoolValue((ok == likeTrue) != not), err
			}
			return types.BoolValue(last.match(r.buf, nil) != not), nil
		}, nil
	})
}

// likePattern is a compiled pattern. Without _ it is the literal pieces between the %s.
type likePattern struct {
	src    string
	pieces [][]byte // nil if the pattern has a _
	fold   bool
	err    error // raised when a text that is not empty gets there, as in PostgreSQL
}

func newLikePattern(src string, fold bool) *likePattern {
	p := &likePattern{src: src, fold: fold}
	if fold {
		p.src = strings.ToLower(src)
	}
	var piece []byte
	plain := true
	for i := 0; i < len(p.src); i++ {
		switch c := p.src[i]; c {
		case '\\':
			i++
			if i == len(p.src) {
				p.err = pgerr.New(pgerr.InvalidEscapeSequence, "LIKE pattern must not end with escape character")
				return p
			}
			piece = append(piece, p.src[i])
		case '_':
			plain = false
		case '%':
			p.pieces = append(p.pieces, piece)
			piece = nil
		default:
			piece = append(piece, c)
		}
	}
	p.pieces = append(p.pieces, piece)
	if !plain {
		p.pieces = nil
	}
	return p
}

// match reports whether s matches; buf is scratch for folding.
func (p *likePattern) match(s []byte, buf *[]byte) bool {
	if p.fold {
		*buf = (*buf)[:0]
		for i := 0; i < len(s); {
			c, size := utf8.DecodeRune(s[i:])
			*buf = utf8.AppendRune(*buf, unicode.ToLower(c))
			i += size
		}
		s = *buf
	}
	if p.pieces == nil {
		return matchLike(s, p.src)
	}
	first, last := p.pieces[0], p.pieces[len(p.pieces)-1]
	if len(p.pieces) == 1 {
		return bytes.Equal(s, first)
	}
	if len(s) < len(first)+len(last) || !bytes.HasPrefix(s, first) || !bytes.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, piece := range p.pieces[1 : len(p.pieces)-1] {
		i := bytes.Index(s, piece)
		if i < 0 {
			return false
		}
		s = s[i+len(piece):]
	}
	return true
}

// The results of matchBroken: likeAbort is a mismatch that no longer piece of text before the last % can mend.
const (
	likeFalse = iota
	likeTrue
	likeAbort
)

// matchBroken matches a pattern that ends with its escape character, step by step as PostgreSQL does: it is an error
// only for texts that get there.
func (p *likePattern) matchBroken(s []byte, pat string) (int, error) {
	for len(s) > 0 && pat != "" {
		switch c := pat[0]; c {
		case '\\':
			if len(pat) == 1 {
				return likeFalse, p.err
			}
			if pat[1] != s[0] {
				return likeFalse, nil
			}
			s, pat = s[1:], pat[2:]
		case '_':
			_, size := utf8.DecodeRune(s)
			s, pat = s[size:], pat[1:]
		case '%':
			return p.matchRest(s, pat[1:])
		default:
			if c != s[0] {
				return likeFalse, nil
			}
			s, pat = s[1:], pat[1:]
		}
	}
	if len(s) > 0 {
		return likeFalse, nil
	}
	if strings.Trim(pat, "%") == "" {
		return likeTrue, nil
	}
	return likeAbort, nil
}

// matchRest matches what stands behind a %.
func (p *likePattern) matchRest(s []byte, pat string) (int, error) {
	for pat != "" && (pat[0] == '%' || pat[0] == '_') {
		if pat[0] == '_' {
			if len(s) == 0 {
				return likeAbort, nil
			}
			_, size := utf8.DecodeRune(s)
			s = s[size:]
		}
		pat = pat[1:]
	}
	if pat == "" {
		return likeTrue, nil
	}
	first := pat[0]
	if first == '\\' {
		if len(pat) == 1 {
			return likeFalse, p.err
		}
		first = pat[1]
	}
	for len(s) > 0 {
		if s[0] == first {
			if m, err := p.matchBroken(s, pat); m != likeFalse || err != nil {
				return m, err
			}
		}
		_, size := utf8.DecodeRune(s)
		s = s[size:]
	}
	return likeAbort, nil
}

// matchLike matches any pattern, going back to the last % when stuck.
func matchLike(s []byte, p string) bool {
	si, pi, starS, starP := 0, 0, 0, -1
	for si < len(s) || pi < len(p) {
		if pi < len(p) {
			switch c := p[pi]; {
			case c == '%':
				starP, starS = pi, si
				pi++
				continue
			case si == len(s):
				// the pattern wants more
			case c == '_':
				_, size := utf8.DecodeRune(s[si:])
				si, pi = si+size, pi+1
				continue
			case c == '\\' && p[pi+1] == s[si]:
				si, pi = si+1, pi+2
				continue
			case c != '\\' && c == s[si]:
				si, pi = si+1, pi+1
				continue
			}
		}
		if starP < 0 || starS >= len(s) {
			return false
		}
		_, size := utf8.DecodeRune(s[starS:])
		starS += size
		si, pi = starS, starP+1
	}
	return true
}

// likeEscape rewrites a pattern whose escape character is esc ("" for none) to one with backslashes.
func likeEscape(p, esc string) (string, error) {
	if esc == `\` {
		return p, nil
	}
	if utf8.RuneCountInString(esc) > 1 {
		return "", pgerr.New(pgerr.InvalidEscapeSequence, "invalid escape string").WithHint("Escape string must be empty or one character.")
	}
	var b strings.Builder
	afterEscape := false
	for _, c := range p {
		switch {
		case esc != "" && string(c) == esc && !afterEscape:
			b.WriteByte('\\')
			afterEscape = true
			continue
		case c == '\\' && !afterEscape:
			b.WriteString(`\\`)
		default:
			b.WriteRune(c)
		}
		afterEscape = false
	}
	return b.String(), nil
}

// buildLike compiles the pattern once if it is constant, and again whenever it changes if not.
func buildLike(not, fold bool) func(*Call) (kernel, error) {
	general := buildLikeRows(not, fold)
	return func(c *Call) (kernel, error) {
		if p, ok := c.Args[1].(*Const); ok && !p.V.Null {
			if lp := newLikePattern(string(p.V.Bytes), fold); lp.err == nil {
				var buf []byte
				return bytesPredicate(func(b []byte) bool { return lp.match(b, &buf) != not }), nil
			}
		}
		return general(c)
	}
}

func buildLikeRows(not, fold bool) func(*Call) (kernel, error) {
	return rowsFor(func(*Call) (rowFunc, error) {
		var last *likePattern
		var lastText []byte
		return func(r *row, a []types.Value) (types.Value, error) {
			if last == nil || !bytes.Equal(lastText, a[1].Bytes) {
				last = newLikePattern(string(a[1].Bytes), fold)
				lastText = append(lastText[:0], a[1].Bytes...)
			}
			if last.err != nil {
				s := a[0].Bytes
				if fold {
					s = []byte(strings.ToLower(string(s)))
				}
				ok, err := last.matchBroken(s, last.src)
				return types.BoolValue((ok == likeTrue) != not), err
			}
			return types.BoolValue(last.match(a[0].Bytes, &r.buf) != not), nil
		}, nil
	})
}
